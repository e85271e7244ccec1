"""The two databases differ by exactly what the recorded migration moved."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from .conftest import sql_file

PUBLIC = "relnamespace = 'public'::regnamespace"
COLUMNS = f"""
    SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE {PUBLIC} AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
"""
INDEXES = """
    SELECT tablename, indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public'
      AND NOT EXISTS (SELECT FROM pg_constraint
                      WHERE conindid = ('public.' || quote_ident(indexname))::regclass
                        AND contype IN ('p', 'u', 'x'))
"""
QUERIES = {
    "tables": f"SELECT relname FROM pg_class WHERE {PUBLIC} AND relkind = 'r'",
    "sequences": f"SELECT relname FROM pg_class WHERE {PUBLIC} AND relkind = 'S'",
    "columns": COLUMNS,
    "views": f"SELECT relname FROM pg_class WHERE {PUBLIC} AND relkind = 'v'",
    "functions": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger"
    " WHERE NOT tgisinternal",
    "indexes": INDEXES,
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0"
    " AND contype IN ('p', 'u', 'f', 'c', 'x')",
}

Facts = dict[str, set[tuple]]


def _facts(url: str) -> Facts:
    with psycopg.connect(url) as connection:
        return {kind: set(connection.execute(query)) for kind, query in QUERIES.items()}


@pytest.fixture(scope="module")
def legacy(legacy_url: str) -> Facts:
    return _facts(legacy_url)


@pytest.fixture(scope="module")
def current(current_url: str) -> Facts:
    return _facts(current_url)


def _lacking_columns(legacy: Facts, current: Facts) -> set[tuple]:
    return {c for c in legacy["columns"] - current["columns"] if (c[0],) in current["tables"]}


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("tables", 6),
        ("sequences", 6),
        ("views", 1),
        ("functions", 89),
        ("triggers", 39),
        ("indexes", 312),
        ("constraints", 155),
    ],
)
def test_what_current_lacks(legacy: Facts, current: Facts, kind: str, count: int) -> None:
    assert len(legacy[kind] - current[kind]) == count


def test_tables(legacy: Facts, current: Facts) -> None:
    assert len(legacy["tables"]) == 118
    assert len(current["tables"]) == 128
    assert len(legacy["tables"] & current["tables"]) == 112


def test_columns(legacy: Facts, current: Facts) -> None:
    lacking = _lacking_columns(legacy, current)
    assert len(lacking) == 400
    assert len({table for table, _ in lacking}) == 102
    assert sum(column == "tenant_id" for _, column in lacking) == 34


def test_indexes_by_purpose(legacy: Facts, current: Facts) -> None:
    keys = [
        (table, re.sub(r" (INCLUDE|WHERE) .*", "", definition.split(" USING ")[1]))
        for table, _, definition in legacy["indexes"] - current["indexes"]
    ]
    assert sum(bool(re.match(r"\w+ \(tenant_id\b", key)) for _, key in keys) == 28
    assert sum("sku" in ",".join(key.split(",")[:2]) for _, key in keys) == 37
    catalogue = ("product", "brand", "strain", "ocs_product_catalog")
    for prefix, least in [(catalogue, 20), ("payment", 18), ("inventory", 15), ("order", 12)]:
        assert sum(table.startswith(prefix) for table, _ in keys) >= least


def test_current_has_of_its_own_only_tables_and_what_is_theirs(
    legacy: Facts, current: Facts
) -> None:
    own = {name for (name,) in current["tables"] - legacy["tables"]}
    assert len(own) == 16
    assert {row[:2] for row in current["indexes"] - legacy["indexes"] if row[0] not in own} == {
        ("wishlists", "unique_wishlist_item")
    }
    assert {c for c in current["columns"] - legacy["columns"] if c[0] not in own} == set()
    for kind in ("triggers", "constraints"):
        assert {row for row in current[kind] - legacy[kind] if row[0] not in own} == set()


def _functions(name: str) -> set[str]:
    pattern = r"^CREATE (?:FUNCTION|PROCEDURE) (\w+)"
    return set(re.findall(pattern, sql_file(name), re.MULTILINE))


def test_every_function_is_tried() -> None:
    modules = Path(__file__).parent.glob("test_functions_area*.py")
    text = "\n".join(module.read_text(encoding="utf-8") for module in modules)
    lacking = _functions("legacy.sql") - _functions("current.sql")
    assert {name for name in lacking if name not in text} == set()


def test_every_query_has_a_name_of_its_own() -> None:
    names = re.findall(r"^-- name: (\w+)$", sql_file("queries.sql"), re.MULTILINE)
    assert len(names) >= 90
    assert len(names) == len(set(names))
