"""Using the objects of a database, one statement each, to tell whether they work.

Everything runs in transactions that are rolled back, as the connection's role, with the search_path
that the role has by default, because the bodies of functions may count on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from weedgo.staged.db import Connection
from weedgo.staged.model import Object

TIMEOUT = "30s"


class Probe:
    """Uses objects of a database and tells what went wrong; empty text is good news.

    Args:
        conn: in autocommit.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def attempt(self, query: sql.Composed | LiteralString, *arguments: Any) -> str:
        """Why a query fails as the connection's role; empty if it does not."""
        try:
            self.rows(query, *arguments)
        except psycopg.Error as error:
            return _reason(error)
        return ""

    def rows(self, query: sql.Composed | LiteralString, *arguments: Any) -> list[Any]:
        """A query's rows, in a transaction of its own that is rolled back."""
        with self._conn.transaction(force_rollback=True):
            self._conn.execute(
                "SELECT set_config('statement_timeout', %s, true),"
                " set_config('lock_timeout', %s, true)",
                [TIMEOUT, TIMEOUT],
            )
            self._conn.execute("SET LOCAL search_path TO DEFAULT")
            self._conn.execute("SET LOCAL check_function_bodies = on")
            return self._conn.execute(query, arguments or None).fetchall()

    def relation(self, *name: str) -> str:
        """Why a relation cannot be read."""
        fault = self.attempt(sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(*name)))
        return f"cannot be read: {fault}" if fault else ""

    def column(self, column: str, *table: str) -> str:
        """Why a column cannot be read."""
        query = sql.SQL("SELECT {} FROM {} LIMIT 1")
        fault = self.attempt(query.format(sql.Identifier(column), sql.Identifier(*table)))
        return f"cannot be read: {fault}" if fault else ""

    def routine(self, signature: str) -> str:
        """Why a function or procedure does not resolve or is refused by its language."""
        rows = self.rows(_ROUTINE, signature)
        if not rows:
            return f"does not resolve: to_regprocedure({signature!r}) is NULL"
        oid, validator = rows[0]
        if not validator:
            return ""
        call = sql.SQL("SELECT {}(%s::oid)").format(sql.Identifier(*validator))
        fault = self.attempt(call, oid)
        return f"is refused by its language: {fault}" if fault else ""

    def sequence(self, schema: str, name: str) -> str:
        """Why a sequence cannot serve the column that it belongs to."""
        sequence = sql.Identifier(schema, name)
        rows = self.rows(_OWNER, sequence.as_string(None))
        if not rows:
            return ""
        own_schema, table, column, up = rows[0]
        query = sql.SQL(
            "SELECT {extreme}({column}), (SELECT last_value FROM {sequence}),"
            " (SELECT is_called FROM {sequence}) FROM {table}"
        ).format(
            extreme=sql.SQL("max" if up else "min"),
            column=sql.Identifier(column),
            sequence=sequence,
            table=sql.Identifier(own_schema, table),
        )
        try:
            ((extreme, last, called),) = self.rows(query)
        except psycopg.Error as error:
            return f"cannot be read: {_reason(error)}"
        ahead = extreme is None or (last > extreme if up else last < extreme)
        if ahead or (called and last == extreme):
            return ""
        at = f"{own_schema}.{table}.{column} has {extreme}"
        return f"is behind its column: it stands at {last}, {at}; use setval"


_ROUTINE: LiteralString = """
    SELECT p.oid::bigint,
           CASE WHEN l.lanname NOT IN ('c', 'internal') AND v.oid IS NOT NULL
                THEN ARRAY[n.nspname::text, v.proname::text] END
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang
      LEFT JOIN pg_catalog.pg_proc v ON v.oid = l.lanvalidator
      LEFT JOIN pg_catalog.pg_namespace n ON n.oid = v.pronamespace
     WHERE p.oid = pg_catalog.to_regprocedure(%s)
"""
_OWNER: LiteralString = """
    SELECT n.nspname::text, r.relname::text, a.attname::text, s.seqincrement > 0
      FROM pg_catalog.pg_sequence s
      JOIN pg_catalog.pg_depend d ON d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
       AND d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
       AND d.refclassid = 'pg_catalog.pg_class'::regclass
      JOIN pg_catalog.pg_class r ON r.oid = d.refobjid
      JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE s.seqrelid = pg_catalog.to_regclass(%s)
"""
_IDENTITY: LiteralString = """
    SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = pg_catalog.pg_get_serial_sequence(%s, %s)::regclass
"""
_INDEX: LiteralString = """
    SELECT indisvalid AND indisready AND indislive FROM pg_catalog.pg_index
     WHERE indexrelid = pg_catalog.to_regclass(%s)
"""
_CONSTRAINT: LiteralString = """
    SELECT convalidated FROM pg_catalog.pg_constraint
     WHERE conrelid = pg_catalog.to_regclass(%s) AND conname = %s
"""
_TRIGGER: LiteralString = """
    SELECT tgenabled <> 'D' FROM pg_catalog.pg_trigger
     WHERE tgrelid = pg_catalog.to_regclass(%s) AND tgname = %s
"""
_ROUTINES: LiteralString = """
    SELECT pg_catalog.format('%%I.%%I(%%s)', n.nspname, p.proname,
                             pg_catalog.oidvectortypes(p.proargtypes))
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = %s AND p.proname = %s
"""


def _reason(error: psycopg.Error) -> str:
    message = error.diag.message_primary or str(error).strip()
    state = f" ({error.sqlstate})" if error.sqlstate else ""
    return " ".join(message.split()) + state


# --- how each kind is used --------------------------------------------------------------------


def _use_relation(probe: Probe, obj: Object) -> str:
    return probe.relation(obj.id.schema, obj.id.name)


def _use_column(probe: Probe, obj: Object) -> str:
    id = obj.id
    fault = probe.column(id.name, id.schema, id.parent)
    if fault or not obj.get("identity"):
        return fault
    table = sql.Identifier(id.schema, id.parent).as_string(None)
    rows = probe.rows(_IDENTITY, table, id.name)
    return probe.sequence(*rows[0]) if rows else "has no sequence behind its identity"


def _use_sequence(probe: Probe, obj: Object) -> str:
    return probe.sequence(obj.id.schema, obj.id.name)


def _use_routine(probe: Probe, obj: Object) -> str:
    name, _, arguments = obj.id.name.partition("(")
    return probe.routine(f"{sql.Identifier(obj.id.schema, name).as_string(None)}({arguments}")


USES: Mapping[str, Callable[[Probe, Object], str]] = {
    "table": _use_relation,
    "view": _use_relation,
    "materialized_view": _use_relation,
    "column": _use_column,
    "sequence": _use_sequence,
    "function": _use_routine,
    "procedure": _use_routine,
}


# --- named checks -----------------------------------------------------------------------------


def _parts(path: str, count: int) -> tuple[str, ...]:
    """A dotted name's parts; the schema is public where none is given."""
    parts = tuple(path.split("."))
    return ("public", *parts) if len(parts) == count - 1 else parts


def _named_relation(probe: Probe, path: str) -> str:
    return probe.relation(*_parts(path, 2))


def _named_column(probe: Probe, path: str) -> str:
    *table, column = _parts(path, 3)
    return probe.column(column, *table)


def _named_sequence(probe: Probe, path: str) -> str:
    name = _parts(path, 2)
    return probe.relation(*name) or probe.sequence(name[0], name[-1])


def _named_index(probe: Probe, path: str) -> str:
    rows = probe.rows(_INDEX, sql.Identifier(*_parts(path, 2)).as_string(None))
    return _state(rows, "is invalid")


def _named_constraint(probe: Probe, path: str) -> str:
    *table, name = _parts(path, 3)
    return _state(probe.rows(_CONSTRAINT, _regclass(table), name), "is NOT VALID")


def _named_trigger(probe: Probe, path: str) -> str:
    *table, name = _parts(path, 3)
    return _state(probe.rows(_TRIGGER, _regclass(table), name), "is disabled")


def _named_function(probe: Probe, path: str) -> str:
    if "(" in path:
        return probe.routine(path)
    signatures = [str(row[0]) for row in probe.rows(_ROUTINES, *_parts(path, 2))]
    if not signatures:
        return "is missing"
    return next(filter(None, map(probe.routine, signatures)), "")


def _regclass(name: list[str]) -> str:
    return sql.Identifier(*name).as_string(None)


def _state(rows: list[Any], wrong: str) -> str:
    if not rows:
        return "is missing"
    return "" if rows[0][0] else wrong


NAMED_KINDS: Mapping[str, Callable[[Probe, str], str]] = {
    "table": _named_relation,
    "view": _named_relation,
    "column": _named_column,
    "sequence": _named_sequence,
    "index": _named_index,
    "constraint": _named_constraint,
    "trigger": _named_trigger,
    "function": _named_function,
}
