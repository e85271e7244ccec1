"""How many rows the catalogs have, so that schemas that did not change need not be looked at.

A transaction that had not ended when a census was taken is not older than its horizon, and neither
is any that came later. So while the catalogs have as many rows older than the horizon as then, none
of these was changed or deleted; and rows that were added since tell their schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import psycopg
from psycopg import rows

from weedgo.staged.db import Connection

T = TypeVar("T")
U = TypeVar("U")

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
# A query's `found` has of each catalog the number of its rows, and what those belong to that are
# not before the first horizon; with a minus where they are before the second. So the age of a row
# is asked for once.
_COUNT = """
WITH horizon AS MATERIALIZED (
    SELECT age(%(before)s::text::xid8::xid) AS before, age(%(now)s::text::xid8::xid) AS now
), found(rows, owners) AS (
    {parts}
), newer(owner) AS (
    SELECT unnest(f.owners) FROM found f
), owner AS (
    SELECT abs(n.owner) AS id, bool_or(n.owner > 0) AS late FROM newer n GROUP BY 1
), home AS (
    SELECT c.oid AS relation, coalesce(s.nspname, t.nspname)::text AS schema, o.late
      FROM owner o
      LEFT JOIN pg_class c ON c.oid = CASE WHEN o.id < 1::bigint << 40 THEN o.id::oid END
      LEFT JOIN pg_namespace s ON s.oid = c.relnamespace
      LEFT JOIN pg_namespace t
        ON t.oid = CASE WHEN o.id > 1::bigint << 40 THEN (o.id - (1::bigint << 40))::oid END
)
SELECT (SELECT sum(f.rows) FROM found f)::bigint,
       count(*), count(*) FILTER (WHERE n.owner < 0),
       (SELECT array_agg(h.relation ORDER BY h.relation) FROM home h WHERE h.relation IS NOT NULL),
       (SELECT array_agg(h.schema ORDER BY h.relation) FROM home h WHERE h.relation IS NOT NULL),
       ARRAY(SELECT h.schema FROM home h WHERE h.relation IS NULL AND h.schema IS NOT NULL),
       ARRAY(SELECT DISTINCT h.schema FROM home h WHERE h.late AND h.schema IS NOT NULL)
  FROM newer n
"""
_PART = """
    SELECT count(*), array_agg(
               CASE WHEN age(c.xmin) > (SELECT h.now FROM horizon h) THEN -1 ELSE 1 END * ({owner})
           ) FILTER (WHERE age(c.xmin) <= (SELECT h.before FROM horizon h))
      FROM pg_catalog.{catalog} c
"""
_OF = """
    SELECT count(*) FILTER (WHERE age(c.xmin) > (SELECT h.before FROM horizon h)) AS older,
           count(*) FILTER (WHERE age(c.xmin) <= (SELECT h.before FROM horizon h)) AS newer
      FROM pg_catalog.{catalog} c WHERE c.{column} = ANY(%(oids)s)
"""
_SOME = """
WITH horizon AS MATERIALIZED (SELECT age(%(before)s::text::xid8::xid) AS before)
SELECT sum(older)::bigint, sum(newer)::bigint FROM ({parts}) AS f
"""
# By which column the rows of catalogs belong to relations.
_RELATION = {
    "pg_class": "oid", "pg_attribute": "attrelid", "pg_attrdef": "adrelid", "pg_index": "indrelid",
    "pg_trigger": "tgrelid", "pg_rewrite": "ev_class", "pg_policy": "polrelid",
    "pg_inherits": "inhrelid", "pg_sequence": "seqrelid", "pg_constraint": "conrelid",
    "pg_description": "objoid",
}  # fmt: skip
# What the rows belong to: of each a relation's oid, or a schema's, which is moved beyond all oids.
_OWNERS = {
    **{catalog: f"c.{column}::bigint" for catalog, column in _RELATION.items()},
    "pg_constraint": """CASE WHEN c.conrelid = 0 THEN c.connamespace::bigint + (1::bigint << 40)
                             ELSE c.conrelid::bigint END""",
    "pg_description": """coalesce(
        CASE c.classoid
        WHEN 'pg_class'::regclass THEN c.objoid::bigint
        WHEN 'pg_trigger'::regclass THEN
            (SELECT t.tgrelid::bigint FROM pg_trigger t WHERE t.oid = c.objoid)
        WHEN 'pg_constraint'::regclass THEN
            (SELECT nullif(k.conrelid, 0)::bigint FROM pg_constraint k WHERE k.oid = c.objoid)
        WHEN 'pg_proc'::regclass THEN
            (SELECT p.pronamespace::bigint + (1::bigint << 40) FROM pg_proc p
              WHERE p.oid = c.objoid)
        END, 1)""",
    "pg_enum": """(SELECT t.typnamespace::bigint + (1::bigint << 40) FROM pg_type t
                    WHERE t.oid = c.enumtypid)""",
    "pg_proc": "c.pronamespace::bigint + (1::bigint << 40)",
    "pg_type": "c.typnamespace::bigint + (1::bigint << 40)",
    "pg_statistic_ext": "c.stxnamespace::bigint + (1::bigint << 40)",
    "pg_namespace": "c.oid::bigint + (1::bigint << 40)",
}
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
        older: how many rows are older than the horizon of the one before.
        relations: the relations, with their schemas, of rows that are not.
        spaces: the schemas of such rows that belong to no relation.
        late: the schemas that have rows which are not older than the horizon now.
    """

    now: Census
    older: int
    relations: Mapping[int, str]
    spaces: frozenset[str]
    late: frozenset[str]

    @property
    def newer(self) -> frozenset[str]:
        """All schemas that have rows which are not older than the horizon of the one before."""
        return self.spaces.union(self.relations.values())


def both(here: Callable[[], T], there: Callable[[], U], *, at_once: bool) -> tuple[T, U]:
    """What two readings give, the second in a thread where they have a connection each."""
    if not at_once:
        return here(), there()
    with ThreadPoolExecutor(1) as pool:
        elsewhere = pool.submit(there)
        return here(), elsewhere.result()


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
    small = [catalog for catalog in _OWNERS if catalog not in _LARGE]
    found = both(
        partial(_counted, conn, small, asked), partial(_counted, beside or conn, _LARGE, asked),
        at_once=beside is not None,
    )  # fmt: skip
    rows, newer, older_now = (sum(part[n] for part in found) for n in range(3))
    relations: dict[int, str] = {}
    for part in found:
        relations |= zip(part[3] or (), part[4] or (), strict=True)
    spaces, late = (frozenset(name for part in found for name in part[n]) for n in (5, 6))
    return Count(Census(horizon, rows - newer + older_now), rows - newer, relations, spaces, late)


def count_of(conn: Connection, oids: Sequence[int], before: Census) -> tuple[int, int]:
    """How many rows of relations are older than a census's horizon, and how many are not."""
    parts = "UNION ALL".join(_OF.format(catalog=c, column=o) for c, o in _RELATION.items())
    with conn.transaction():
        conn.execute("SELECT pg_catalog.set_config('enable_seqscan', 'off', true)")
        query = _SOME.format(parts=parts)
        row = conn.execute(
            query.encode(), {"oids": list(oids), "before": before.horizon}
        ).fetchone()
    assert row is not None
    return row[0] or 0, row[1] or 0


def _counted(conn: Connection, catalogs: Iterable[str], asked: dict[str, int]) -> rows.TupleRow:
    parts = "UNION ALL".join(_PART.format(catalog=c, owner=_OWNERS[c]) for c in catalogs)
    row = conn.execute(_COUNT.format(parts=parts).encode(), asked).fetchone()
    assert row is not None
    return row
