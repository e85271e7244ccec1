"""Reading a database's schema: one snapshot, one query per kind, all sent at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from weedgo.staged.kinds import SOURCES
from weedgo.staged.kinds.acl import MAINTAIN_SINCE
from weedgo.staged.kinds.base import Address
from weedgo.staged.model import Catalog, Object, ObjectId, StagedError, Unmodelled
from weedgo.staged.rows import Objects, Sheet

# pg_depend rows of one reading are fetched with the objects; DDL in between shows as a changed
# catalog version and the reading is repeated.
_ATTEMPTS = 5
_SETTINGS = "SELECT set_config('search_path', '', true), set_config('jit', 'off', true)"
_STATE = """
    SELECT current_setting('server_version_num')::int, current_user::text,
           ARRAY(SELECT rolname::text FROM pg_roles),
"""
# Most databases have none of many kinds, and it costs more to look for them than to ask.
_ONLY = re.compile(r"--@if (.*)\n")


@cache
def _text(name: str) -> str:
    return (files("weedgo.staged") / "sql" / f"{name}.sql").read_text()


@cache
def query(name: str, major: int) -> str:
    """A catalog query for a server version.

    Lines that end in ``--@18`` stand only for servers of at least that version, in ``--@<18``
    only for older ones.

    Args:
        name: the file's name in ``sql/``.
        major: the server's major version.
    """
    lines = []
    for line in _text(name).splitlines():
        mark = re.search(r"--@(<?)(\d+)\s*$", line)
        if not mark:
            lines.append(line)
        elif (major < int(mark[2])) if mark[1] else (major >= int(mark[2])):
            lines.append(line[: mark.start()])
    body = "\n".join(lines)
    return (
        f"{_text('prologue')}{body}"
        if "user_schema" in body or "extension_member" in body
        else body
    )


@cache
def _conditions() -> dict[str, str]:
    """The queries that find nothing unless a condition holds (``--@if`` in their first line)."""
    found = {name: _ONLY.match(_text(name)) for name in SOURCES}
    return {name: match[1] for name, match in found.items() if match}


def read(conn: psycopg.Connection[Any]) -> Catalog:
    """Read the schema of a connection's database.

    The functions of PostgreSQL that print definitions do not obey the transaction's snapshot:
    when DDL happens meanwhile (an error, or objects that changed under the reading), it is
    repeated.

    Args:
        conn: an autocommit connection; its search_path is left as it was.

    Returns:
        The catalog.

    Raises:
        StagedError: the schema would not hold still, or may not be read.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _read_once(conn)
        except (
            psycopg.errors.InternalError_,
            psycopg.errors.UndefinedObject,
            psycopg.errors.UndefinedTable,
        ):
            continue
    raise StagedError(
        f"the schema of {conn.info.dbname!r} changes faster than it can be read: "
        "try again when no DDL is running"
    )


Results = Mapping[str, psycopg.Cursor[tuple[Any, ...]]]


def _read_once(conn: psycopg.Connection[Any]) -> Catalog:
    major = conn.info.server_version // 10000
    found = {}
    with conn.transaction(), conn.pipeline():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute(_SETTINGS)
        conditions = _conditions()
        state = conn.cursor(row_factory=tuple_row)
        state.execute(f"{_STATE} ARRAY[{', '.join(conditions.values())}]".encode(), prepare=False)
        version, user, roles, hold = state.fetchone() or (0, "", [], [])
        absent = {name for name, holds in zip(conditions, hold, strict=True) if not holds}
        for name in (*SOURCES, "description", "depend", "alias", "unmodelled"):
            if name not in absent:
                found[name] = conn.cursor(row_factory=tuple_row)
                found[name].execute(query(name, major).encode(), prepare=False)
    return _assemble(found, version, user, frozenset(roles))


def _assemble(found: Results, version: int, user: str, roles: frozenset[str]) -> Catalog:
    objects = Objects()
    addresses: dict[Address, ObjectId] = {}
    sheets: list[Sheet] = []
    for source, kinds in SOURCES.items():
        if source not in found:
            continue
        names = tuple(c.name for c in found[source].description or ())
        rows = found[source].fetchall()
        if Sheet.fits(kinds, names):
            sheets.append(Sheet(kinds[0], names, rows))
            objects.extend(sheets[-1])
            continue
        for values in rows:
            row = dict(zip(names, values, strict=True))
            for kind in kinds:
                for obj, address in kind.read(row):
                    objects.add(_known(obj, version // 10000))
                    if address:
                        addresses[address] = obj.id
    resolve = _Resolver(addresses, sheets, found["alias"])
    _comments(objects, resolve, found["description"].fetchall())
    depend = cache(found["depend"].fetchall)
    unmodelled = tuple(Unmodelled(kind, path) for kind, path in found["unmodelled"].fetchall())
    return Catalog(
        objects,
        version,
        lambda: _needs(objects, resolve, depend()),
        unmodelled,
        user,
        roles,
    )


def _known(obj: Object, major: int) -> Object:
    """Say nothing of privileges that the server does not know: what is not said is not compared."""
    if major >= MAINTAIN_SINCE or "maintain" not in obj.attrs:
        return obj
    return replace(obj, attrs={k: v for k, v in obj.attrs.items() if k != "maintain"})


class _Resolver:
    """From a catalog address to the object that it belongs to.

    Few addresses are asked for by a comparison; what only others need is read when they do.
    """

    def __init__(
        self,
        addresses: dict[Address, ObjectId],
        sheets: Iterable[Sheet],
        aliases: psycopg.Cursor[tuple[Any, ...]],
    ) -> None:
        self._few = addresses
        self._sheets = sheets
        self._cursor = aliases

    @cached_property
    def _addresses(self) -> dict[Address, ObjectId]:
        return self._few | {a: id for sheet in self._sheets for a, id in sheet.addresses()}

    @cached_property
    def _aliases(self) -> dict[tuple[int, int], Address]:
        return {(a[0], a[1]): (a[2], a[3], a[4]) for a in self._cursor.fetchall()}

    def __call__(self, classid: int, oid: int, subid: int) -> ObjectId | None:
        found = self._few.get((classid, oid, subid))
        if found is None:
            found = self._addresses.get((classid, oid, subid))
        if found is None and subid:
            found = self._addresses.get((classid, oid, 0))
        if found is None:
            alias = self._aliases.get((classid, oid))
            return self(*alias) if alias else None
        return found


_REWRITE = 2618


def _comments(objects: Objects, resolve: _Resolver, rows: Iterable[tuple[Any, ...]]) -> None:
    """Comments, as facts about what they are on.

    A column and the rule of a view, the index behind a constraint and the sequence behind an
    identity column are no objects, but have comments of their own.
    """
    for classid, oid, subid, text, name, kind in rows:
        of = resolve(classid, oid, subid)
        if of is None or of.target:
            continue
        needs: tuple[ObjectId, ...] = (of,)
        if kind == "column" and of.kind != "column":
            about = ObjectId("comment", of.schema, name, of.name, "column")
        elif classid == _REWRITE and of.kind != "rule":
            about = ObjectId("comment", of.schema, "_RETURN", of.name, "rule")
        elif kind in ("index", "sequence") and of.kind != kind:
            about = ObjectId("comment", of.schema, name, of.parent, kind)
        else:
            about, needs = ObjectId("comment", of.schema, of.name, of.parent, of.kind), ()
        objects.add(Object(about, {"text": text}, {"needs": needs}))


def _needs(
    objects: Mapping[ObjectId, Object], resolve: _Resolver, rows: Iterable[tuple[Any, ...]]
) -> dict[ObjectId, frozenset[ObjectId]]:
    needs: dict[ObjectId, set[ObjectId]] = {}
    for classid, oid, subid, refclassid, refoid, refsubid, _ in rows:
        of = resolve(classid, oid, subid)
        ref = resolve(refclassid, refoid, refsubid)
        if of is None or ref is None or of == ref:
            continue
        # Ownership of a sequence is a fact of its own, which needs both.
        if of.kind == "sequence" and ref.kind in ("column", "table"):
            continue
        needs.setdefault(of, set()).add(ref)
    for id, obj in objects.items():
        own = needs.setdefault(id, set())
        own.update(n for n in _containers(id, obj) if n in objects)
        own.discard(id)
    _partitioned_keys(objects, needs)
    _inherited_columns(objects, needs)
    return {id: frozenset(found) for id, found in needs.items()}


def _partitioned_keys(
    objects: Mapping[ObjectId, Object], needs: dict[ObjectId, set[ObjectId]]
) -> None:
    """A foreign key to a partitioned table needs the keys of all the partitions."""
    below: dict[ObjectId, list[ObjectId]] = {}
    for id, obj in objects.items():
        if above := obj.info.get("above"):
            below.setdefault(ObjectId(*above), []).append(id)
    if not below:
        return
    for id, obj in objects.items():
        if id.kind == "constraint" and obj["type"] == "f":
            todo = [n for n in needs[id] if n in below]
            while todo:
                keys = below.get(todo.pop(), [])
                needs[id].update(keys)
                todo += keys


def _inherited_columns(
    objects: Mapping[ObjectId, Object], needs: dict[ObjectId, set[ObjectId]]
) -> None:
    """An inherited column needs the parents' columns of its name."""
    for id, obj in objects.items():
        if id.kind == "column" and obj.info.get("inherited"):
            table = objects.get(ObjectId("table", id.schema, id.parent))
            for schema, parent in (table.info.get("ancestors") or ()) if table else ():
                above = ObjectId("column", schema, id.name, parent)
                if above in objects:
                    needs[id].add(above)


_RELATIONS = ("table", "view", "materialized_view", "foreign_table")


def _containers(id: ObjectId, obj: Object) -> Iterator[ObjectId]:
    """What an object stands in: its subject, its relation, its schema."""
    if id.target:
        yield id.of
    if id.schema:
        yield ObjectId("schema", "", id.schema)
    relation = id.parent or obj.attrs.get("table")
    if relation:
        for kind in _RELATIONS:
            yield ObjectId(kind, id.schema, relation)
    if id.kind == "default":
        yield ObjectId("column", id.schema, id.name, id.parent)
    yield from obj.info.get("needs", ())
