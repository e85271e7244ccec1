"""Filling values into the rows of a table in use: in batches, each a short transaction of its own.

A batch is as large as takes about a fifth of a second; between two of them everybody else has the
table. What is done is written with each batch, so that a run that was killed goes on there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import psycopg
from psycopg import sql

from weedgo.staged.db import Connection
from weedgo.staged.journal import Journal
from weedgo.staged.model import Event, Fill, ObjectId, Options, Statement, Step
from weedgo.staged.transact import limits

SECONDS = 0.2
FIRST, FEWEST, MOST = 500, 10, 100_000
# A replica further behind is waited for.
LAG_SECONDS, LAG_BYTES = 5.0, 64 * 1024 * 1024
# Rows that changed their place under the batches are found by another pass.
PASSES = 5
_TOLD = 1.0
_PAUSE = 0.5

Place = list[str] | None
"""A key as texts, or a block's number: all rows up to there are done."""

Listen = Callable[[Event], None]


class UnfilledError(Exception):
    """Rows still lack a value when all have had their turn."""

    def __init__(self, subject: str, rows: int) -> None:
        super().__init__(f"{rows} rows of {subject} still have no value after their backfill")


@dataclass(frozen=True, slots=True)
class Part:
    """A relation with rows of its own: a table, or one that is a partition of it or inherits it."""

    schema: str
    name: str
    rows: int
    blocks: int
    keys: tuple[str, ...]
    types: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its name for people."""
        return f"{self.schema}.{self.name}"

    @property
    def relation(self) -> sql.Composed:
        """The relation alone, as FROM and UPDATE take it."""
        return sql.SQL("ONLY {}").format(sql.Identifier(self.schema, self.name))


class Filler:
    """Fills one statement's values in.

    Args:
        conn: on which the batches run, in autocommit.
        journal: where progress is kept, in the batches' own transactions.
        options: timeouts.
        listen: told of the progress, and of what is waited for.
    """

    def __init__(
        self, conn: Connection, journal: Journal, options: Options, listen: Listen
    ) -> None:
        self._conn = conn
        self._run = journal.run
        self._options = options
        self._listen = listen
        self._size = FIRST
        self._told = 0.0
        self.batches = 0
        self.rows = 0

    def fill(self, statement: Statement, step: Step) -> None:
        """Run all batches that are left.

        Args:
            statement: with what to fill in.
            step: named in the events.

        Raises:
            UnfilledError: the values leave rows without one.
            psycopg.Error: a batch failed; those before stay.
        """
        assert statement.fill is not None
        assert statement.table is not None
        fill, table = statement.fill, statement.table
        parts = _parts(self._conn, table)
        for part in parts:
            self._through(part, fill, table, step, sum(p.rows for p in parts))
        for _ in range(PASSES):
            left = [part for part in parts if self._missing(part, fill, table)]
            if not left:
                self._conn.execute(_FINISHED, [fill.subject])
                return
            for part in left:
                self._again(part, fill)
                self._through(part, fill, table, step, 0)
        raise UnfilledError(fill.subject, sum(self._missing(p, fill, table) for p in parts))

    def _through(self, part: Part, fill: Fill, table: ObjectId, step: Step, total: int) -> None:
        place, over = self._begin(part, fill), False
        while not over:
            self._give_way(step)
            began = time.monotonic()
            with self._conn.transaction():
                place, over = self._batch(part, fill, table, place)
            self._adapt(time.monotonic() - began)
            self._tell(fill, step, total)

    def _batch(self, part: Part, fill: Fill, table: ObjectId, place: Place) -> tuple[Place, bool]:
        self._conn.execute(self._limits(fill, {"enable_seqscan": "off"}).encode())
        until = self._stop(part, place)
        where = [sql.SQL("({})").format(sql.SQL(fill.missing))]
        if place:
            where.append(_beyond(part, place))
        if until:
            where.append(_up_to(part, until))
        update = sql.SQL("UPDATE {} AS {} SET {} WHERE {}").format(
            part.relation, sql.Identifier(table.name), sql.SQL(fill.assignment),
            sql.SQL(" AND ").join(where),
        )  # fmt: skip
        rows = self._conn.execute(update).rowcount
        self.batches += 1
        self.rows += rows
        self._conn.execute(_PROGRESS, [until, rows, fill.subject, part.path])
        return until, until is None

    def _stop(self, part: Part, place: Place) -> Place:
        """The last key, or block, of a batch; None where it takes in all that is left."""
        if not part.keys:
            last = (int(place[0]) if place else -1) + max(1, self._size * part.blocks // part.rows)
            return None if last >= part.blocks else [str(last)]
        keys = [sql.SQL(key) for key in part.keys]
        beyond = sql.SQL("WHERE {}").format(_beyond(part, place)) if place else sql.SQL("")
        query = sql.SQL("SELECT {} FROM {} {} ORDER BY {} OFFSET {} LIMIT 1").format(
            sql.SQL(", ").join(sql.SQL("{}::text").format(key) for key in keys),
            part.relation, beyond, sql.SQL(", ").join(keys), sql.Literal(self._size - 1),
        )  # fmt: skip
        found = self._conn.execute(query).fetchone()
        return [str(value) for value in found] if found else None

    def _missing(self, part: Part, fill: Fill, table: ObjectId) -> int:
        query = sql.SQL("SELECT count(*) FROM {} AS {} WHERE {}").format(
            part.relation, sql.Identifier(table.name), sql.SQL(fill.missing)
        )
        with self._conn.transaction():
            self._conn.execute(self._limits(fill, {}).encode())
            row = self._conn.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _limits(self, fill: Fill, others: Mapping[str, str]) -> str:
        """The settings of a batch."""
        settings = {"row_security": "off", "search_path": fill.path, **others}
        if fill.silent and self._may_be_silent:
            settings["session_replication_role"] = "replica"
        return limits(self._options, settings, "batch")

    @cached_property
    def _may_be_silent(self) -> bool:
        """Whether the role may keep the triggers of a table from firing in its own session."""
        query = _SILENT if self._conn.info.server_version >= 150000 else _SUPERUSER
        row = self._conn.execute(query).fetchone()
        return bool(row and row[0])

    def _begin(self, part: Part, fill: Fill) -> Place:
        """Where a run before has left off, if it filled the same values in."""
        row = self._conn.execute(
            _BEGIN, [fill.subject, part.path, fill.value, self._run]
        ).fetchone()
        return row[0] if row else None

    def _again(self, part: Part, fill: Fill) -> None:
        self._conn.execute(_AGAIN, [fill.subject, part.path])

    def _adapt(self, seconds: float) -> None:
        wanted = self._size * min(2.0, max(0.25, SECONDS / max(seconds, 0.001)))
        self._size = round(min(MOST, max(FEWEST, wanted)))

    def _tell(self, fill: Fill, step: Step, total: int) -> None:
        now = time.monotonic()
        if now - self._told >= _TOLD:
            self._told = now
            of = f" of about {total:,}" if total > self.rows else ""
            self._listen(Event("progress", f"{fill.subject}: {self.rows:,}{of} rows", step=step))

    def _give_way(self, step: Step) -> None:
        """Wait while a replica is too far behind; its readers would see old rows."""
        waited = 0.0
        while row := self._conn.execute(_BEHIND, [LAG_SECONDS, LAG_BYTES]).fetchone():
            if waited == 0.0:
                text = f"waits for replica {row[0]}, which is {row[1]} s and {row[2]} bytes behind"
                self._listen(Event("blocked", text, step=step))
            if waited >= self._options.wait_timeout:
                raise psycopg.errors.LockNotAvailable(
                    f"replica {row[0]} did not catch up in {waited:.0f} s"
                )
            time.sleep(_PAUSE)
            waited += _PAUSE


def _beyond(part: Part, place: list[str]) -> sql.Composed:
    """The condition of rows behind a place."""
    if part.keys:
        return _compared(part, ">", place)
    return sql.SQL("ctid >= {}::tid").format(sql.Literal(f"({int(place[0]) + 1},0)"))


def _up_to(part: Part, place: list[str]) -> sql.Composed:
    """The condition of rows up to a place."""
    if part.keys:
        return _compared(part, "<=", place)
    return sql.SQL("ctid < {}::tid").format(sql.Literal(f"({int(place[0]) + 1},0)"))


def _compared(part: Part, sign: str, place: list[str]) -> sql.Composed:
    values = (
        sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(type))
        for value, type in zip(place, part.types, strict=True)
    )
    keys = sql.SQL(", ").join(map(sql.SQL, part.keys))
    return sql.SQL("({}) {} ({})").format(keys, sql.SQL(sign), sql.SQL(", ").join(values))


def _parts(conn: Connection, table: ObjectId) -> list[Part]:
    rows = conn.execute(_PARTS, [table.schema, table.name]).fetchall()
    return [
        Part(schema, name, max(1, count), blocks, tuple(keys or ()), tuple(types or ()))
        for schema, name, count, blocks, keys, types in rows
    ]


# The primary key; else another key that takes every row in. Without one, blocks.
_PARTS = """
WITH RECURSIVE family(relid) AS (
    SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = %s AND c.relname = %s
    UNION
    SELECT i.inhrelid FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.relid
)
SELECT n.nspname::text, c.relname::text, c.reltuples::bigint,
       pg_catalog.pg_relation_size(c.oid)
           / pg_catalog.current_setting('block_size')::bigint, k.names, k.types
  FROM family f
  JOIN pg_catalog.pg_class c ON c.oid = f.relid AND c.relkind = 'r'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
      SELECT array_agg(pg_catalog.quote_ident(a.attname) ORDER BY x.place) AS names,
             array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY x.place) AS types
        FROM pg_catalog.pg_index i
       CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY x(number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = x.number
       WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
         AND i.indexprs IS NULL AND x.place <= i.indnkeyatts
       GROUP BY i.indexrelid, i.indisprimary
      HAVING bool_and(a.attnotnull)
       ORDER BY i.indisprimary DESC, count(*), i.indexrelid
       LIMIT 1
  ) k ON true
 ORDER BY c.oid
"""

_BEGIN = """
INSERT INTO weedgo_migration.backfill AS b (subject, relation, value, run) VALUES (%s, %s, %s, %s)
ON CONFLICT (subject, relation) DO UPDATE
   SET run = excluded.run, value = excluded.value, updated = clock_timestamp(),
       place = CASE WHEN b.value = excluded.value AND b.finished IS NULL THEN b.place END,
       rows = CASE WHEN b.value = excluded.value AND b.finished IS NULL THEN b.rows ELSE 0 END,
       finished = NULL
RETURNING place
"""

_PROGRESS = """
UPDATE weedgo_migration.backfill
   SET place = coalesce(%s::text[], place), rows = rows + %s, batches = batches + 1,
       updated = clock_timestamp()
 WHERE subject = %s AND relation = %s
"""

_AGAIN = """
UPDATE weedgo_migration.backfill SET place = NULL WHERE subject = %s AND relation = %s
"""

_FINISHED = """
UPDATE weedgo_migration.backfill SET finished = clock_timestamp(), updated = clock_timestamp()
 WHERE subject = %s
"""

# Who may not see how far behind replicas are sees none.
_BEHIND = """
SELECT coalesce(nullif(application_name, ''), host(client_addr), pid::text),
       coalesce(extract(epoch FROM replay_lag)::int, 0),
       pg_catalog.pg_wal_lsn_diff(sent_lsn, replay_lsn)
  FROM pg_catalog.pg_stat_replication
 WHERE state = 'streaming'
   AND (replay_lag > make_interval(secs => %s)
        OR pg_catalog.pg_wal_lsn_diff(sent_lsn, replay_lsn) > %s)
 ORDER BY 3 DESC NULLS LAST LIMIT 1
"""

_SUPERUSER = "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"
_SILENT = (
    "SELECT pg_catalog.has_parameter_privilege(current_user, 'session_replication_role', 'SET')"
)
