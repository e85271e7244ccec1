"""Integration checks of the migrated database: what the migration brought works together.

Audit logging takes events, rate-limit rules and buckets work, tenancy holds on every tenant-owned
table, the inventory columns work, and the planner uses the indexes for the queries that they were
made for. Everything is written in one transaction, which is rolled back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from weedgo.legacy.integration import audit, limits
from weedgo.legacy.integration.checks import Connection, each, expect, finding
from weedgo.legacy.integration.planner import (
    INDEXES_USED,
    QUERIES,
    indexes_used,
    named_queries,
    new_indexes,
    planner,
)
from weedgo.legacy.integration.stock import inventory
from weedgo.legacy.integration.tenants import tenancy
from weedgo.staged.model import Catalog, Finding, ObjectId

__all__ = [
    "INDEXES_USED",
    "QUERIES",
    "check",
    "expect",
    "finding",
    "indexes_used",
    "inventory",
    "named_queries",
    "new_indexes",
    "shared",
]


def check(
    conn: Connection, source: Catalog, new_indexes: Collection[ObjectId], queries: str
) -> tuple[Finding, ...]:
    """Run all checks on a migrated database; nothing that they write stays.

    Args:
        conn: to the database, in autocommit.
        source: the schema that was wanted; it says which tables are the tenants'.
        new_indexes: the indexes that the migration brought.
        queries: statements of SQL, each after a line ``-- name: …``.
    """
    with conn.transaction(force_rollback=True):
        conn.execute("SELECT set_config('search_path', 'public', true)")
        return (
            *shared(conn),
            *tenancy(conn, source),
            *inventory(conn),
            *planner(conn, new_indexes, queries),
        )


def shared(conn: Connection) -> Iterator[Finding]:
    """Audit logging takes events; rate-limit rules and buckets work.

    Args:
        conn: in a transaction, with their tables' schema in its search_path.
    """
    yield from each(conn, "audit", audit.CHECKS)
    yield from each(conn, "rate limits", limits.CHECKS)
