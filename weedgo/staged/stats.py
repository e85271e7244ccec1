"""What a database's indexes and tables cost and give, and what the last run added to them.

Nothing is changed, save by ``record_sizes``, which a run calls so that its growth can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from weedgo.staged.db import Connection

_SIZES_LAYOUT: LiteralString = """
    CREATE TABLE IF NOT EXISTS weedgo_migration.size (
        run text NOT NULL REFERENCES weedgo_migration.run ON DELETE CASCADE,
        schema text NOT NULL,
        name text NOT NULL,
        table_bytes bigint NOT NULL,
        index_bytes bigint NOT NULL,
        PRIMARY KEY (run, schema, name)
    )
"""


@dataclass(frozen=True, slots=True)
class TableStats:
    """A table's size in bytes and use since the statistics were last reset."""

    schema: str
    name: str
    rows: int
    table_bytes: int
    index_bytes: int
    sequential_scans: int
    index_scans: int

    @property
    def total_bytes(self) -> int:
        """The table with its TOAST and its indexes."""
        return self.table_bytes + self.index_bytes


@dataclass(frozen=True, slots=True)
class IndexStats:
    """An index's size in bytes and use since the statistics were last reset.

    Args:
        needed: a constraint or a replica identity rests on it, or it keeps values unique.
        keys: what it sorts by, column by column, with operator class, collation and order.
        included: its further columns.
    """

    schema: str
    table: str
    name: str
    definition: str
    method: str
    bytes: int
    scans: int
    valid: bool
    unique: bool
    constraint: bool
    needed: bool
    keys: Sequence[str]
    included: Sequence[str]
    predicate: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An index that another one makes superfluous, and why."""

    index: IndexStats
    by: IndexStats
    why: str


@dataclass(frozen=True, slots=True)
class TenantRows:
    """How many rows of a table belong to a tenant; None for those of no tenant."""

    schema: str
    table: str
    tenant: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class Added:
    """What a run added, in bytes.

    Args:
        run: its id; empty where the database has no journal of a run.
        tables: size of the tables that it created, without indexes, by name.
        indexes: size of the indexes that it created, those of constraints included, by name.
        growth: how much each other table has grown since the run began, by name, whoever wrote;
            empty where its sizes were not recorded.
    """

    run: str = ""
    tables: dict[str, int] = field(default_factory=dict)
    indexes: dict[str, int] = field(default_factory=dict)
    growth: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """New tables and new indexes together."""
        return sum(self.tables.values()) + sum(self.indexes.values())


@dataclass(frozen=True)
class DatabaseStats:
    """Everything that is known of a database's tables and indexes."""

    database_bytes: int
    since: str
    tables: tuple[TableStats, ...]
    indexes: tuple[IndexStats, ...]
    duplicates: tuple[Duplicate, ...]
    tenants: tuple[TenantRows, ...]
    added: Added

    @property
    def unused(self) -> tuple[IndexStats, ...]:
        """Valid indexes that no query has used and on which nothing rests."""
        return tuple(i for i in self.indexes if i.valid and not i.scans and not i.needed)

    @property
    def invalid(self) -> tuple[IndexStats, ...]:
        """Indexes that a failed build left behind: they cost and serve nothing."""
        return tuple(i for i in self.indexes if not i.valid)


def collect(conn: Connection) -> DatabaseStats:
    """Read the statistics of a connection's database, rows per tenant included.

    Args:
        conn: in autocommit.
    """
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        size, since = conn.execute(_DATABASE).fetchone() or (0, "")
        tables, indexes = _relations(conn)
        tenants = tuple(_tenants(conn))
        added = _added(conn, tables, indexes)
    return DatabaseStats(size, since, tables, indexes, duplicates(indexes), tenants, added)


def duplicates(indexes: Iterable[IndexStats]) -> tuple[Duplicate, ...]:
    """Indexes that others make superfluous: the same definition, or (btree) the same beginning."""
    found = []
    by_table: dict[tuple[str, str], list[IndexStats]] = {}
    for index in indexes:
        if index.valid:
            by_table.setdefault((index.schema, index.table), []).append(index)
    for siblings in by_table.values():
        for index in siblings:
            others = (o for o in siblings if o is not index)
            match = next(((o, why) for o in others if (why := _covers(o, index))), None)
            if match and not index.needed:
                found.append(Duplicate(index, *match))
    return tuple(found)


def _covers(by: IndexStats, index: IndexStats) -> str:
    """Why ``by`` answers all that ``index`` does; empty if it does not."""
    if by.method != index.method or by.predicate != index.predicate:
        return ""
    if not set(index.included) <= {*by.included, *(key.split(" ", 1)[0] for key in by.keys)}:
        return ""
    if list(by.keys) == list(index.keys):
        twins = by.needed == index.needed and len(by.included) == len(index.included)
        # Of two alike, one stays: the one that comes first by name.
        return "" if twins and index.name < by.name else "the same columns"
    if index.method == "btree" and list(by.keys[: len(index.keys)]) == list(index.keys):
        return "begins with its columns"
    return ""


def record_sizes(conn: Connection, run: str) -> None:
    """Note every table's size under a run that the journal has just begun.

    Asking for a size waits for whoever has locked the table away. Growth is worth no such wait:
    then nothing is noted.

    Args:
        conn: may write to the journal.
        run: its id.
    """
    with suppress(psycopg.errors.LockNotAvailable), conn.transaction():
        conn.execute("SELECT set_config('lock_timeout', '1s', true)")
        conn.execute(_SIZES_LAYOUT)
        conn.execute(_RECORD, [run])


def collect_added(conn: Connection) -> Added:
    """What the last run that changed anything added, by its journal and the sizes as they are.

    A run that continues another one counts together with it.
    """
    return _added(conn, *_relations(conn))


def _relations(conn: Connection) -> tuple[tuple[TableStats, ...], tuple[IndexStats, ...]]:
    return _read(conn, TableStats, _TABLES), _read(conn, IndexStats, _INDEXES)


def _added(conn: Connection, tables: Sequence[TableStats], indexes: Sequence[IndexStats]) -> Added:
    (journal,) = conn.execute(_HAS_JOURNAL).fetchone() or (None,)
    rows = conn.execute(_CREATED).fetchall() if journal else []
    if not rows:
        return Added()
    run, first = str(rows[0][0]), str(rows[0][1])
    created = {(kind, schema, name, parent) for _, _, kind, schema, name, parent in rows}
    new_tables = {
        f"{t.schema}.{t.name}": t.table_bytes
        for t in tables
        if ("table", t.schema, t.name, "") in created
    }
    new_indexes = {
        f"{i.schema}.{i.name}": i.bytes
        for i in indexes
        if ("index", i.schema, i.name, "") in created
        or (i.constraint and ("constraint", i.schema, i.name, i.table) in created)
    }
    return Added(run, new_tables, new_indexes, _growth(conn, first, tables))


def _growth(conn: Connection, run: str, tables: Sequence[TableStats]) -> dict[str, int]:
    (recorded,) = conn.execute(_HAS_SIZES).fetchone() or (None,)
    rows = conn.execute(_RECORDED, [run]).fetchall() if recorded else []
    before = {f"{schema}.{name}": size for schema, name, size in rows}
    now = {f"{t.schema}.{t.name}": t.table_bytes for t in tables}
    return {name: now[name] - before[name] for name in before if name in now}


def _tenants(conn: Connection) -> Iterator[TenantRows]:
    for schema, table in conn.execute(_TENANT_TABLES).fetchall():
        query = sql.SQL(
            "SELECT tenant_id::text, count(*) FROM {} GROUP BY tenant_id ORDER BY tenant_id"
        ).format(sql.Identifier(schema, table))
        for tenant, rows in conn.execute(query):
            yield TenantRows(schema, table, tenant, rows)


def _read(conn: Connection, row: type[Any], query: LiteralString) -> tuple[Any, ...]:
    with conn.cursor(row_factory=class_row(row)) as cursor:
        return tuple(cursor.execute(query).fetchall())


_DATABASE: LiteralString = """
    SELECT pg_database_size(d.oid), coalesce(s.stats_reset::text, '')
      FROM pg_catalog.pg_database d JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid
     WHERE d.datname = current_database()
"""
_TABLES: LiteralString = """
    SELECT n.nspname::text AS schema, c.relname::text AS name,
           -- A table that nobody has analyzed yet has no reltuples.
           CASE WHEN c.reltuples > 0 THEN c.reltuples
                ELSE coalesce(s.n_live_tup, 0) END::bigint AS rows,
           pg_table_size(c.oid) AS table_bytes, pg_indexes_size(c.oid) AS index_bytes,
           coalesce(s.seq_scan, 0) AS sequential_scans, coalesce(s.idx_scan, 0) AS index_scans
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
       AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'weedgo_migration')
     ORDER BY pg_total_relation_size(c.oid) DESC, 1, 2
"""
_INDEXES: LiteralString = """
    SELECT n.nspname::text AS schema, t.relname::text AS table, c.relname::text AS name,
           pg_get_indexdef(c.oid) AS definition, am.amname::text AS method,
           pg_relation_size(c.oid) AS bytes, coalesce(s.idx_scan, 0) AS scans,
           i.indisvalid AND i.indisready AND i.indislive AS valid, i.indisunique AS unique,
           EXISTS (SELECT FROM pg_catalog.pg_constraint k
                    WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')) AS constraint,
           i.indisunique OR i.indisexclusion OR i.indisreplident
               OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)
               AS needed,
           ARRAY(SELECT pg_get_indexdef(i.indexrelid, p, true) || ' ' || i.indclass[p - 1]
                        || ' ' || i.indcollation[p - 1] || ' ' || i.indoption[p - 1]
                   FROM generate_series(1, i.indnkeyatts) p) AS keys,
           ARRAY(SELECT pg_get_indexdef(i.indexrelid, p, true)
                   FROM generate_series(i.indnkeyatts + 1, i.indnatts) p) AS included,
           coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS predicate
      FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
      JOIN pg_catalog.pg_am am ON am.oid = c.relam
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_stat_all_indexes s ON s.indexrelid = c.oid
     WHERE t.relkind IN ('r', 'm') AND t.relpersistence <> 't'
       AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'weedgo_migration')
     ORDER BY pg_relation_size(c.oid) DESC, 1, 2, 3
"""
_TENANT_TABLES: LiteralString = """
    SELECT n.nspname::text, c.relname::text
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND has_column_privilege(c.oid, a.attnum, 'SELECT')
       AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'weedgo_migration')
     ORDER BY 1, 2
"""
_HAS_JOURNAL: LiteralString = "SELECT pg_catalog.to_regclass('weedgo_migration.step')"
_HAS_SIZES: LiteralString = "SELECT pg_catalog.to_regclass('weedgo_migration.size')"
_RECORD: LiteralString = """
    INSERT INTO weedgo_migration.size (run, schema, name, table_bytes, index_bytes)
    SELECT %s, n.nspname, c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
       AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'weedgo_migration')
    ON CONFLICT DO NOTHING
"""
_RECORDED: LiteralString = """
    SELECT schema, name, table_bytes FROM weedgo_migration.size WHERE run = %s
"""
# The newest run with a step done, and those that it continues.
_CREATED: LiteralString = """
    WITH RECURSIVE chain AS (
        (SELECT r.id, r.continues, 0 AS depth
           FROM weedgo_migration.run r
          WHERE r.status <> 'undone'
            AND EXISTS (SELECT FROM weedgo_migration.step s
                         WHERE s.run = r.id AND s.status = 'done')
          ORDER BY r.started DESC, r.id DESC LIMIT 1)
        UNION ALL
        SELECT r.id, r.continues, chain.depth + 1
          FROM weedgo_migration.run r JOIN chain ON r.id = chain.continues
    )
    SELECT (SELECT id FROM chain ORDER BY depth LIMIT 1),
           (SELECT id FROM chain ORDER BY depth DESC LIMIT 1),
           o ->> 1, o ->> 2, o ->> 3, o ->> 4
      FROM chain
      JOIN weedgo_migration.step s ON s.run = chain.id AND s.status = 'done'
      CROSS JOIN LATERAL jsonb_array_elements(s.objects) o
     WHERE o ->> 0 IN ('create', 'replace')
"""
