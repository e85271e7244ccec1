"""Texts that PostgreSQL prints differently once it has read its own text."""

from __future__ import annotations

import psycopg
import pytest

from tests.conftest import Database
from tests.servers import Server
from weedgo.staged.normal import same, stable

EXPRESSIONS = [
    "a BETWEEN 0 AND 1 AND b BETWEEN 0 AND 1",
    "c IN ('x', 'y (z') AND a BETWEEN 0 AND 1",
    "c NOT IN ('x''s', 'y') OR a NOT BETWEEN 0 AND b + 1",
    "(a BETWEEN 0 AND 1 OR b BETWEEN (a + 1) AND 7) AND c <> ' >= '",
    "a NOT BETWEEN 1 AND 2 OR b NOT BETWEEN 3 AND 4 OR a = 3",
    "upper(c) BETWEEN 'a' AND 'b' AND lower(c) BETWEEN 'c' AND 'd (e' AND a > 0",
    "(a >= 0 AND a <= 1) AND (b >= 0 AND b <= 1)",
    "NOT (a BETWEEN 0 AND 1 AND b BETWEEN 0 AND 1)",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_is_written_is_printed_again(
    expression: str, pg18: Server, database: Database
) -> None:
    with psycopg.connect(database(pg18)) as conn:
        printed = _check(conn, "first", f"CHECK ({expression})")
        assert _check(conn, "second", stable(f"ALTER {printed}")[6:]) == printed
        assert same(_check(conn, "restored", printed), printed)


def test_the_users_own_text_stays() -> None:
    own = "CREATE OR REPLACE FUNCTION f() AS $$ SELECT ((x >= 1) AND (x <= 2)) $$"
    assert stable(own) == own


def test_ranges_of_two_expressions_are_none() -> None:
    text = "CHECK (((a >= 1) AND (b <= 2)))"
    assert stable(text) == text
    assert not same(text, "CHECK (((a >= 1) AND (a <= 2)))")


def _check(conn: psycopg.Connection, table: str, definition: str) -> str:
    conn.execute(f"CREATE TABLE {table} (a int, b int, c varchar(20), CONSTRAINT k {definition})")
    row = conn.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass",
        [table],
    ).fetchone()
    return str(row[0])
