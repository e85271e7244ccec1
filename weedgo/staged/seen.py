"""What schemas looked like when they were last found as wanted, kept in the target.

The state of a schema is the exclusive or of a hash of each of its catalog rows, by the row's
identity and the transaction that wrote it. So the state after a change is the one before without
the rows of the relations that were touched, as they were, and with those rows as they are: it need
not be worked out anew, and what others change meanwhile elsewhere still tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg

from weedgo.staged.db import Connection
from weedgo.staged.queries import text

_KEPT = """
CREATE TABLE IF NOT EXISTS weedgo_migration.seen (
    schema text PRIMARY KEY, state text NOT NULL, wanted text NOT NULL,
    seen timestamptz NOT NULL DEFAULT now())
"""
# Queries of digests.
RELATIONS, BOUND, OTHERS = "state_relations", "state_bound", "state_others"
# The relations of some names, and their indexes. They are found first: as a part of the digests'
# queries they would be estimated wrong, and whole catalogs be read for a few rows.
_NAMED = """
WITH named AS MATERIALIZED (
    SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY(%s) AND c.relname = ANY(%s)
)
SELECT oid FROM named
UNION
SELECT i.indexrelid FROM pg_catalog.pg_index i JOIN named t ON t.oid = i.indrelid
"""
_ONLY = "WHERE c.oid = ANY(%s)"


@dataclass(frozen=True)
class State:
    """A digest of a schema's catalog rows: any DDL changes it.

    Args:
        relations: of tables, indexes and the like, with all that is on them.
        others: of the schema itself, functions and types.
    """

    relations: int
    others: int

    def __str__(self) -> str:
        return f"{(self.relations ^ self.others) % (1 << 64):016x}"


def states(
    conn: Connection, schemas: Collection[str], beside: Connection | None = None
) -> dict[str, State]:
    """The states of those of the schemas that stand.

    Args:
        conn: to the target.
        schemas: their names.
        beside: another connection there, to read by at the same time.
    """
    with ThreadPoolExecutor(1) as pool:
        elsewhere = beside and pool.submit(_digests, beside, BOUND, schemas)
        relations = _digests(conn, RELATIONS, schemas)
        others = _digests(conn, OTHERS, schemas)
        bound = elsewhere.result() if elsewhere else _digests(conn, BOUND, schemas)
    return {
        schema: State(relations.get(schema, 0) ^ bound.get(schema, 0), rest)
        for schema, rest in others.items()
    }


def touched(conn: Connection, schemas: Collection[str], names: Collection[str]) -> dict[str, int]:
    """For each schema the part of its state that relations of these names make."""
    asked = list(schemas)
    oids = [row[0] for row in conn.execute(_NAMED, [asked, sorted(names)]).fetchall()]
    found: dict[str, int] = {}
    for name in (RELATIONS, BOUND):
        query = text(name).replace("--@named", _ONLY)
        for schema, digest in conn.execute(query.encode(), [asked, oids]).fetchall():
            found[schema] = found.get(schema, 0) ^ int(digest)
    return found


def after(
    conn: Connection, before: Mapping[str, State], part: Mapping[str, int], names: Collection[str]
) -> dict[str, State]:
    """The states of schemas after a change.

    Args:
        before: the states as they were.
        part: what relations of these names made of each before the change.
        names: of all relations that the change touched.
    """
    now = touched(conn, before, names)
    others = _digests(conn, OTHERS, before)
    return {
        schema: State(state.relations ^ part.get(schema, 0) ^ now.get(schema, 0), others[schema])
        for schema, state in before.items()
        if schema in others
    }


def _digests(conn: Connection, name: str, schemas: Collection[str]) -> dict[str, int]:
    rows = conn.execute(text(name).encode(), [list(schemas)]).fetchall()
    return {str(schema): int(digest) for schema, digest in rows}


def unchanged(conn: Connection, now: Mapping[str, State]) -> dict[str, str]:
    """Schemas that are as they were last seen, each with the digest of what was wanted then.

    Args:
        now: their states.
    """
    try:
        rows = conn.execute(
            "SELECT schema, state, wanted FROM weedgo_migration.seen WHERE schema = ANY(%s)",
            [list(now)],
        ).fetchall()
    except psycopg.errors.UndefinedTable:
        return {}
    return {schema: wanted for schema, state, wanted in rows if str(now[schema]) == state}


def remember(conn: Connection, states: Mapping[str, State], digest: str) -> None:
    """Keep that schemas are as wanted, where the target has a journal.

    Args:
        states: theirs, as they are.
        digest: tells what is wanted from all else.
    """
    row = conn.execute("SELECT to_regnamespace('weedgo_migration') IS NOT NULL").fetchone()
    if not states or row != (True,):
        return
    with conn.transaction():
        conn.execute(_KEPT)
        conn.execute(
            "INSERT INTO weedgo_migration.seen (schema, state, wanted)"
            " SELECT s, t, %s FROM unnest(%s::text[], %s::text[]) AS u (s, t)"
            " ON CONFLICT (schema) DO UPDATE SET state = excluded.state,"
            " wanted = excluded.wanted, seen = now()",
            [digest, list(states), list(map(str, states.values()))],
        )
