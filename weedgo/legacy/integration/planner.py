"""The planner uses the new indexes for the queries that they were made for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from weedgo.legacy.integration.checks import Connection, finding, value
from weedgo.staged.model import Catalog, Finding, ObjectId

QUERIES = Path(__file__).parent.with_name("queries.sql")
# What the seed asks for at least.
INDEXES_USED = 65


def named_queries(text: str) -> dict[str, str]:
    """The statements of a file by the name that stands in the line before each."""
    parts = re.split(r"^-- name: (\w+)\s*$", text, flags=re.MULTILINE)
    return {
        name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def planner(conn: Connection, new: Collection[ObjectId], queries: str) -> Iterator[Finding]:
    """Every query can be planned, and together they use enough of the new indexes."""
    names = {id.name for id in new}
    used: set[str] = set()
    for name, query in named_queries(queries).items():

        def run(c: Connection, query: str = query) -> None:
            used.update(indexes_used(c, query))

        yield finding(conn, "queries", name, run)
    count = len(used & names)
    detail = f"{count} of the {len(names)} new indexes are used"
    yield Finding("planner", f"at least {INDEXES_USED} indexes", count >= INDEXES_USED, detail)


def indexes_used(conn: Connection, query: str) -> set[str]:
    """Names of the indexes that the planner takes for a query.

    Args:
        conn: to the database.
        query: a text of ours; it is EXPLAINed, never run.
    """
    return set(_indexes(value(conn, f"EXPLAIN (FORMAT JSON) {query}")))


def _indexes(plan: Any) -> Iterator[str]:
    """Names of the indexes anywhere in a plan."""
    if isinstance(plan, list):
        for part in plan:
            yield from _indexes(part)
    elif isinstance(plan, dict):
        if name := plan.get("Index Name"):
            yield name
        yield from _indexes(list(plan.values()))


def new_indexes(source: Catalog, changed: Iterable[ObjectId]) -> frozenset[ObjectId]:
    """The indexes that a migration brought; those of constraints are not among them.

    Args:
        source: the schema that was wanted.
        changed: the objects of the difference; none means that it is not known any more.
    """
    indexes = frozenset(obj.id for obj in source if obj.id.kind == "index")
    return indexes & frozenset(changed) or indexes
