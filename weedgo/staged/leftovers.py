"""What a killed run left half done beside the objects themselves: helper indexes and constraints.

A step that replaces something in use builds the new one under a name of the engine's own, or sets
the old one aside under such a name. Each stands for itself at any moment, so that a helper is
never needed again once its run is dead. Only what the journal's unfinished steps name counts:
nobody else's objects are touched, whatever they are called.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import LiteralString

import psycopg
from psycopg import sql

from weedgo.staged import builds, transact
from weedgo.staged.db import Connection
from weedgo.staged.journal import Journal
from weedgo.staged.kinds.helpers import PREFIX, is_helper
from weedgo.staged.lease import Target
from weedgo.staged.model import Options, Statement
from weedgo.staged.records import StepRecord

_HELPER = re.compile(r'"(weedgo_(?:[^"]|"")*)"|\b(weedgo_\w+)')
_UNFINISHED = ("running", "interrupted", "failed")
_PAUSE = 0.2

_STANDING = """
WITH helper(schema, name) AS (SELECT * FROM unnest(%(schemas)s::text[], %(names)s::text[]))
SELECT 'index', n.nspname, c.relname, ''
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN helper h ON (n.nspname, c.relname) = (h.schema, h.name)
 WHERE c.relkind = 'i'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid)
UNION ALL
SELECT 'constraint', n.nspname, k.conname, c.relname
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN helper h ON (n.nspname, k.conname) = (h.schema, h.name)
 WHERE k.conislocal AND k.conparentid = 0
"""


def remove(target: Target, journal: Journal, options: Options) -> None:
    """Take away the helpers of dead runs; only under the lease, before the catalog is read.

    What somebody's lock protects for longer than the options allow stays for the next run.

    Args:
        target: held.
        journal: of that target, before `Journal.reconcile`.
        options: timeouts and retries.
    """
    names = _named(journal)
    if not names:
        return
    schemas, helpers = zip(*sorted(names), strict=True)
    asked = {"schemas": list(schemas), "names": list(helpers)}
    for kind, schema, name, table in target.control.execute(_STANDING, asked).fetchall():
        if kind == "index":
            _patiently(target.worker, options, "", (schema, name))
        else:
            text = sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(
                sql.Identifier(schema, table), sql.Identifier(name)
            )
            _patiently(target.worker, options, text.as_string(None))


def _named(journal: Journal) -> set[tuple[str, str]]:
    """Schema and name of the helpers that unfinished steps speak of."""
    found = set()
    for run in journal.runs():
        for step in journal.steps(run.id, *_UNFINISHED):
            found |= {(step.schema, name) for name in _helpers(step)}
    return found


def _helpers(step: StepRecord) -> Iterable[str]:
    for statement in (*step.statements, *step.undo):
        for quoted, plain in _HELPER.findall(str(statement["sql"])):
            name = quoted.replace('""', '"') if quoted else plain
            if not is_helper(name):
                yield name


def sweep(conn: Connection, options: Options, kept: Iterable[Statement] = ()) -> list[str]:
    """Take away the helpers that nothing will use: triggers, columns, indexes, constraints.

    Args:
        conn: to the target, in autocommit, under the lease.
        options: timeouts and retries.
        kept: statements that are going to run; the helpers that they name stay for them.

    Returns:
        What could not be taken away, in words, because somebody's lock was in the way.
    """
    return _swept(conn, options, "\0".join(s.sql for s in kept), keep=True)


def sweep_after(conn: Connection, options: Options, failed: Iterable[Statement]) -> list[str]:
    """Take away the helpers that a failed step's statements made; see `sweep`."""
    return _swept(conn, options, "\0".join(s.sql for s in failed), keep=False)


def _swept(conn: Connection, options: Options, named: str, *, keep: bool) -> list[str]:
    left = []
    for kind, schema, name, table in conn.execute(_HELPERS).fetchall():
        if (name in named) == keep:
            continue
        text = sql.SQL(_AWAY[kind]).format(
            name=sql.Identifier(schema, name), own=sql.Identifier(name),
            table=sql.Identifier(schema, table),
        )  # fmt: skip
        if not _patiently(conn, options, text.as_string(None)):
            left.append(f"{kind} {schema}.{table + '.' if table else ''}{name}")
    return left


_AWAY: dict[str, LiteralString] = {
    "function": "DROP FUNCTION IF EXISTS {name}() CASCADE",
    "constraint": "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {own}",
    "column": "ALTER TABLE {table} DROP COLUMN IF EXISTS {own} CASCADE",
    "index": "DROP INDEX IF EXISTS {name}",
}
_HELPERS = f"""
SELECT kind, schema, name, tab FROM (
    SELECT 1, 'function', n.nspname, p.proname, ''
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE starts_with(p.proname, '{PREFIX}')
    UNION ALL
    SELECT 2, 'constraint', n.nspname, k.conname, c.relname
      FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE starts_with(k.conname, '{PREFIX}') AND k.conparentid = 0
    UNION ALL
    SELECT 3, 'column', n.nspname, a.attname, c.relname
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE starts_with(a.attname, '{PREFIX}') AND NOT a.attisdropped AND a.attinhcount = 0
       AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT 4, 'index', n.nspname, c.relname, ''
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE starts_with(c.relname, '{PREFIX}') AND c.relkind IN ('i', 'I')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid)
) found(place, kind, schema, name, tab)
 ORDER BY place, schema, tab, name
"""  # noqa: S608 - the prefix is the engine's own


def _patiently(
    conn: Connection, options: Options, text: str, index: builds.Index = ("", "")
) -> bool:
    for _ in range(options.retries + 1):
        try:
            if text:
                transact.transaction(conn, options, [(text, [])])
            else:
                builds.drop(conn, index)
            return True
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            time.sleep(_PAUSE)
    return False
