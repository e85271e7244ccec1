"""Proof that a migration loses no row: counts and checksums of every table, before and after.

A table's checksum is the sum of its rows' hashes, so the order of rows does not matter. It covers
the columns that stood before, read as text, so that a column that is added, or whose type becomes
another with the same values, changes nothing.

Tables that live traffic writes are checked exactly too, by what the traffic declares
(``Written``) and what it recorded as committed (``Ledger``): rows before plus inserts minus
deletes are the rows after, and those that stood before all stand; rows that no session may write
are checked in all columns, rows that sessions may write in all others; and every committed value
is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import Connection, sql

from weedgo.staged.model import Finding

# What makes a value's text depend on the session rather than on the row.
_SETTINGS: LiteralString = """
    SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
           set_config('IntervalStyle', 'postgres', true),
           set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)
"""
_TABLES: LiteralString = """
    SELECT c.oid::bigint, n.nspname, c.relname,
           array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attnum > 0)
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relpersistence <> 't'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'weedgo_migration', 'retired')
     GROUP BY c.oid, n.nspname, c.relname
     ORDER BY n.nspname, c.relname
"""


@dataclass(frozen=True)
class Written:
    """What the traffic may do to a table.

    Args:
        key: the column that names a row; a growing integer.
        columns: those that updates may change, by themselves or by a trigger.
        slice: updates touch only rows whose key is a multiple of this.
        by_triggers: triggers may insert rows too, which no session knows of.
    """

    key: str = "id"
    columns: frozenset[str] = frozenset()
    slice: int = 5
    by_triggers: bool = False


@dataclass
class Ledger:
    """What sessions committed, by table.

    Args:
        rows: key → the values last committed, of rows inserted or updated and not deleted.
        inserted: keys of committed inserts.
        deleted: keys of committed deletes; sessions delete only what they inserted.
        uncertain: key → ``insert``, ``update`` or ``delete``, where the commit was never answered.
    """

    rows: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    inserted: dict[str, set[int]] = field(default_factory=dict)
    deleted: dict[str, set[int]] = field(default_factory=dict)
    uncertain: dict[str, dict[int, str]] = field(default_factory=dict)

    def tables(self) -> set[str]:
        """Names of the tables that were written."""
        return {*self.rows, *self.inserted, *self.deleted, *self.uncertain}


@dataclass(frozen=True)
class Sums:
    """A table at one moment.

    Args:
        columns: those that the checksums cover.
        rows: how many there are.
        old: how many of them stood when the first snapshot was taken.
        mark: the highest key at that time, of a table that traffic writes.
        parts: checksums by the part of the table that they cover.
    """

    columns: tuple[str, ...]
    rows: int
    old: int
    mark: int
    parts: Mapping[str, str]
    by_triggers: bool = False


Snapshot = Mapping[str, Sums]


def snapshot(
    connection: Connection[Any],
    written: Mapping[str, Written] | None = None,
    like: Snapshot | None = None,
) -> Snapshot:
    """Count and sum every ordinary table of a database; no traffic may run meanwhile.

    Args:
        connection: to the database; one transaction of it is used and rolled back.
        written: the tables that traffic writes, by name (``schema.table``).
        like: a snapshot taken before: its columns and its rows are summed again.

    Returns:
        The sums by ``schema.table``. A table, or a column of a table, that stood in ``like`` and
        is gone makes its table absent.
    """
    written = written or {}
    found: dict[str, Sums] = {}
    with connection.transaction(force_rollback=True):
        connection.execute(_SETTINGS)
        for _, schema, table, columns in connection.execute(_TABLES).fetchall():
            name = f"{schema}.{table}"
            before = like.get(name) if like else None
            wanted = before.columns if before else tuple(columns or ())
            if set(wanted) <= set(columns or ()):
                found[name] = _sums(
                    connection, sql.Identifier(schema, table), wanted, written.get(name), before
                )
    return found


def compare(before: Snapshot, after: Snapshot, ledger: Ledger | None = None) -> list[Finding]:
    """Whether all rows are still there, two findings a table: its count and its content."""
    ledger = ledger or Ledger()
    return [finding for name in before for finding in _table(name, before, after, ledger)]


def verify(
    connection: Connection[Any], written: Mapping[str, Written], ledger: Ledger
) -> list[Finding]:
    """Whether every row that sessions committed stands with the values last committed.

    Rows whose commit was never answered are settled by what stands; the ledger is updated, so
    call this before ``compare``.
    """
    findings = []
    for name in sorted(ledger.tables()):
        key = written[name].key
        standing = _standing(connection, name, key, ledger)
        for number, write in ledger.uncertain.pop(name, {}).items():
            _settle(ledger, name, number, write, stands=number in standing)
        wrong = [
            number
            for number, values in ledger.rows.get(name, {}).items()
            if any(standing.get(number, {}).get(c) != v for c, v in values.items())
        ]
        back = [number for number in ledger.deleted.get(name, ()) if number in standing]
        detail = "; ".join(
            f"{len(numbers)} {what}, such as {key} {min(numbers)}"
            for numbers, what in ((wrong, "not as committed"), (back, "deleted yet there"))
            if numbers
        )
        findings.append(Finding("committed rows", name, not detail, detail))
    return findings


def _table(name: str, before: Snapshot, after: Snapshot, ledger: Ledger) -> Iterable[Finding]:
    was, now = before[name], after.get(name)
    if now is None:
        yield Finding("rows", name, holds=False, detail="the table or one of its columns is gone")
        return
    inserted = len(ledger.inserted.get(name, ()))
    deleted = len(ledger.deleted.get(name, ()))
    expected = was.rows + inserted - deleted
    detail = ""
    if now.old != was.old:
        detail = f"of {was.old} rows, {now.old} still stand"
    elif now.rows < expected or (now.rows > expected and not was.by_triggers):
        detail = (
            f"{was.rows} before + {inserted} inserted - {deleted} deleted, but {now.rows} after"
        )
    yield Finding("rows", name, not detail, detail)
    unlike = [part for part in was.parts if was.parts[part] != now.parts.get(part)]
    yield Finding("content", name, not unlike, f"changed: {', '.join(unlike)}" if unlike else "")


def _sums(
    connection: Connection[Any],
    table: sql.Identifier,
    columns: tuple[str, ...],
    written: Written | None,
    before: Sums | None,
) -> Sums:
    if written is None:
        rows, total = _one(connection, table, columns, sql.SQL("true"))
        return Sums(columns, rows, rows, 0, {"all rows": total})
    key = sql.Identifier(written.key)
    mark = before.mark if before else _mark(connection, table, key)
    old = sql.SQL("{} <= {}").format(key, sql.Literal(mark))
    inside = sql.SQL("{} AND {} % {} = 0").format(old, key, sql.Literal(written.slice))
    outside = sql.SQL("{} AND {} % {} <> 0").format(old, key, sql.Literal(written.slice))
    unwritten = tuple(c for c in columns if c not in written.columns)
    frozen, frozen_sum = _one(connection, table, columns, outside)
    open_, open_sum = _one(connection, table, unwritten, inside)
    parts = {
        "rows that no session writes": frozen_sum,
        "columns that no session writes": open_sum,
    }
    rows, _ = _one(connection, table, (), sql.SQL("true"))
    return Sums(columns, rows, frozen + open_, mark, parts, written.by_triggers)


def _mark(connection: Connection[Any], table: sql.Identifier, key: sql.Identifier) -> int:
    query = sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(key, table)
    (mark,) = connection.execute(query).fetchone() or (0,)
    return int(mark)


def _one(
    connection: Connection[Any],
    table: sql.Identifier,
    columns: tuple[str, ...],
    condition: sql.Composable,
) -> tuple[int, str]:
    row = sql.SQL("ROW({})::text").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended({row}, 0)), 0)::text"
        " || ' ' || coalesce(sum(hashtextextended({row}, 1)), 0)::text"
        " FROM ONLY {table} WHERE {condition}"
    ).format(row=row, table=table, condition=condition)
    rows, total = connection.execute(query).fetchone() or (0, "")
    return int(rows), str(total)


def _standing(
    connection: Connection[Any], name: str, key: str, ledger: Ledger
) -> dict[int, dict[str, Any]]:
    """The rows of the ledger as they stand, every value as text."""
    rows = ledger.rows.get(name, {})
    wanted = {*rows, *ledger.deleted.get(name, ()), *ledger.uncertain.get(name, ())}
    columns = sorted({column for values in rows.values() for column in values})
    query = sql.SQL("SELECT {} FROM {} WHERE {} = ANY(%s)").format(
        sql.SQL(", ").join(
            [sql.Identifier(key), *(sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns)]
        ),
        sql.Identifier(*name.split(".", 1)),
        sql.Identifier(key),
    )
    with connection.transaction(force_rollback=True):
        connection.execute(_SETTINGS)
        return {
            number: dict(zip(columns, values, strict=True))
            for number, *values in connection.execute(query, [list(wanted)])
        }


def _settle(ledger: Ledger, name: str, key: int, write: str, *, stands: bool) -> None:
    """Decide a write whose commit was never answered by whether its row stands."""
    ledger.rows.get(name, {}).pop(key, None)
    if write == "insert" and stands:
        ledger.inserted.setdefault(name, set()).add(key)
    if write == "delete" and not stands:
        ledger.deleted.setdefault(name, set()).add(key)
