"""What schemas looked like when they were last found as wanted, kept in the target.

The state of a schema is the exclusive or of a hash of each of its catalog rows, by the row's
identity and the transaction that wrote it. So the state after a change is the one before without
the rows of the relations that were touched, as they were, and with those rows as they are: it need
not be worked out anew, and what others change meanwhile elsewhere still tells.

States are not even worked out of schemas that a census of the catalogs finds as they were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import psycopg
from psycopg import sql

from weedgo.staged import census as counting
from weedgo.staged.census import Census
from weedgo.staged.db import Connection
from weedgo.staged.queries import text

_KEPT = """
CREATE TABLE IF NOT EXISTS weedgo_migration.seen (
    schema text PRIMARY KEY, state text NOT NULL, wanted text NOT NULL,
    counted boolean NOT NULL DEFAULT false, seen timestamptz NOT NULL DEFAULT now());
ALTER TABLE weedgo_migration.seen ADD COLUMN IF NOT EXISTS counted boolean NOT NULL DEFAULT false
"""
# Relations that are given are looked up one by one: no plan knows how few they are.
_ONE_BY_ONE = "SELECT pg_catalog.set_config('enable_seqscan', 'off', true)"
_REPEATABLE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
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
# The relations of so many schemas are found first, too.
_FEW = 20
_WITHIN = """
SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = ANY(%s)
"""


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
        return f"{self.relations:016x} {self.others:016x}"

    @classmethod
    def of(cls, said: str) -> State:
        """The state that reads so."""
        relations, _, others = said.partition(" ")
        return cls(int(relations, 16), int(others or "0", 16))


@dataclass(frozen=True)
class Sight:
    """What is known of schemas before any is read.

    Args:
        states: of those that stand.
        wanted: by schema the digest of what was wanted when it was last seen; only of those that
            have not changed since.
        census: taken before.
        counted: schemas that a later census can tell of: they have the state that is kept, and all
            their rows are older than the horizon of this one.
        lost: schemas that were seen once, and may have changed since.
        new: whether something had to be looked at that the last census could not tell of.
        whole: whether no others than these schemas may have changed since, too.
    """

    states: Mapping[str, State]
    wanted: Mapping[str, str]
    census: Census
    counted: frozenset[str]
    lost: frozenset[str]
    new: bool
    whole: bool


@dataclass(frozen=True)
class Touched:
    """What relations that a change touches make of the state of things.

    Args:
        names: of these relations.
        parts: by schema, of its state.
        oids: of the relations.
        older: how many of their rows are older than the census's horizon.
        newer: how many are not.
    """

    names: frozenset[str]
    parts: Mapping[str, int]
    oids: frozenset[int]
    older: int
    newer: int


def look(conn: Connection, schemas: Collection[str], beside: Connection | None = None) -> Sight:
    """Find out which schemas stand as they were last seen.

    Args:
        conn: to the target.
        schemas: their names.
        beside: another connection there, to read by at the same time.
    """
    known, last = _kept(conn), counting.kept(conn)
    count = counting.count(conn, last, beside)
    told = {s for s, k in known.items() if k.counted} - count.newer
    same = told if last is not None and count.older == last.rows else set()
    unknown = [schema for schema in schemas if schema not in same]
    found = states(conn, unknown, beside) if unknown else {}
    same |= {s for s in found if s in known and found[s] == known[s].state}
    found |= {s: known[s].state for s in same.intersection(schemas)}
    lost = frozenset(known.keys() - same)
    return Sight(
        found,
        wanted={s: known[s].wanted for s in schemas if s in same},
        census=count.now,
        counted=frozenset(same - count.late),
        lost=lost,
        new=bool(unknown),
        whole=lost <= set(schemas),
    )


def settle(conn: Connection, sight: Sight) -> None:
    """Keep the census of a sight, and forget what it found to be lost."""
    if not (sight.new and sight.whole and _has_journal(conn)):
        return
    with conn.transaction():
        conn.execute(_KEPT)
        conn.execute("DELETE FROM weedgo_migration.seen WHERE schema = ANY(%s)", [list(sight.lost)])
        _keep(conn, sight.census, sight.counted)


def _keep(conn: Connection, census: Census, counted: Collection[str]) -> None:
    conn.execute(
        "UPDATE weedgo_migration.seen SET counted = NOT counted"
        " WHERE counted <> (schema = ANY(%s))", [list(counted)],
    )  # fmt: skip
    counting.keep(conn, census)


def states(
    conn: Connection, schemas: Collection[str], beside: Connection | None = None
) -> dict[str, State]:
    """The states of those of the schemas that stand.

    Args:
        conn: to the target.
        schemas: their names.
        beside: another connection there, to read by at the same time.
    """
    oids = None
    if len(schemas) <= _FEW:
        oids = [row[0] for row in conn.execute(_WITHIN, [list(schemas)]).fetchall()]

    def here() -> tuple[dict[str, int], dict[str, int]]:
        return _digests(conn, RELATIONS, schemas, oids), _digests(conn, OTHERS, schemas)

    there = partial(_digests, beside or conn, BOUND, schemas, oids)
    (relations, others), bound = counting.both(here, there, at_once=beside is not None)
    return {
        schema: State(relations.get(schema, 0) ^ bound.get(schema, 0), rest)
        for schema, rest in others.items()
    }


def touched(
    conn: Connection,
    schemas: Collection[str],
    names: Collection[str],
    sight: Sight,
    beside: Connection | None = None,
) -> Touched:
    """What relations of these names make of schemas' states."""
    asked = list(schemas)
    oids = [row[0] for row in conn.execute(_NAMED, [asked, sorted(names)]).fetchall()]
    if not oids:
        return Touched(frozenset(names), {}, frozenset(), 0, 0)
    relations, (bound, rows) = counting.both(
        partial(_digests, conn, RELATIONS, asked, oids),
        partial(_bound, beside or conn, asked, oids, sight.census),
        at_once=beside is not None,
    )
    parts = {s: relations.get(s, 0) ^ bound.get(s, 0) for s in relations.keys() | bound.keys()}
    return Touched(frozenset(names), parts, frozenset(oids), *rows)


def _bound(
    conn: Connection, schemas: Collection[str], oids: Sequence[int], census: Census
) -> tuple[dict[str, int], tuple[int, int]]:
    return _digests(conn, BOUND, schemas, oids), counting.count_of(conn, oids, census)


def reached(
    conn: Connection,
    sight: Sight,
    before: Touched,
    done: Collection[str],
    still: Collection[str],
    digest: str,
    beside: Connection | None = None,
) -> None:
    """Keep that schemas are as wanted, after a change.

    Whatever else changed meanwhile still tells, as states are those before the change with what it
    touched. They are counted if nothing else did: then fewer rows are older than the census's
    horizon by those that the change took away, and all newer ones are of relations that it touched.

    Args:
        conn: to the target.
        sight: of the schemas, before.
        before: what the change was to touch.
        done: the schemas that it changed.
        still: those that are as wanted though nobody knew.
        digest: tells what is wanted from all else.
        beside: another connection there, to read by at the same time.
    """
    if not (done or still) or not _has_journal(conn):
        return
    with _one_view(conn, beside):
        count = counting.count(conn, sight.census, beside)
        others, now = counting.both(
            partial(_digests, conn, OTHERS, done),
            partial(touched, beside or conn, done, before.names, sight),
            at_once=beside is not None,
        )
        states = {s: sight.states[s] for s in still}
        for s in others:
            relations = sight.states[s].relations ^ before.parts.get(s, 0) ^ now.parts.get(s, 0)
            states[s] = State(relations, others[s])
        remember(conn, states, digest)
        gone = sight.census.rows - count.older
        if sight.whole and not before.newer and gone == before.older - now.older:
            own = {oid for oid, s in count.relations.items() if s in done and oid in now.oids}
            foreign = {s for oid, s in count.relations.items() if oid not in own}
            foreign |= count.spaces.difference(done)
            counted = sight.counted.union(states) - foreign - count.late
            _keep(conn, count.now, counted)


@contextmanager
def _one_view(conn: Connection, beside: Connection | None) -> Iterator[None]:
    """A transaction of each connection: both see the same all the while."""
    with conn.transaction():
        conn.execute(_REPEATABLE)
        if beside is None:
            yield
            return
        row = conn.execute("SELECT pg_catalog.pg_export_snapshot()").fetchone()
        assert row is not None
        with beside.transaction():
            beside.execute(_REPEATABLE)
            beside.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(row[0]))
            yield


def _digests(
    conn: Connection, name: str, schemas: Collection[str], oids: Sequence[int] | None = None
) -> dict[str, int]:
    query, asked = text(name), list(schemas)
    if oids is None:
        rows = conn.execute(query.encode(), [asked]).fetchall()
    else:
        with conn.transaction():
            conn.execute(_ONE_BY_ONE)
            query = query.replace("--@named", _ONLY)
            rows = conn.execute(query.encode(), [asked, list(oids)]).fetchall()
    # As the server counts, a half of all are negative.
    return {str(schema): int(digest) % (1 << 64) for schema, digest in rows}


@dataclass(frozen=True)
class _Known:
    """What is kept of a schema; see `Sight`."""

    state: State
    wanted: str
    counted: bool


def _kept(conn: Connection) -> dict[str, _Known]:
    """All schemas that were seen."""
    try:
        rows = conn.execute(
            "SELECT schema, state, wanted, counted FROM weedgo_migration.seen"
        ).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return {}
    return {schema: _Known(State.of(state), *more) for schema, state, *more in rows}


def _has_journal(conn: Connection) -> bool:
    row = conn.execute("SELECT to_regnamespace('weedgo_migration') IS NOT NULL").fetchone()
    return row == (True,)


def remember(conn: Connection, states: Mapping[str, State], digest: str) -> None:
    """Keep that schemas are as wanted, where the target has a journal.

    Args:
        states: theirs, as they are.
        digest: tells what is wanted from all else.
    """
    if not states or not _has_journal(conn):
        return
    with conn.transaction():
        conn.execute(_KEPT)
        conn.execute(
            "INSERT INTO weedgo_migration.seen (schema, state, wanted)"
            " SELECT s, t, %s FROM unnest(%s::text[], %s::text[]) AS u (s, t)"
            " ON CONFLICT (schema) DO UPDATE SET state = excluded.state,"
            " wanted = excluded.wanted, counted = false, seen = now()",
            [digest, list(states), list(map(str, states.values()))],
        )
