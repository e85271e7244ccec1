"""Reading a database's schema: one snapshot, one query per kind, all sent at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property
from typing import Any, TypeVar

import psycopg
from psycopg.rows import tuple_row

from weedgo.staged import rollup
from weedgo.staged.kinds import SOURCES
from weedgo.staged.kinds.acl import MAINTAIN_SINCE
from weedgo.staged.kinds.base import Address
from weedgo.staged.kinds.helpers import is_helper
from weedgo.staged.model import Catalog, Object, ObjectId, StagedError, Unmodelled
from weedgo.staged.queries import (
    about_relations,
    beside_relations,
    condition,
    query,
    reduced,
    within,
)
from weedgo.staged.rows import Objects, Sheet

# pg_depend rows of one reading are fetched with the objects; DDL in between shows as a changed
# catalog version and the reading is repeated.
_ATTEMPTS = 5
_SETTINGS = "SELECT set_config('search_path', '', true), set_config('jit', 'off', true)"
_STATE = """
    SELECT current_setting('server_version_num')::int, current_user::text,
           ARRAY(SELECT rolname::text FROM pg_roles),
           to_regclass('pg_catalog.pg_dist_schema') IS NOT NULL,
"""
# Only on a Citus cluster.
_SHARDED = """
    SELECT n.nspname::text FROM pg_catalog.pg_dist_schema s
      JOIN pg_catalog.pg_namespace n ON n.oid = s.schemaid
"""
# Whose comments they are is then asked.
_COMMENTED = "EXISTS (SELECT FROM pg_description WHERE objoid >= 16384)"

_T = TypeVar("_T")


def read(conn: psycopg.Connection[Any], schemas: Collection[str] | None = None) -> Catalog:
    """Read the schema of a connection's database.

    The functions of PostgreSQL that print definitions do not obey the transaction's snapshot:
    when DDL happens meanwhile (an error, or objects that changed under the reading), it is
    repeated.

    Args:
        conn: an autocommit connection; its search_path is left as it was.
        schemas: only what is in these, and what is in no schema; None for all.

    Returns:
        The catalog.

    Raises:
        StagedError: the schema would not hold still, or may not be read.
    """
    return _settled(conn, lambda: _read_once(conn, schemas))


def read_unlike(
    source: psycopg.Connection[Any], target: psycopg.Connection[Any]
) -> tuple[Catalog, Catalog, int]:
    """Read of two schemas what may differ, side by side: enough to compare, not to plan.

    Args:
        source, target: autocommit connections to servers of one major version.

    Returns:
        Both catalogs without the relations that are alike (and without any needs), and how many
        objects those are.

    Raises:
        StagedError: as `read`.
    """
    with ThreadPoolExecutor(1) as pool:
        return _settled(target, lambda: _unlike_once(source, target, pool))


def _unlike_once(
    source: psycopg.Connection[Any], target: psycopg.Connection[Any], pool: ThreadPoolExecutor
) -> tuple[Catalog, Catalog, int]:
    with _snapshot(source), _snapshot(target):
        theirs = pool.submit(rollup.read, source)
        here, there = rollup.read(target), theirs.result()
        alike = rollup.alike(there, here)
        left = [[r.oid for name, r in side.items() if name not in alike] for side in (there, here)]
        reading = pool.submit(_contents, source, left[0])
        standing = _contents(target, left[1])
        return reading.result(), standing, sum(here[name].objects for name in alike)


def sharded(conn: psycopg.Connection[Any]) -> frozenset[str]:
    """The schemas that a Citus cluster has on other nodes; only for a database of one."""
    rows = conn.cursor(row_factory=tuple_row).execute(_SHARDED).fetchall()
    return frozenset(str(name) for (name,) in rows)


def _settled(conn: psycopg.Connection[Any], reading: Callable[[], _T]) -> _T:
    """What a reading gives once no DDL disturbs it."""
    for _ in range(_ATTEMPTS):
        try:
            return reading()
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


@contextmanager
def _snapshot(conn: psycopg.Connection[Any]) -> Iterator[None]:
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute(_SETTINGS)
        yield


def _read_once(conn: psycopg.Connection[Any], schemas: Collection[str] | None = None) -> Catalog:
    with _snapshot(conn):
        return _contents(conn, schemas=schemas)


def _contents(
    conn: psycopg.Connection[Any],
    left: Collection[int] | None = None,
    schemas: Collection[str] | None = None,
) -> Catalog:
    """The catalog, or as much of it as is about some relations and about no relation at all."""
    major = conn.info.server_version // 10000
    found = {}
    with conn.pipeline():
        version, user, roles, clustered, absent = _state(conn, left)
        elsewhere = sharded(conn) if clustered else frozenset()
        for name in (*SOURCES, "description", "alias", "depend", "unmodelled"):
            if name not in absent:
                text = query(name, major) if left is None else reduced(name, major, left)
                if schemas is not None:
                    text = within(name, major, schemas)
                found[name] = conn.cursor(row_factory=tuple_row)
                found[name].execute(text.encode(), prepare=False)
    known = _assemble(found, version, user, frozenset(roles))
    return replace(known, sharded=elsewhere) if elsewhere else known


def _state(
    conn: psycopg.Connection[Any], left: Collection[int] | None
) -> tuple[int, str, list[str], bool, set[str]]:
    """Version, user, roles, whether on a Citus cluster, and the queries that would find nothing.

    Most databases have none of many kinds, and it costs more to look for them than to ask.
    """
    conditions = {name: words for name in SOURCES if (words := condition(name))}
    absent = set()
    if left is not None:
        absent.add("depend")
        conditions["alias"] = _COMMENTED
    if left is not None and not left:
        relational = {name for name in SOURCES if about_relations(name)}
        others = {name: words for name in relational if (words := beside_relations(name))}
        absent |= relational - others.keys()
        conditions |= others
    state = conn.cursor(row_factory=tuple_row)
    state.execute(f"{_STATE} ARRAY[{', '.join(conditions.values())}]".encode(), prepare=False)
    version, user, roles, clustered, hold = state.fetchone() or (0, "", [], False, [])
    absent |= {name for name, holds in zip(conditions, hold, strict=True) if not holds}
    return version, user, roles, clustered, absent


def _assemble(found: Results, version: int, user: str, roles: frozenset[str]) -> Catalog:
    objects = Objects()
    addresses: dict[Address, ObjectId] = {}
    sheets: list[Sheet] = []
    for source, kinds in SOURCES.items():
        if source not in found:
            continue
        names = tuple(c.name for c in found[source].description or ())
        rows = _lasting(names, found[source].fetchall())
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
    resolve = _Resolver(addresses, sheets, found.get("alias"))
    _comments(objects, resolve, found["description"].fetchall())
    depend = cache(found["depend"].fetchall if "depend" in found else list)
    unmodelled = tuple(Unmodelled(kind, path) for kind, path in found["unmodelled"].fetchall())
    return Catalog(
        objects,
        version,
        lambda: _needs(objects, resolve, depend()),
        unmodelled,
        user,
        roles,
        resolve.all,
    )


def _lasting(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows without those of what stands only while a step is under way."""
    if "name" not in names:
        return rows
    place = names.index("name")
    return [row for row in rows if not is_helper(row[place])]


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
        aliases: psycopg.Cursor[tuple[Any, ...]] | None,
    ) -> None:
        self._few = addresses
        self._sheets = sheets
        self._cursor = aliases

    @cached_property
    def _addresses(self) -> dict[Address, ObjectId]:
        return self._few | {a: id for sheet in self._sheets for a, id in sheet.addresses()}

    def all(self) -> Mapping[Address, ObjectId]:
        """All objects by their addresses."""
        return self._addresses

    @cached_property
    def _aliases(self) -> dict[tuple[int, int], Address]:
        rows = self._cursor.fetchall() if self._cursor else ()
        return {(a[0], a[1]): (a[2], a[3], a[4]) for a in rows}

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
    _through_casts(objects, needs)
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
    """An inherited column that is not its table's own needs the parents' of its name."""
    for id, obj in objects.items():
        own = obj.attrs.get("local") and not obj.info.get("partition")
        if id.kind == "column" and obj.info.get("inherited") and not own:
            table = objects.get(ObjectId("table", id.schema, id.parent))
            for schema, parent in (table.info.get("ancestors") or ()) if table else ():
                above = ObjectId("column", schema, id.name, parent)
                if above in objects:
                    needs[id].add(above)


def _through_casts(
    objects: Mapping[ObjectId, Object], needs: dict[ObjectId, set[ObjectId]]
) -> None:
    """What casts by a function needs the cast, of which PostgreSQL notes the function alone."""
    casts: dict[ObjectId, set[ObjectId]] = {}
    for id in objects:
        if id.kind == "cast":
            for function in (n for n in needs[id] if n.kind == "function"):
                casts.setdefault(function, set()).add(id)
    if not casts:
        return
    for id, obj in objects.items():
        called = needs[id] & casts.keys()
        if called and any("::" in str(value) for value in obj.attrs.values()):
            needs[id].update(*(casts[function] for function in called))


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
