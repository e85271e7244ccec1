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

import psycopg
from psycopg import sql

from weedgo.staged import builds, transact
from weedgo.staged.db import Connection
from weedgo.staged.journal import Journal
from weedgo.staged.lease import Target
from weedgo.staged.model import Options
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
            yield quoted.replace('""', '"') if quoted else plain


def _patiently(
    conn: Connection, options: Options, text: str, index: builds.Index = ("", "")
) -> None:
    for _ in range(options.retries + 1):
        try:
            if text:
                transact.transaction(conn, options, [(text, [])])
            else:
                builds.drop(conn, index)
            return
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            time.sleep(_PAUSE)
