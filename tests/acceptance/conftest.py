"""The seed's two databases on the seed's own versions of PostgreSQL, 16.10 and 17.6."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import weedgo.legacy
from tests.servers import Server
from weedgo import embedded
from weedgo.staged import db, scratch
from weedgo.staged.model import Options

SEED = Path(weedgo.legacy.__file__).parent
# The servers of these versions bring neither psql nor pg_dump.
TOOLS = embedded.bin_dir(18)
OPTIONS = Options(tool_folders=(str(TOOLS),))

Copy = Callable[[], str]


def load(server: Server, *names: str) -> str:
    """Make a database, load files of the seed with psql, and return its URL."""
    url = server.create_database("seed")
    for name in names:
        scratch.load_sql(url, SEED / name, psql=server.psql)
    return url


@pytest.fixture(scope="session")
def legacy(pg1610: Server) -> Iterator[str]:
    """URL of the legacy database: the schema that is wanted."""
    url = load(pg1610, "legacy.sql")
    yield url
    pg1610.drop_database(url)


@pytest.fixture(scope="session")
def empty_current(pg176: Server) -> Iterator[str]:
    """URL of the current database without rows; nobody changes it, so that it can be copied."""
    url = load(pg176, "current.sql")
    yield url
    pg176.drop_database(url)


@pytest.fixture
def copy(pg176: Server, empty_current: str) -> Iterator[Copy]:
    """Make copies of the current database without rows; dropped after the test."""
    made: list[str] = []

    def make() -> str:
        made.append(pg176.create_database("copy", db.parameters(empty_current)["dbname"]))
        return made[-1]

    yield make
    for url in made:
        pg176.drop_database(url)


@pytest.fixture
def current(pg176: Server) -> Iterator[str]:
    """URL of the current database with all its rows."""
    url = load(pg176, "current.sql", "data.sql")
    yield url
    pg176.drop_database(url)
