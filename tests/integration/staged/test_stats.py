"""Sizes, use, duplicates and growth, on a database in which each of them is known."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from django.core.management import call_command

from tests.servers import Server
from weedgo import staged
from weedgo.management import statistics
from weedgo.staged import db, stats

BEFORE = """
CREATE TABLE parts (id integer, code text, tenant_id integer, store integer);
INSERT INTO parts SELECT n, 'c' || n, nullif(n % 3, 0), n % 7 FROM generate_series(1, 3000) n;
CREATE TABLE bins (id integer, tenant_id integer);
"""
SOURCE = """
CREATE TABLE parts (id integer PRIMARY KEY, code text, tenant_id integer, store integer, size text);
CREATE TABLE bins (id integer, tenant_id integer);
CREATE TABLE shelves (id integer PRIMARY KEY, code text);
CREATE INDEX parts_store_idx ON parts (store);
CREATE INDEX parts_store_code_idx ON parts (store, code);
CREATE INDEX parts_code_idx ON parts (code) INCLUDE (store);
CREATE INDEX parts_code_again_idx ON parts (code) INCLUDE (store);
CREATE INDEX parts_code_some_idx ON parts (code) WHERE store = 1;
CREATE INDEX parts_store_down_idx ON parts (store DESC);
CREATE INDEX parts_id_idx ON parts (id);
CREATE INDEX parts_hash_idx ON parts USING hash (code);
"""


def load(url: str, text: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text)


@pytest.fixture(scope="module")
def migrated(pg18: Server) -> Iterator[str]:
    """URL of a database to which a run has brought indexes, a table and a key."""
    source, target = pg18.create_database("stats"), pg18.create_database("stats")
    load(source, SOURCE)
    load(target, BEFORE)
    assert staged.migrate(source, target).status == "equal"
    with psycopg.connect(target, autocommit=True) as connection:
        # A failed build, of the kind that a crash leaves behind.
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken_idx ON parts (store)")
        connection.execute("ANALYZE")
    yield target
    pg18.drop_database(source)
    pg18.drop_database(target)


@pytest.fixture
def found(migrated: str) -> stats.DatabaseStats:
    with closing(db.connect(migrated, read_only=True)) as conn:
        return stats.collect(conn)


def test_sizes_are_those_of_the_server(migrated: str, found: stats.DatabaseStats) -> None:
    parts = next(t for t in found.tables if t.name == "parts")
    with psycopg.connect(migrated) as connection:
        total = connection.execute("SELECT pg_total_relation_size('parts')").fetchone()

    assert parts.rows == 3000
    assert (parts.total_bytes,) == total
    assert {t.schema for t in found.tables} == {"public"}


def test_duplicates_are_the_same_columns_or_a_beginning(found: stats.DatabaseStats) -> None:
    assert {(d.index.name, d.by.name, d.why) for d in found.duplicates} == {
        ("parts_store_idx", "parts_store_code_idx", "begins with its columns"),
        ("parts_code_idx", "parts_code_again_idx", "the same columns"),
        ("parts_id_idx", "parts_pkey", "the same columns"),
    }


def test_invalid_indexes_are_named_and_are_no_duplicates(found: stats.DatabaseStats) -> None:
    assert [i.name for i in found.invalid] == ["broken_idx"]
    assert "broken_idx" not in {i.name for i in found.unused}


def test_what_rests_on_an_index_makes_it_needed(found: stats.DatabaseStats) -> None:
    unused = {i.name for i in found.unused}

    assert "parts_hash_idx" in unused
    assert not unused & {"parts_pkey", "shelves_pkey"}


def test_the_last_run_added_its_tables_and_indexes(found: stats.DatabaseStats) -> None:
    added = found.added

    assert set(added.tables) == {"public.shelves"}
    assert set(added.indexes) == {
        "public.parts_store_idx", "public.parts_store_code_idx", "public.parts_code_idx",
        "public.parts_code_again_idx", "public.parts_code_some_idx",
        "public.parts_store_down_idx", "public.parts_id_idx", "public.parts_hash_idx",
        "public.parts_pkey", "public.shelves_pkey",
    }  # fmt: skip
    sizes = {f"public.{i.name}": i.bytes for i in found.indexes}
    assert added.total == sum(sizes[name] for name in added.indexes) + sum(added.tables.values())


def test_rows_are_counted_by_tenant(found: stats.DatabaseStats) -> None:
    assert [(t.table, t.tenant, t.rows) for t in found.tenants] == [
        ("parts", "1", 1000),
        ("parts", "2", 1000),
        ("parts", None, 1000),
    ]


def test_growth_is_counted_from_the_sizes_before(migrated: str) -> None:
    with closing(db.connect(migrated)) as conn, conn.transaction(force_rollback=True):
        run = stats.collect_added(conn).run
        stats.record_sizes(conn, run)
        conn.execute("INSERT INTO public.parts SELECT n FROM generate_series(4000, 9000) n")
        added = stats.collect_added(conn)

    assert added.growth["public.parts"] > 0
    assert added.growth["public.bins"] == 0


def test_without_a_journal_nothing_was_added(pg18: Server) -> None:
    url = pg18.create_database("stats")
    try:
        with closing(db.connect(url)) as conn:
            found = stats.collect(conn)
    finally:
        pg18.drop_database(url)

    assert found.added == stats.Added()
    assert found.tables == found.indexes == found.tenants == ()


def command(*arguments: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("database_stats", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_the_command_tells_and_ends_with_1_for_an_invalid_index(migrated: str) -> None:
    text, status = command("--target", migrated, "--limit", "3")

    assert status == 1
    assert "broken_idx" in text
    assert "parts_code_idx" in text
    assert "more" in text


def test_the_command_prints_one_document(migrated: str, found: stats.DatabaseStats) -> None:
    text, status = command("--target", migrated, "--json")
    document = json.loads(text)

    assert (document["exit"], status) == (1, 1)
    assert document["invalid"] == ["public.broken_idx"]
    assert len(document["indexes"]) == len(found.indexes)
    assert document["added"]["total"] == found.added.total


def test_a_terminal_gets_tables(found: stats.DatabaseStats) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    statistics.show(statistics.sections(found, 2), terminal)

    assert "Rows per tenant" in terminal.getvalue()
    assert "1,000 of tenant 1" in " ".join(terminal.getvalue().split())
