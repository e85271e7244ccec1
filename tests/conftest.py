"""Fixtures that all tests share: real servers and databases on them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings
from psycopg.conninfo import conninfo_to_dict

from ratelimit import worker
from ratelimit.testing import limits_in_transaction
from tests import cluster, servers
from tests.servers import Server

Database = Callable[..., str]


def pytest_report_header() -> list[str]:
    """Say which servers the tests can use, as their absence skips tests."""
    here = servers.available()
    absent = [version for version in servers.VERSIONS if version not in here]
    return [f"PostgreSQL: {', '.join(here)}" + (f"; absent: {', '.join(absent)}" * bool(absent))]


def _server(version: str) -> Server:
    try:
        return servers.server(version)
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def pg15() -> Server:
    """Debian's PostgreSQL 15, with PostGIS and contrib."""
    return _server("15")


@pytest.fixture(scope="session")
def pg16() -> Server:
    """The embedded PostgreSQL 16."""
    return _server("16")


@pytest.fixture(scope="session")
def pg1610() -> Server:
    """PostgreSQL 16.10, the seed's legacy version, with contrib."""
    return _server("16.10")


@pytest.fixture(scope="session")
def pg176() -> Server:
    """PostgreSQL 17.6, the seed's current version, with contrib."""
    return _server("17.6")


@pytest.fixture(scope="session")
def pg18() -> Server:
    """The embedded PostgreSQL 18."""
    return _server("18")


@pytest.fixture(params=servers.VERSIONS)
def any_server(request: pytest.FixtureRequest) -> Server:
    """Each version in turn."""
    return _server(request.param)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Put Django's test database on the tests' server, under a name of this process alone."""
    address = conninfo_to_dict(cluster.url() if cluster.has_djangos() else _server("18").url)
    # One role, as Django lets a test use one alias.
    settings.MIGRATION_ALIAS = "default"
    name = f"test_weedgo_{uuid.uuid4().hex[:8]}"
    for database in settings.DATABASES.values():
        database.pop("EMBEDDED", None)
        database.update(
            HOST=str(address["host"]),
            PORT=str(address["port"]),
            USER=str(address["user"]),
            PASSWORD="",
            OPTIONS={},
        )
        database["TEST"]["NAME"] = name


@pytest.fixture(scope="session", autouse=True)
def fast_passwords() -> Iterator[None]:
    """Hash passwords by a method that takes no time."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def flush_past_guards() -> Iterator[None]:
    """Let tests with real transactions empty tables that refuse to be emptied."""
    flush = DatabaseOperations.sql_flush

    def past_guards(*arguments: Any, **options: Any) -> list[str]:
        statements = flush(*arguments, **options)
        return [
            "SET session_replication_role = replica",
            *statements,
            # Triggers of the audit log fire in that mode too, and have noted the emptying.
            *(
                ["TRUNCATE agi_audit_logs"]
                if any("agi_audit_logs" in s for s in statements)
                else []
            ),
            "RESET session_replication_role",
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", past_guards)
        yield


@pytest.fixture(autouse=True)
def events_of_the_test() -> Iterator[None]:
    """Let events go into the test's own transaction, which is undone with the rest."""
    with override_settings(AUDIT_DATABASE="default"):
        yield


@pytest.fixture(scope="session", autouse=True)
def drop_past_workers() -> Iterator[None]:
    """Let the tests' database go though a worker's pool is still connected to it."""

    def drop(creation: DatabaseCreation, name: str, verbosity: int) -> None:
        if cluster.has_djangos():
            known = cluster.Cluster(cluster.url())
            known.drop(known.first(name))
            return
        with creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            quoted = creation.connection.ops.quote_name(name)
            cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseCreation, "_destroy_test_db", drop)
        if cluster.has_djangos():
            patch.setattr(DatabaseCreation, "_execute_create_test_db", cluster.make_djangos)
        yield


@pytest.fixture(autouse=True)
def public_schema() -> Iterator[None]:
    """Leave Django's connections where they were: a request ends in its tenant's schema."""
    yield
    for connection in connections.all(initialized_only=True):
        connection.set_schema_to_public()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def limits(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rate limits on the test's own connection, so that they see its rules and leave nothing.

    A test with real transactions has them as they are at work; their connections end with it.
    """
    real = {"transactional_db", "live_server"} & set(request.fixturenames)
    marker = request.node.get_closest_marker("django_db")
    if real or (marker is not None and marker.kwargs.get("transaction")):
        yield
        worker.stop()
    elif marker is not None or "db" in request.fixturenames:
        with limits_in_transaction():
            yield
    else:
        with override_settings(RATELIMIT_ENABLED=False):
            yield


@pytest.fixture
def database() -> Iterator[Database]:
    """Make databases: `database(server, prefix="test") -> url`; dropped after the test."""
    made: list[tuple[Server, str]] = []

    def make(server: Server, prefix: str = "test") -> str:
        url = server.create_database(prefix)
        made.append((server, url))
        return url

    yield make
    for server, url in made:
        server.drop_database(url)
