"""The short cut of a comparison (equal rows need no objects) finds what the long way finds."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from tests.cases import harness
from tests.conftest import Database
from tests.servers import Server
from weedgo.legacy.demo import FILES
from weedgo.staged import catalog, db, diff
from weedgo.staged.model import Catalog, DropMode, Options
from weedgo.staged.rows import alike

# Enough of the cases to have every kind; all of them are migrated elsewhere.
CASES = harness.names()[::7]


def read(server: Server, database: Database, *texts: str) -> Catalog:
    """The catalog of a new database that some SQL was loaded into."""
    url = database(server, "rows")
    harness.roles(server, *texts)
    harness.load(url, *texts)
    conn = db.connect(url, application="weedgo test", read_only=True)
    try:
        return catalog.read(conn)
    finally:
        conn.close()


def check(source: Catalog, target: Catalog) -> None:
    """Compare two catalogs both ways, which must be the same."""
    shared = alike(source.objects, target.objects)
    assert shared
    for options in (Options(), Options(drop=DropMode.DROP)):
        short = diff.compare(source, target, options)
        long = diff.compare(made(source), made(target), options)
        assert short == long
    for id in shared:
        assert not diff.differing(source.objects[id], target.objects[id])


def made(catalog: Catalog) -> Catalog:
    """The same with all objects made."""
    return replace(catalog, objects=dict(catalog.objects))


@pytest.mark.slow
def test_the_seed(pg18: Server, database: Database) -> None:
    legacy, current = (
        "\n".join(file.read_text() for file in FILES[name] if file.name != "data.sql")
        for name in ("legacy", "current")
    )
    check(read(pg18, database, legacy), read(pg18, database, current))


@pytest.mark.parametrize("case", CASES)
def test_a_case(pg18: Server, database: Database, case: str) -> None:
    old, new = harness.read(case, "old.sql"), harness.read(case, "new.sql")
    # Something that is alike on both sides, whatever the case is about.
    alike_too = "CREATE TABLE alike_too (a int DEFAULT 1 CHECK (a > 0) UNIQUE, b text);"
    try:
        source = read(pg18, database, new, alike_too)
    except psycopg.errors.FeatureNotSupported as lacking:
        pytest.skip(str(lacking))
    check(source, read(pg18, database, old, alike_too))


def test_needs_are_known_as_often_as_they_are_asked_for(pg18: Server, database: Database) -> None:
    found = read(pg18, database, "CREATE TABLE a (b int); CREATE VIEW v AS SELECT b FROM a")
    again = replace(found, objects=dict(found.objects))
    assert found.needs
    assert found.needs == again.needs
