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
    "(a, b) = (1, 2) AND c > 'x) AND ('",
    "(a, b) <> (1, 2) OR (b, a) <> (3, 4) OR a = 9",
    "((a, b) = (1, 2) AND c = 'x') AND a BETWEEN 0 AND b OR (a, b) IN ((3, 4), (5, 6))",
    "(a, b) IN ((3, 4), (5, 6)) OR a IN (b, length(c), 3) OR b = 7",
    "a BETWEEN SYMMETRIC 0 AND b AND c = 'x'",
    "a > -1::int OR a * -1.5::numeric < b OR c = '(- 1)'",
    "a > 1 AND ((a, b) = (1, 2) AND b > 2)",
    "(CASE WHEN (a, b) = (1, 2) AND a > 0 THEN 1 END) > 0 AND NOT ((a, b) = (3, 4) AND b > 0)",
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
    own = "CREATE OR REPLACE FUNCTION f()\nAS $$ SELECT ((x >= 1) AND (x <= 2)) $$"
    assert stable(own) == own


SUBQUERIES = [
    "EXISTS (SELECT 'x' FROM first WHERE a = 1)",
    "EXISTS (SELECT NULL, 'b' FROM first)",
    "(a, c) IN (SELECT 1, 'b' UNION SELECT 2, 'SELECT NULL::text)')",
    "EXISTS (SELECT 'x' AS y, '2020-01-01'::date, NULL::int[])",
]


@pytest.mark.parametrize("expression", SUBQUERIES)
def test_constants_in_subqueries_keep_their_names(
    expression: str, pg18: Server, database: Database
) -> None:
    with psycopg.connect(database(pg18)) as conn:
        conn.execute("CREATE TABLE first (a int, b int, c varchar(20))")
        conn.execute(f"CREATE VIEW v AS SELECT a FROM first WHERE {expression}")
        printed = _view(conn, "v")
        conn.execute(stable(f"CREATE VIEW w AS {printed}"))
        assert _view(conn, "w") == printed


def test_a_body_that_was_parsed_is_printed_again() -> None:
    parsed = "CREATE OR REPLACE FUNCTION f()\n RETURN (((a = 1) AND (b = 2)) AND (c > 3))"
    assert "((a = 1) AND (b = 2))::boolean AND" in stable(parsed)


def test_the_users_own_texts_are_the_same_word_for_word() -> None:
    own = "CREATE OR REPLACE FUNCTION f()\nAS $$ SELECT ((x AND y) AND z) $$"
    assert not same(own, own.replace("((x AND y) AND z)", "(x AND y AND z)"))


def test_ranges_of_two_expressions_are_none() -> None:
    text = "CHECK (((a >= 1) AND (b <= 2)))"
    assert stable(text) == text
    assert not same(text, "CHECK (((a >= 1) AND (a <= 2)))")


def _view(conn: psycopg.Connection, view: str) -> str:
    row = conn.execute("SELECT pg_get_viewdef(%s::regclass)", [view]).fetchone()
    assert row is not None
    return str(row[0])


def _check(conn: psycopg.Connection, table: str, definition: str) -> str:
    conn.execute(f"CREATE TABLE {table} (a int, b int, c varchar(20), CONSTRAINT k {definition})")
    row = conn.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass",
        [table],
    ).fetchone()
    assert row is not None
    return str(row[0])
