"""The legacy schema on a PostgreSQL 16, as its functions and triggers are tried on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import weedgo.legacy
from tests.servers import Server

SQL_FILES = Path(weedgo.legacy.__file__).parent

Connection = psycopg.Connection[tuple]


def sql_file(name: str) -> str:
    """Return the text of one of the SQL files, such as `legacy.sql`."""
    return (SQL_FILES / name).read_text(encoding="utf-8")


def _loaded(server: Server, name: str) -> Iterator[str]:
    url = server.create_database(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql_file(f"{name}.sql"))
    yield url
    server.drop_database(url)


@pytest.fixture(scope="session")
def legacy_url(pg16: Server) -> Iterator[str]:
    """The URL of a database that holds the legacy schema and no rows."""
    yield from _loaded(pg16, "legacy")


@pytest.fixture(scope="session")
def current_url(pg16: Server) -> Iterator[str]:
    """The URL of a database that holds the current schema and no rows."""
    yield from _loaded(pg16, "current")


@pytest.fixture
def legacy_database(legacy_url: str) -> Iterator[Connection]:
    """A connection to the legacy schema; what a test writes is rolled back."""
    with psycopg.connect(legacy_url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        yield connection
        connection.rollback()
