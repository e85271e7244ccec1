"""Renames, carried out: first in a scratch database with the target's schema, then as steps.

PostgreSQL itself says what a rename does to all that depends on it: the target's schema is made in
a scratch database, the renames are done there, and what has changed between two readings has
changed in the target's catalog, from which the rest is planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace

import psycopg

from weedgo.staged import catalog as catalogs
from weedgo.staged import db, scratch
from weedgo.staged.db import Connection
from weedgo.staged.graph import closure
from weedgo.staged.journal import Journal
from weedgo.staged.kinds import moves
from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, ident, literal, raw, render
from weedgo.staged.materialize import materialize
from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    DropMode,
    Object,
    ObjectId,
    Options,
    Rename,
    Stage,
    StagedError,
    Statement,
    Status,
    Step,
)
from weedgo.staged.pairing import KINDS_OF, Pending, Unit, units
from weedgo.staged.renamed import Ids, Renamed, rewritten
from weedgo.staged.wanted import asked

_WORDS = {
    "schema": "SCHEMA",
    "table": "TABLE",
    "foreign_table": "FOREIGN TABLE",
    "view": "VIEW",
    "materialized_view": "MATERIALIZED VIEW",
    "sequence": "SEQUENCE",
    "index": "INDEX",
    "enum": "TYPE",
    "composite_type": "TYPE",
    "range_type": "TYPE",
    "domain": "DOMAIN",
    "function": "ROUTINE",
    "aggregate": "ROUTINE",
}
_INSIDE = {
    "column": "ALTER TABLE {whole} RENAME COLUMN {old} TO {new}",
    "constraint": "ALTER TABLE {whole} RENAME CONSTRAINT {old} TO {new}",
    "domain_constraint": "ALTER DOMAIN {whole} RENAME CONSTRAINT {old} TO {new}",
    "trigger": "ALTER TRIGGER {old} ON {whole} RENAME TO {new}",
    "policy": "ALTER POLICY {old} ON {whole} RENAME TO {new}",
    "enum": "ALTER TYPE {whole} RENAME VALUE {old} TO {new}",
}
_LENGTH = 63

Address = tuple[int, int, int]


def carried_out(
    standing: Catalog, wanted: Catalog, url: str, conn: Connection, options: Options, run: str
) -> Renamed:
    """The target as it is once it is renamed, and the steps that do it.

    Args:
        standing: the target's catalog.
        wanted: the source's.
        url, conn: the target.
        options: with the renames, and the server for the scratch database.
        run: names the scratch database.

    Returns:
        Nothing where all is renamed already.

    Raises:
        StagedError: a rename matches nothing, leads nowhere, or cannot be done; or there can be no
            scratch database.
    """
    if moving := _moving(standing, wanted, conn, options):
        both = (*options.renames, *moving)
        with suppress(StagedError):
            return _rehearsed(both, standing, wanted, url, conn, options, run)
    return _rehearsed(options.renames, standing, wanted, url, conn, options, run)


def _rehearsed(
    renames: Sequence[Rename],
    standing: Catalog,
    wanted: Catalog,
    url: str,
    conn: Connection,
    options: Options,
    run: str,
) -> Renamed:
    if not renames:
        return Renamed()
    newest = Journal(conn).newest
    todo = units(renames, standing, wanted, lambda s: newest(s) == Status.DONE.value)
    if not todo:
        return Renamed()
    with (
        scratch.scratch_database(options.scratch_url or url, like=conn, run=run) as address,
        closing(db.connect(address, application=f"weedgo {run} renames")) as trial,
    ):
        rehearsal = _Rehearsal(trial, dict(materialize(standing, trial)))
        rehearsal.find(entry for unit in todo for entry in unit.entries)
        drafts = [rehearsal.unit(unit) for unit in todo]
        catalog, moved = rewritten(standing, rehearsal.before, catalogs.read(trial))
    steps = []
    for number, draft in enumerate(drafts):
        needs = [d.unit.step for d in drafts[:number] if d.gives & draft.takes]
        steps.append(_step(draft, needs, standing, catalog, moved))
    return Renamed(catalog, tuple(steps))


def _moving(
    standing: Catalog, wanted: Catalog, conn: Connection, options: Options
) -> tuple[Rename, ...]:
    """Tables of which nothing else can be meant than that they move to another schema.

    Without a rehearsal they are moved all the same; only their undo is less exact.
    """
    if options.drop is DropMode.KEEP:
        return ()
    named = {path for rename in options.renames for path in (rename.old, rename.new)}
    only = {
        id: Change(id, action, None, None)
        for mine, other, action in (
            (wanted, standing, Action.CREATE),
            (standing, wanted, Action.DROP),
        )
        for id in mine.objects
        if id.kind in KINDS_OF["tables"] + KINDS_OF["types"]
        if id not in other and (id.schema, id.name) not in named
        if asked(mine.objects[id], options)
    }
    types = moves.types(only, standing, wanted)
    found = moves.found(only, standing, wanted, types)
    if not found or not (options.scratch_url or scratch.possible(conn)):
        return ()
    columns = (c.id for t in found for c in wanted.members.get(("column", t.schema, t.name), ()))
    needed = closure(columns, wanted.needed)
    types = {new: old for new, old in types.items() if new in needed}
    return tuple(
        Rename(section, (old.schema, old.name), (new.schema, new.name), "found")
        for section, pairs in (("types", types), ("tables", found))
        for new, old in pairs.items()
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a unit of renames is carried out by.

    ``gives`` are the schemas, relations and types that it renames or makes, ``takes`` those that
    its statements name, each by its address or name.
    """

    unit: Unit
    statements: tuple[Statement, ...]
    undo: tuple[Statement, ...]
    gives: frozenset[Address | str]
    takes: frozenset[Address | str]


class _Rehearsal:
    """Renames in a scratch database, one after the other.

    Args:
        conn: to the scratch database with the target's schema.
        lacking: what could not be made there, and why.
    """

    def __init__(self, conn: Connection, lacking: Mapping[ObjectId, str]) -> None:
        self.conn = conn
        self.before = catalogs.read(conn)
        self._lacking = lacking
        self._places = {id: address for address, id in self.before.locate().items()}

    def find(self, entries: Iterable[Pending]) -> None:
        """Look everything up by its old name, as long as it has it."""
        for entry in entries:
            self._place(entry)

    def unit(self, unit: Unit) -> _Draft:
        """Rename what belongs together; in a cycle one goes by a name in between."""
        first = unit.entries[0]
        pairs = [self._schema(schema, first) for schema in unit.schemas]
        before = [self._table(entry) for entry in unit.entries]
        moves = [(entry, entry.then) for entry in unit.entries]
        if unit.cycle:
            moves = [(first, _between(first.then)), *moves[1:], moves[0]]
        for entry, then in moves:
            pairs += self._renamed(entry, then)
        after = [self._table(entry) for entry in unit.entries]
        return _Draft(
            unit,
            _locking([forth for forth, _ in pairs], before),
            _locking([back for _, back in reversed(pairs)], after),
            frozenset((*(self._place(e) for e in unit.entries if not e.parent), *unit.schemas)),
            frozenset(a for e in unit.entries for a in self._around(e)),
        )

    def _schema(self, schema: str, entry: Pending) -> tuple[str, str]:
        text = render("CREATE SCHEMA {}", ident(schema))
        self._do(text, entry)
        return text, render("DROP SCHEMA {}", ident(schema))

    def _renamed(self, entry: Pending, then: tuple[str, ...]) -> list[tuple[str, str]]:
        """Pairs of a statement, done here at once, and what takes it back."""
        name = then[-1]
        if entry.parent is not None:
            return [self._within(entry, entry.parent, name)]
        schema = then[0] if len(then) == 2 else ""
        found = []
        ways = ["RENAME TO", "SET SCHEMA"]
        if any(ObjectId(kind, entry.now[0], name) in self.before for kind in _WORDS):
            ways.reverse()  # The new name is taken where it stands.
        for way in ways:
            here = self._called(entry)[0]
            was, to = (entry.called, name) if way == "RENAME TO" else (here, schema)
            if to and was != to:
                found.append(self._altered(entry, way, was, to))
        entry.called = name
        return found

    def _altered(self, entry: Pending, way: str, was: str, to: str) -> tuple[str, str]:
        text = "ALTER {} {} {} {}"
        word = _WORDS[entry.id.kind]
        forth = render(text, word, self._called(entry)[1], way, ident(to))
        self._do(forth, entry)
        return forth, render(text, word, self._called(entry)[1], way, ident(was))

    def _within(self, entry: Pending, parent: ObjectId, name: str) -> tuple[str, str]:
        """Rename a part of a relation or type."""
        whole = raw(self._identity(self._places[parent])[1])
        quote = literal if entry.id == parent else ident
        old, new = quote(entry.called), quote(name)
        text = _INSIDE[entry.id.kind]
        forth = render(text, whole=whole, old=old, new=new)
        self._do(forth, entry)
        entry.called = name
        return forth, render(text, whole=whole, old=new, new=old)

    def _called(self, entry: Pending) -> tuple[str, str]:
        """The schema of an object and its whole name, as they are now."""
        return self._identity(self._place(entry))

    def _identity(self, address: Address) -> tuple[str, str]:
        row = self.conn.execute(
            "SELECT coalesce((pg_catalog.parse_ident(schema))[1], ''), identity"
            " FROM pg_catalog.pg_identify_object(%s::oid, %s::oid, %s::int)",
            list(address),
        ).fetchone()
        assert row is not None
        return str(row[0]), str(row[1])

    def _place(self, entry: Pending) -> Address:
        """Where an object is in the scratch database's catalog."""
        if entry.id in self._places:
            return self._places[entry.id]
        if entry.id.kind == "sequence":  # behind an identity column
            row = self.conn.execute(
                "SELECT 'pg_class'::regclass::oid::int8, to_regclass(%s)::oid::int8, 0",
                [db.quoted(entry.id.schema, entry.id.name)],
            ).fetchone()
            if row and row[1]:
                self._places[entry.id] = (int(row[0]), int(row[1]), 0)
                return self._places[entry.id]
        why = self._lacking.get(entry.id, "it could not be made in a scratch database")
        raise StagedError(f"{entry.rename}: it cannot be tried: {why}")

    def _around(self, entry: Pending) -> Iterable[Address | str]:
        """What an object is in, and will be in."""
        if entry.parent:
            yield self._places[entry.parent]
        if (schema := self._places.get(ObjectId("schema", "", entry.id.schema))) is not None:
            yield schema
        yield entry.then[0]

    def _table(self, entry: Pending) -> ObjectId | None:
        """The table that is locked, by its name of now."""
        holder = entry.parent or entry.id
        if holder.kind not in ("table", "foreign_table") or holder not in self._places:
            return None
        row = self.conn.execute(
            "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s",
            [self._places[holder][1]],
        ).fetchone()
        return ObjectId("table", str(row[0]), str(row[1])) if row else None

    def _do(self, text: str, entry: Pending) -> None:
        try:
            self.conn.execute(text.encode())
        except psycopg.Error as error:
            raise StagedError(f"{entry.rename}: {db.one_line(error)}") from None


def _between(then: tuple[str, ...]) -> tuple[str, ...]:
    name = f"weedgo_swap_{then[-1]}".encode()[:_LENGTH].decode(errors="ignore")
    return (*then[:-1], name)


def _locking(texts: Sequence[str], tables: Iterable[ObjectId | None]) -> tuple[Statement, ...]:
    """Statements of which the first name the tables locked, by their names at the beginning."""
    found = [Statement(text) for text in texts]
    locked = dict.fromkeys(table for table in tables if table is not None)
    for number, table in enumerate(locked):
        found[number] = replace(found[number], lock=ACCESS_EXCLUSIVE, table=table)
    return tuple(found)


def _step(
    draft: _Draft, needs: Sequence[str], standing: Catalog, catalog: Catalog, moved: Ids
) -> Step:
    changes = []
    for entry in draft.unit.entries:
        new = moved(entry.id)
        before = standing.get(entry.id) or Object(entry.id, {})
        after = catalog.get(new) or Object(ObjectId("sequence", *entry.then), {})
        changes.append(Change(entry.id, Action.RENAME, before, after))
    return Step(
        id=draft.unit.step,
        changes=tuple(changes),
        statements=draft.statements,
        undo=draft.undo,
        home=Stage.PREREQUISITES,
        stage=Stage.PREREQUISITES,
        needs=tuple(needs),
        own=len(changes),
    )
