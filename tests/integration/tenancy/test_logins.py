"""Tenants with log-ins of their own: no SQL in a tenant's session makes it another's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import NotSupportedError
from django.db.utils import DataError, OperationalError

from tests.integration.tenancy.conftest import SHOPS
from tests.integration.tenancy.test_isolation import HOLES, ask, crowd, unblocked, wrapper
from weedgo.tenancy import isolation, logins
from weedgo.tenancy.backend import base as ours
from weedgo.tenancy.backend.activation import kept

__all__ = ["unblocked"]

ROLE = "SELECT public.weedgo_role_of(id) FROM tenancy_tenant WHERE schema_name = %s"


@pytest.fixture
def open_site(site, settings, monkeypatch) -> Iterator[Any]:
    """The site, whose tenants log in as themselves."""
    monkeypatch.setitem(settings.DATABASES["default"], "TENANT_LOGINS", True)
    with psycopg.connect(site.owner, autocommit=True) as conn, conn.cursor() as cursor:
        isolation.isolate_by(cursor, site.login)
        yield site
        monkeypatch.undo()
        isolation.isolate_by(cursor, site.login)


@pytest.fixture
def connection(open_site) -> Iterator[Any]:
    with kept():
        made = wrapper(ours, open_site.application, TENANT_LOGINS=True)
        yield made
        made.close()


def role_of(site: Any, shop: str) -> str:
    with psycopg.connect(site.owner) as conn:
        return str(conn.execute(ROLE, [shop]).fetchone()[0])


def test_a_session_is_the_tenants_and_nobody_elses(open_site, connection):
    birch = role_of(open_site, "birch")
    connection.set_schema("ash")
    assert ask(connection, "SELECT session_user") == role_of(open_site, "ash")
    assert ask(connection, "SELECT word FROM words") == "ash"
    for hole in (f"SET ROLE {birch}", "SET ROLE weedgo_platform", *HOLES.values()):
        assert ask(connection, hole) is None
    assert ask(connection, "RESET ROLE; SELECT count(*) FROM birch.words") is None


def test_without_it_the_session_may_become_another_tenant(site):
    with kept():
        connection = wrapper(ours, site.application)
        connection.set_schema("ash")
        assert ask(connection, f"SET ROLE {role_of(site, 'birch')}") == "done"
        assert ask(connection, "SELECT word FROM birch.words") == "birch"
        connection.close()


def test_sessions_are_kept_for_later(connection):
    query = "SELECT pg_backend_pid()"
    seen = []
    for shop in (*SHOPS, *SHOPS):
        connection.set_schema(shop)
        seen.append(ask(connection, query))
        connection.deactivate()
        assert ask(connection, "SELECT count(*) FROM tenancy_tenant") is None
    assert seen[:2] == seen[2:]
    assert len(set(seen)) == 2


def test_a_transaction_stays_whose_it_is(open_site, connection):
    connection.set_schema("ash")
    with atomic(connection):
        assert ask(connection, "SELECT word FROM words") == "ash"
        connection.set_schema("birch")
        with pytest.raises(NotSupportedError, match="cannot go on as another's"):
            ask(connection, "SELECT word FROM words")
        connection.set_schema("ash")
        assert ask(connection, "SELECT session_user") == role_of(open_site, "ash")
    connection.set_schema("birch")
    assert ask(connection, "SELECT word FROM words") == "birch"


def test_a_transaction_of_the_platform_may_look_at_tenants(connection):
    connection.set_schema_to_public()
    with atomic(connection):
        assert ask(connection, "SELECT count(*) >= 2 FROM tenancy_tenant")
        connection.set_schema("ash")
        assert ask(connection, "SELECT word FROM words") == "ash"
        connection.set_schema_to_public()


def test_a_transaction_begins_in_the_tenants_session(open_site, connection):
    connection.set_schema_to_public()
    assert ask(connection, "SELECT session_user") == open_site.login
    connection.set_schema("ash")
    with atomic(connection):
        assert ask(connection, "SELECT session_user") == role_of(open_site, "ash")


def test_a_crowd_reads_its_own_rows_only(open_site):
    assert crowd(open_site, turns=50, TENANT_LOGINS=True) == []


def test_a_tenant_that_is_not_active_cannot_log_in(open_site, connection):
    project, shop = open_site.project, "alder"
    project.done("create_tenant", shop, "--domain", "alder.localhost")
    with psycopg.connect(open_site.owner, autocommit=True) as conn, conn.cursor() as cursor:
        isolation.isolate_by(cursor, open_site.login)
        connection.set_schema(shop)
        assert ask(connection, "SELECT count(*) FROM orders") == 0
        cursor.execute("UPDATE tenancy_tenant SET state = 'suspended' WHERE schema_name = 'alder'")
        isolation.isolate_by(cursor, open_site.login)
        connection.set_schema(shop)
        with pytest.raises(DataError, match="no active tenant"):
            ask(connection, "SELECT count(*) FROM orders")
        connection.close()
        connection.set_schema(shop)
        with pytest.raises(OperationalError, match="not permitted to log in"):
            ask(connection, "SELECT count(*) FROM orders")
        connection.deactivate()
        cursor.execute("UPDATE tenancy_tenant SET state = 'retired' WHERE schema_name = 'alder'")
    project.done("delete_tenant", shop, "--confirm", shop)


@pytest.fixture
def asked_for_passwords(open_site) -> Iterator[None]:
    """The server asks the tenants of the site, and nobody else, for their passwords."""
    roles = [role_of(open_site, shop) for shop in SHOPS]
    with psycopg.connect(open_site.owner, autocommit=True) as conn:
        place = Path(conn.execute("SHOW hba_file").fetchone()[0])
        before = place.read_text()
        rules = [f"host {conn.info.dbname} {role} all scram-sha-256" for role in roles]
        try:
            place.write_text("\n".join([*rules, before]))
            conn.execute("SELECT pg_reload_conf()")
            # The server takes the rules up on its own time.
            _until_refused(open_site.owner.replace("postgres@", f"{roles[0]}@"))
            yield
        finally:
            place.write_text(before)
            conn.execute("SELECT pg_reload_conf()")


def _until_refused(url: str) -> None:
    pause = threading.Event()
    for _ in range(600):
        try:
            psycopg.connect(url, password="").close()
        except psycopg.OperationalError:
            return
        pause.wait(0.05)
    raise AssertionError("the server asks for no password")


def test_tenants_log_in_by_their_passwords(open_site, asked_for_passwords, connection, settings):
    connection.set_schema("ash")
    assert ask(connection, "SELECT session_user") == role_of(open_site, "ash")
    connection.set_schema("birch")
    assert ask(connection, "SELECT word FROM words") == "birch"
    connection.close()
    settings.SECRET_KEY = "another"
    connection.set_schema("ash")
    with pytest.raises(OperationalError, match="password authentication failed"):
        ask(connection, "SELECT word FROM words")
    connection.deactivate()


def test_the_password_is_derived_and_only_its_proof_kept(open_site, settings):
    role = role_of(open_site, "ash")
    query = "SELECT rolpassword FROM pg_authid WHERE rolname = %s"
    with psycopg.connect(open_site.owner, autocommit=True) as conn, conn.cursor() as cursor:
        proof = cursor.execute(query, [role]).fetchone()[0]
        assert proves(proof, logins.password(role))
        isolation.isolate_by(cursor, open_site.login)
        assert cursor.execute(query, [role]).fetchone()[0] == proof
        settings.SECRET_KEY = "another"
        isolation.isolate_by(cursor, open_site.login)
        assert proves(cursor.execute(query, [role]).fetchone()[0], logins.password(role))


def test_it_goes_with_no_pool(open_site):
    with kept():
        connection = wrapper(
            ours, open_site.application, TENANT_LOGINS=True, OPTIONS={"pool": {"max_size": 2}}
        )
        connection.set_schema("ash")
        with pytest.raises(ImproperlyConfigured, match="use no pool"):
            ask(connection, "SELECT 1")


def proves(proof: str, password: str) -> bool:
    """Whether what PostgreSQL keeps (RFC 5803) is of a password."""
    method, rounds, keys = proof.split("$")
    count, salt = rounds.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(count))
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored = base64.b64encode(hashlib.sha256(client).digest()).decode()
    return method == "SCRAM-SHA-256" and keys.split(":")[0] == stored


@contextmanager
def atomic(connection: Any) -> Iterator[None]:
    """`transaction.atomic` of a connection that Django does not know."""
    connection.set_autocommit(False)
    connection.in_atomic_block = True
    try:
        yield
    finally:
        connection.in_atomic_block = False
        connection.rollback()
        connection.set_autocommit(True)
