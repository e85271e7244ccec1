"""The holes that a schema per tenant leaves open: open with django-tenants' backend, closed here.

Both backends work on one database; django-tenants' with the one role that it knows, the owner's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.db.utils import ProgrammingError
from django_tenants.postgresql_backend import base as plain
from psycopg.conninfo import conninfo_to_dict

from tests.integration.tenancy.conftest import SHOPS
from weedgo.tenancy.backend import base as ours
from weedgo.tenancy.backend.activation import NOBODY, kept

REFUSED = ("42501", "42P01")


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker) -> Iterator[None]:
    """Connections of these tests are their own, to a database of their own."""
    with django_db_blocker.unblock():
        yield


def wrapper(backend: Any, url: str, **more: Any) -> Any:
    """A connection by a backend, as Django makes one."""
    at = conninfo_to_dict(url)
    made = dict(connections["default"].settings_dict)
    made.pop("EMBEDDED", None)
    made |= {
        "NAME": at["dbname"], "USER": at["user"], "HOST": at["host"], "PORT": str(at["port"]),
        "OPTIONS": {}, "CONN_HEALTH_CHECKS": False, **more,
    }  # fmt: skip
    return backend.DatabaseWrapper(made, alias="default")


@pytest.fixture(params=["django-tenants", "weedgo"])
def backend(request, site) -> Iterator[Any]:
    """Makes connections by either backend; `closed` says whether the holes are to be."""
    closed = request.param == "weedgo"
    module, url = (ours, site.application) if closed else (plain, site.owner)
    made = []

    def connect(**more: Any) -> Any:
        made.append(wrapper(module, url, **more))
        return made[-1]

    with kept():
        yield SimpleNamespace(connect=connect, closed=closed)
        for connection in made:
            connection.close()
            connection.close_pool()


def ask(connection: Any, query: str) -> Any:
    """What a query gives, or None where it is refused."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone() if cursor.description else ("done",)
            return row and row[0]
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") in REFUSED:
            return None
        raise


def crowd(site: Any, turns: int, **more: Any) -> list[Any]:
    """Wrong answers to threads with a connection each, which go from shop to shop.

    Behind a pooler no statement relies on its session.
    """
    wrong: list[Any] = []
    gate = threading.Barrier(4)

    def work(number: int) -> None:
        connection = wrapper(ours, site.application, **more)
        gate.wait()
        for turn in range(turns):
            shop = SHOPS[(number + turn) % 2]
            connection.set_schema(shop)
            if (word := ask(connection, "SELECT word FROM words")) != shop:
                wrong.append((shop, word))
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    return wrong


HOLES = {
    "qualified read": "SELECT word FROM birch.words",
    "qualified write": "UPDATE birch.words SET word = word",
    "raw search_path": "SET search_path = birch; SELECT word FROM words",
    "missing table that falls through": "SELECT price FROM prices",
    "tenants": "SELECT count(*) FROM tenancy_tenant",
    "another's function that runs as its owner": "SELECT birch.told()",
    "a shared function that runs as its owner": "SELECT public.told_by_birch()",
    "hashes of passwords": "SELECT count(password) FROM tenancy_user",
}


@pytest.mark.parametrize("hole", HOLES)
def test_a_tenants_sql_reads_and_writes_nothing_of_others(backend, hole):
    connection = backend.connect()
    connection.set_schema("ash")
    assert ask(connection, "SELECT word FROM words") == "ash"
    leaked = ask(connection, HOLES[hole])
    assert (leaked is None) == backend.closed


def test_nobody_active_reads_nothing(backend):
    connection = backend.connect()
    if backend.closed:
        connection.deactivate()
    assert (ask(connection, "SELECT count(*) FROM tenancy_tenant") is None) == backend.closed


def test_a_spoofed_setting_shows_no_sessions(backend, site):
    with psycopg.connect(site.owner, autocommit=True) as conn:
        (birch,) = conn.execute("SELECT id FROM tenancy_tenant WHERE name = 'Birch'").fetchone()
        conn.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date, tenant_id)"
            " VALUES ('theirs', '', now(), %s) ON CONFLICT DO NOTHING",
            [birch],
        )
    connection = backend.connect()
    connection.set_schema("ash")
    seen = ask(
        connection,
        f"SELECT set_config('weedgo.tenant', '{birch}', false);"
        " SELECT session_key FROM django_session WHERE session_key = 'theirs'",
    )
    if backend.closed:
        # The second statement's result is what is looked at.
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_session WHERE session_key = 'theirs'")
            assert cursor.fetchone() == (0,)
    else:
        assert seen is not None


def test_a_reused_session_of_a_pool_is_as_new(backend):
    pool = {"pool": {"min_size": 1, "max_size": 1}}
    connection = backend.connect(OPTIONS=pool)
    connection.set_schema("ash")
    assert ask(connection, "SELECT set_config('weedgo.note', 'of ash', false)") == "of ash"
    connection.close()
    other = backend.connect(OPTIONS=pool)
    other.set_schema("birch")
    left = ask(other, "SELECT current_setting('weedgo.note', true)")
    assert (left != "of ash") == backend.closed


def test_two_tasks_that_share_a_connection_keep_their_tenants(backend):
    connection = backend.connect()
    words = []

    def task(schema: str) -> Any:
        def begin() -> None:
            connection.set_schema(schema)

        def go_on() -> None:
            words.append((schema, ask(connection, "SELECT word FROM words")))

        context = copy_context()
        context.run(begin)
        return lambda: context.run(go_on)

    first, second = task("ash"), task("birch")
    first()
    second()
    wrong = [pair for pair in words if pair[0] != pair[1]]
    assert (wrong == []) == backend.closed


def test_tasks_of_one_event_loop_keep_their_tenants(backend):
    connection = backend.connect()
    # The loop's one thread for what is synchronous uses it, as it does Django's own.
    connection.inc_thread_sharing()
    query = "SELECT word FROM words"

    async def task(schema: str, here: asyncio.Barrier) -> tuple[str, Any]:
        await sync_to_async(connection.set_schema)(schema)
        # Both have set theirs before either asks.
        await here.wait()
        return schema, await sync_to_async(ask)(connection, query)

    async def both() -> list[tuple[str, Any]]:
        here = asyncio.Barrier(2)
        return await asyncio.gather(task("ash", here), task("birch", here))

    wrong = [pair for pair in asyncio.run(both()) if pair[0] != pair[1]]
    assert (wrong == []) == backend.closed


def test_a_query_that_is_made_here_and_run_later_is_refused(backend):
    """A lazy query runs as who is active when it runs; after a request that is nobody."""
    connection = backend.connect()
    connection.set_schema("ash")

    def lazy() -> Iterator[Any]:
        yield ask(connection, "SELECT word FROM words")

    rows = lazy()
    if backend.closed:
        connection.resume(NOBODY)
    # django-tenants leaves the last request's tenant on the thread's connection.
    assert (next(rows) is None) == backend.closed


def test_a_rolled_back_savepoint_leaves_the_tenant(site):
    with kept():
        connection = wrapper(ours, site.application)
        connection.set_schema("ash")
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT s")
        connection.set_schema("birch")
        assert ask(connection, "SELECT word FROM words") == "birch"
        connection._savepoint_rollback("s")
        assert ask(connection, "SELECT word FROM words") == "birch"
        connection.set_schema("ash")
        assert ask(connection, "SELECT word FROM words") == "ash"
        connection.close()


@pytest.mark.parametrize("pooler", [False, True])
def test_a_crowd_reads_its_own_rows_only(site, pooler):
    assert crowd(site, turns=50, TRANSACTION_POOLER=pooler) == []


def test_a_suspended_tenant_is_closed_and_a_deleted_one_gone(site):
    project = site.project
    project.done("create_tenant", "cedar", "--domain", "cedar.localhost")
    with kept():
        connection = wrapper(ours, site.application)
        connection.set_schema("cedar")
        assert ask(connection, "SELECT count(*) FROM orders") == 0
        project.done("suspend_tenant", "cedar")
        connection.set_schema("cedar")
        assert ask(connection, "SELECT count(*) FROM orders") is None
        project.done("suspend_tenant", "cedar", "--resume")
        project.done("rename_tenant", "cedar", "rowan", "--title", "Rowan")
        connection.set_schema("rowan")
        assert ask(connection, "SELECT count(*) FROM orders") == 0
        connection.close()
    refused = project("delete_tenant", "rowan", "--confirm", "rowan")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    project.done("retire_tenant", "rowan")
    assert project("delete_tenant", "rowan").returncode == 2
    project.done("delete_tenant", "rowan", "--confirm", "rowan")
    with psycopg.connect(site.owner) as conn:
        assert conn.execute("SELECT to_regnamespace('rowan')").fetchone() == (None,)


def test_nobody_comes_to_bear_a_name_that_another_had(site):
    """Whoever did would read the other's history, which shared tables hold by that name."""
    project = site.project
    project.done("create_tenant", "elder", "--domain", "elder.localhost")
    project.done("rename_tenant", "elder", "hazel")
    project.done("create_tenant", "larch", "--domain", "larch.localhost")
    for refused in (
        project("create_tenant", "elder", "--domain", "other.localhost"),
        project("rename_tenant", "larch", "elder"),
    ):
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "choose another name" in refused.stderr.lower()
    project.done("rename_tenant", "hazel", "elder")
    project.done("retire_tenant", "elder")
    project.done("delete_tenant", "elder", "--confirm", "elder")
    assert project("create_tenant", "elder", "--domain", "other.localhost").returncode == 2
    insert = "INSERT INTO tenancy_tenant (schema_name, name, created_at) VALUES (%s, '', now())"
    with psycopg.connect(site.owner) as conn:
        for name in ("elder", "hazel"):
            with pytest.raises(psycopg.errors.UniqueViolation), conn.transaction():
                conn.execute(insert, [name])
