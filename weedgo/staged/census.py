"""How many rows the catalogs have, so that schemas that did not change need not be looked at.

A transaction that had not ended when a census was taken is not older than its horizon, and neither
is any that came later. So while the catalogs have as many rows older than the horizon as then, none
of these was changed or deleted; and rows that were added since tell their schemas.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from psycopg import rows

from weedgo.staged.db import Connection

_KEPT = """
CREATE TABLE IF NOT EXISTS weedgo_migration.census (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), horizon xid8 NOT NULL, rows bigint NOT NULL,
    written xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(), place oid NOT NULL)
"""
# The row of a restored dump says nothing of the catalogs that it came to. Transactions are compared
# by the last 32 bits of their ids, so a horizon must not be too far back.
_READ = """
SELECT c.horizon::text::bigint, c.rows FROM weedgo_migration.census c
 WHERE c.written::xid = c.xmin AND c.place = c.tableoid
   AND pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint
       - c.horizon::text::bigint < 1000000000
"""
_WRITE = """
INSERT INTO weedgo_migration.census AS c (horizon, rows, place)
VALUES (%s::text::xid8, %s, 'weedgo_migration.census'::regclass)
ON CONFLICT (one) DO UPDATE SET horizon = excluded.horizon, rows = excluded.rows,
       written = excluded.written, place = excluded.place
"""
_HORIZON = "SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint"
# A query's `found` has of each catalog all its rows, and what those belong to that are not before
# the first horizon; with a minus where they are before the second. So an age is asked for once.
_COUNT = """
WITH horizon AS MATERIALIZED (
    SELECT age(%(before)s::text::xid8::xid) AS before, age(%(now)s::text::xid8::xid) AS now
), found(rows, relations, namespaces) AS (
    {parts}
), newer(owner, of_relation) AS (
    SELECT unnest(f.relations), true FROM found f
    UNION ALL
    SELECT unnest(f.namespaces), false FROM found f
), owner AS (
    SELECT abs(n.owner)::oid AS oid, n.of_relation, bool_or(n.owner > 0) AS late
      FROM newer n GROUP BY 1, 2
), home AS (
    SELECT coalesce(c.relnamespace, o.oid) AS oid, bool_or(o.late) AS late
      FROM owner o LEFT JOIN pg_class c ON o.of_relation AND c.oid = o.oid GROUP BY 1
)
SELECT (SELECT sum(f.rows) FROM found f)::bigint, count(*), count(*) FILTER (WHERE n.owner < 0),
       ARRAY(SELECT s.nspname::text FROM home h JOIN pg_namespace s ON s.oid = h.oid),
       ARRAY(SELECT s.nspname::text FROM home h JOIN pg_namespace s ON s.oid = h.oid WHERE h.late)
  FROM newer n
"""
_PART = """
    SELECT count(*), {relations}, {namespaces} FROM pg_catalog.{catalog} c
"""
_NEWER = """
           array_agg(({0})::bigint
               * CASE WHEN age(c.xmin) > (SELECT h.now FROM horizon h) THEN -1 ELSE 1 END)
               FILTER (WHERE age(c.xmin) <= (SELECT h.before FROM horizon h))"""
# What the rows of catalogs belong to: relations, or namespaces.
_RELATION = {
    "pg_attribute": "c.attrelid", "pg_attrdef": "c.adrelid", "pg_index": "c.indrelid",
    "pg_trigger": "c.tgrelid", "pg_rewrite": "c.ev_class", "pg_policy": "c.polrelid",
    "pg_inherits": "c.inhrelid", "pg_sequence": "c.seqrelid",
}  # fmt: skip
_NAMESPACE = {
    "pg_class": "c.relnamespace", "pg_constraint": "c.connamespace", "pg_proc": "c.pronamespace",
    "pg_type": "c.typnamespace", "pg_statistic_ext": "c.stxnamespace", "pg_namespace": "c.oid",
    "pg_enum": "(SELECT t.typnamespace FROM pg_type t WHERE t.oid = c.enumtypid)",
    "pg_description": """coalesce(
        (SELECT r.relnamespace FROM pg_class r WHERE r.oid = c.objoid),
        (SELECT p.pronamespace FROM pg_proc p WHERE p.oid = c.objoid),
        (SELECT k.connamespace FROM pg_constraint k WHERE k.oid = c.objoid),
        (SELECT r.relnamespace FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
          WHERE t.oid = c.objoid))""",
}  # fmt: skip
# The half of all rows.
_LARGE = ("pg_attribute", "pg_constraint")


@dataclass(frozen=True)
class Census:
    """So many rows of the catalogs are older than a horizon.

    Args:
        horizon: the id of a transaction: all before it had ended.
        rows: how many are older.
    """

    horizon: int
    rows: int


@dataclass(frozen=True)
class Count:
    """What was found by counting.

    Args:
        now: the census as of now.
        whole: whether no row was changed or deleted since the one before.
        newer: the schemas that have rows which are not older than the horizon of that one.
        late: the schemas that have rows which are not older than the horizon now.
    """

    now: Census
    whole: bool
    newer: frozenset[str]
    late: frozenset[str]


def kept(conn: Connection) -> Census | None:
    """The last census of this database, if there is one that is of use."""
    try:
        row = conn.execute(_READ).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return None if row is None else Census(*row)


def keep(conn: Connection, census: Census) -> None:
    """Keep a census in place of the last one."""
    conn.execute(_KEPT)
    conn.execute(_WRITE, [census.horizon, census.rows])


def count(conn: Connection, before: Census | None, beside: Connection | None = None) -> Count:
    """Count anew.

    Args:
        conn: to the target.
        before: the census to compare with.
        beside: another connection there, to count by at the same time.
    """
    row = conn.execute(_HORIZON).fetchone()
    assert row is not None
    horizon: int = row[0]
    asked = {"before": before.horizon if before else horizon, "now": horizon}
    small = [c for c in (*_RELATION, *_NAMESPACE) if c not in _LARGE]
    with ThreadPoolExecutor(1) as pool:
        elsewhere = pool.submit(_counted, beside or conn, _LARGE, asked)
        if beside is None:
            elsewhere.result()
        found = [_counted(conn, small, asked), elsewhere.result()]
    rows, newer, older_now = (sum(part[n] for part in found) for n in range(3))
    names = [frozenset(name for part in found for name in part[n]) for n in (3, 4)]
    whole = before is not None and rows - newer == before.rows
    return Count(Census(horizon, rows - newer + older_now), whole, *names)


def _counted(conn: Connection, catalogs: Iterable[str], asked: dict[str, int]) -> rows.TupleRow:
    query = _COUNT.format(parts="UNION ALL".join(map(_part, catalogs)))
    row = conn.execute(query.encode(), asked).fetchone()
    assert row is not None
    return row


def _part(catalog: str) -> str:
    owner = _RELATION.get(catalog)
    space = _NAMESPACE.get(catalog)
    return _PART.format(
        catalog=catalog,
        relations=_NEWER.format(owner) if owner else "NULL::bigint[]",
        namespaces=_NEWER.format(space) if space else "NULL::bigint[]",
    )
