"""One transaction in one round trip, under timeouts, with its locks taken first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from weedgo.staged.db import Connection
from weedgo.staged.journal import Query
from weedgo.staged.model import ObjectId, Options, Statement

# Weakest first; what conflicts with writers begins at SHARE.
LOCKS = (
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE",
    "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
)  # fmt: skip
# https://www.postgresql.org/docs/current/explicit-locking.html, table 13.2: from which lock on
# each conflicts, and which exceptions there are.
_CONFLICTS = (
    LOCKS[7:], LOCKS[6:], LOCKS[4:], LOCKS[3:], (LOCKS[2], LOCKS[3], *LOCKS[5:]), LOCKS[2:],
    LOCKS[1:], LOCKS,
)  # fmt: skip


def strongest(locks: Sequence[str]) -> str:
    """The strongest of several table locks."""
    return max(locks, key=LOCKS.index)


def conflicting(lock: str) -> list[str]:
    """The locks that conflict with one, as ``pg_locks`` names them."""
    return [x.title().replace(" ", "") + "Lock" for x in _CONFLICTS[LOCKS.index(lock)]]


def wanted(statements: Sequence[Statement]) -> dict[ObjectId, str]:
    """The existing tables that statements lock, each with the strongest lock on it."""
    found: dict[ObjectId, str] = {}
    for s in statements:
        if s.table and s.lock in LOCKS:
            found[s.table] = strongest([s.lock, found.get(s.table, s.lock)])
    return found


def class_of(statements: Sequence[Statement]) -> str:
    """The class by which statements of one transaction are timed, of `model.TIMEOUTS`."""
    if any(s.fill for s in statements):
        return "batch"
    if not all(s.transactional for s in statements):
        return "build"
    held = wanted(statements)
    brief = all(s.table in held and not (s.scans or s.rewrites) for s in statements)
    return "catalog" if brief else "scan"


def transaction(
    conn: Connection, options: Options, queries: Sequence[Query], *, kind: str = "scan"
) -> list[psycopg.Cursor[TupleRow]]:
    """Run queries in one transaction under the options' timeouts.

    Args:
        conn: in autocommit.
        options: timeouts.
        queries: in order.
        kind: the class of their statements; see `class_of`.

    Returns:
        A cursor for each query.

    Raises:
        psycopg.Error: the first that failed; everything is rolled back.
    """
    first: Query = (limits(options, {}, kind), [])
    if not any(text.startswith("LOCK ") for text, _ in queries):
        return _pipelined(conn, [first, *queries])[1:]
    # LOCK insists on a transaction that says so.
    try:
        return _pipelined(conn, [("BEGIN", []), first, *queries, ("COMMIT", [])])[2:-1]
    except psycopg.Error:
        _rollback(conn)
        raise


def count(conn: Connection, options: Options, query: str) -> int:
    """What a counting query returns, read without waiting behind others or missing hidden rows.

    Raises:
        psycopg.Error: also where a row-level policy would hide rows from the role.
    """
    settings = limits(options, {"row_security": "off", "transaction_read_only": "on"}, "scan")
    row = _pipelined(conn, [(settings, []), (query, [])])[1].fetchone()
    return int(row[0] or 0) if row else 0


Families = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
"""Schema and name of each table that has partitions or heirs, with all of theirs."""


def families(conn: Connection) -> Families:
    """The tables that have partitions or heirs, with all that descend from them."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for parent_schema, parent, schema, name in conn.execute(_FAMILIES).fetchall():
        found.setdefault((parent_schema, parent), []).append((schema, name))
    return found


_FAMILIES = """
WITH RECURSIVE family(parent, child) AS (
    SELECT inhparent, inhrelid FROM pg_catalog.pg_inherits
    UNION
    SELECT f.parent, i.inhrelid FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.child
)
SELECT pn.nspname, p.relname, cn.nspname, c.relname
  FROM family f
  JOIN pg_catalog.pg_class p ON p.oid = f.parent
  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
  JOIN pg_catalog.pg_class c ON c.oid = f.child
  JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
 WHERE p.relkind IN ('r', 'p') AND c.relkind IN ('r', 'p')
 ORDER BY cn.nspname, c.relname
"""


def locks_first(
    options: Options, statements: Sequence[Statement], families: Families
) -> list[Query]:
    """LOCK statements for a transaction that needs several locks: in one order, by one deadline.

    A transaction that takes its locks one by one holds the first while it queues for the next.
    """
    tables = {t: lock for t, lock in wanted(statements).items() if t.kind == "table"}
    strong = [t for t, lock in tables.items() if LOCKS.index(lock) >= LOCKS.index("SHARE")]
    upgraded = any(s.lock != tables.get(s.table, s.lock) for s in statements if s.table)
    parents = [t for t in strong if (t.schema, t.name) in families]
    if not strong or not (len(tables) > 1 or upgraded or parents):
        return []
    queries: list[Query] = []
    for table in sorted(tables):
        heirs = families.get((table.schema, table.name), ()) if table in parents else ()
        for relation in ((table.schema, table.name), *heirs):
            lock = sql.SQL("LOCK TABLE ONLY {} IN {} MODE").format(
                sql.Identifier(*relation), sql.SQL(tables[table])
            )
            queries += [(lock.as_string(None), []), (_remaining(options), [])]
    return queries


def milliseconds(seconds: float) -> str:
    """Seconds as PostgreSQL's settings take them."""
    return f"{max(0, round(seconds * 1000))}ms"


def limits(options: Options, others: Mapping[str, str], kind: str) -> str:
    """SQL that sets a transaction's timeouts and other settings of it."""
    settings = {
        **others,
        "lock_timeout": milliseconds(max(options.lock_timeout, 0.001)),
        "statement_timeout": milliseconds(options.timeout(kind)),
    }
    calls = (
        sql.SQL("pg_catalog.set_config({}, {}, true)").format(name, value)
        for name, value in settings.items()
    )
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls)).as_string(None)


def _remaining(options: Options) -> str:
    """Leave for the next lock what the transaction has not used of the lock timeout."""
    return (
        sql.SQL(
            "SELECT pg_catalog.set_config('lock_timeout', greatest(1, {}"
            " - extract(epoch from clock_timestamp() - now()) * 1000)::int::text, true)"
        )
        .format(round(options.lock_timeout * 1000))
        .as_string(None)
    )


def _pipelined(conn: Connection, queries: Sequence[Query]) -> list[psycopg.Cursor[TupleRow]]:
    """Send queries in one round trip, which makes one transaction of them.

    See https://www.postgresql.org/docs/current/libpq-pipeline-mode.html.
    """
    cursors: list[psycopg.Cursor[TupleRow]] = []
    error: psycopg.Error | None = None
    try:
        with conn.pipeline():
            try:
                for text, args in queries:
                    # Those with arguments are the journal's few: the server keeps them prepared.
                    cursors.append(conn.execute(text.encode(), args or None, prepare=bool(args)))
            except psycopg.Error as first:
                error = first
    except psycopg.Error as first:
        error = error or first
    if error is not None:
        raise error
    return cursors


def _rollback(conn: Connection) -> None:
    if conn.closed:
        return
    try:
        conn.rollback()
    except psycopg.Error:
        conn.close()
