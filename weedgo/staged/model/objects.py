"""Objects of a schema, the catalog that holds them, and how two of them differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property, partial
from typing import Any, NamedTuple


class StagedError(Exception):
    """What went wrong, where, and what the user can do; printed as one line, exit status 2."""


class Stage(IntEnum):
    """The earliest moment at which a step may run; see the stage table in the docs."""

    PREREQUISITES = 0
    SEQUENCES = 1
    TABLES = 2
    COLUMNS = 3
    VIEWS = 4
    FUNCTIONS = 5
    TRIGGERS = 6
    INDEXES = 7
    CONSTRAINTS = 8
    ACCESS = 9
    RETIRE = 10

    @property
    def file(self) -> str:
        """Name of the SQL file that holds the stage's steps."""
        return f"stage{self.value}_{self.name.lower()}.sql"


class Action(StrEnum):
    """What a change does to its object."""

    CREATE = "create"
    ALTER = "alter"
    REPLACE = "replace"
    DROP = "drop"
    RETIRE = "retire"
    RENAME = "rename"


class ObjectId(NamedTuple):
    """The one key of an object, for comparing, journal, options and reports.

    ``schema`` is empty for objects outside schemas; ``name`` of a routine holds its argument
    types; ``parent`` is the relation that owns a column, constraint, trigger, rule or policy.
    Facts about another object (comment, owner, privileges, default) repeat that object's
    schema, name and parent, and ``target`` holds its kind.
    """

    kind: str
    schema: str
    name: str
    parent: str = ""
    target: str = ""

    @property
    def of(self) -> ObjectId:
        """The object that this fact is about (itself, unless it is such a fact)."""
        return ObjectId(self.target, self.schema, self.name, self.parent) if self.target else self

    @property
    def path(self) -> str:
        """Dotted name for people: ``public.orders.status``."""
        return ".".join(part for part in (self.schema, self.parent, self.name) if part)

    def __str__(self) -> str:
        kind = self.kind.replace("_", " ")
        return f"{kind} of {self.target} {self.path}" if self.target else f"{kind} {self.path}"


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a catalog.

    ``attrs`` is everything that is compared. ``info`` is what is known beside it (size,
    position, rows): never compared.
    """

    id: ObjectId
    attrs: Mapping[str, Any]
    info: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __getitem__(self, key: str) -> Any:
        return self.attrs[key]

    @property
    def relation(self) -> str:
        """The relation that the object belongs to; empty where it stands on its own."""
        return self.id.parent or str(self.attrs.get("table") or "")

    def get(self, key: str, default: Any = None) -> Any:
        """The attribute, else what is known beside it, else the default."""
        return self.attrs.get(key, self.info.get(key, default))


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """An object of a kind that the engine does not handle: counted and named, never ignored."""

    kind: str
    path: str


@dataclass(frozen=True)
class Catalog:
    """A database's schema as read in one snapshot.

    ``needs`` says for each object which others must stand before it; ``relate`` works that out when
    it is first asked for, as a mere comparison never does.
    """

    objects: Mapping[ObjectId, Object]
    server_version: int
    relate: Callable[[], Mapping[ObjectId, frozenset[ObjectId]]] = dict
    unmodelled: tuple[Unmodelled, ...] = ()
    user: str = ""
    roles: frozenset[str] = frozenset()
    locate: Callable[[], Mapping[tuple[int, int, int], ObjectId]] = dict
    """Works out the objects by their addresses: catalog, oid and part."""
    retired: frozenset[str] = frozenset()
    """Names that retired objects have taken, read where something is to be retired."""
    sharded: frozenset[str] = frozenset()
    """Schemas that a Citus cluster has on other nodes."""

    def __getstate__(self) -> dict[str, Any]:
        """All of it, worked out: a catalog that is kept outlives what it was read by."""
        known: dict[str, Any] = {
            "relate": partial(dict, self.needs), "locate": partial(dict, self.locate()),
        }  # fmt: skip
        return {**self.__dict__, **known}

    def __contains__(self, id: object) -> bool:
        return id in self.objects

    def __iter__(self) -> Iterator[Object]:
        return iter(self.objects.values())

    def get(self, id: ObjectId) -> Object | None:
        """The object of that id, or None."""
        return self.objects.get(id)

    def needed(self, id: ObjectId) -> frozenset[ObjectId]:
        """What an object needs directly."""
        return self.needs.get(id, frozenset())

    @property
    def major(self) -> int:
        """Major server version, such as 17."""
        return self.server_version // 10000

    @cached_property
    def needs(self) -> Mapping[ObjectId, frozenset[ObjectId]]:
        """For each object those that must stand before it."""
        return self.relate()

    @cached_property
    def borrowed(self) -> frozenset[tuple[str, str]]:
        """Schemas and names of NOT NULL constraints that are not called after their column."""
        columns = (o for o in self.objects.values() if o.id.kind == "column")
        return frozenset(
            (o.id.schema, o.attrs["not_null_name"]) for o in columns if o.attrs.get("not_null_name")
        )

    @cached_property
    def fingerprint(self) -> str:
        """A digest of what is compared: equal catalogs have equal digests, in any order."""
        digest = hashlib.sha256()
        for id in sorted(self.objects):
            attrs = json.dumps(self.objects[id].attrs, sort_keys=True, default=str)
            digest.update(f"{tuple(id)!r}{attrs}\n".encode())
        return digest.hexdigest()

    @cached_property
    def dependents(self) -> Mapping[ObjectId, frozenset[ObjectId]]:
        """For each object those that need it directly."""
        found: dict[ObjectId, set[ObjectId]] = {}
        for id, needs in self.needs.items():
            for need in needs:
                found.setdefault(need, set()).add(id)
        return {id: frozenset(ids) for id, ids in found.items()}

    @cached_property
    def families(self) -> Mapping[ObjectId, list[ObjectId]]:
        """For each table its partitions and those that inherit it, in order."""
        return heirs(o for o in self if o.id.kind == "table")

    @cached_property
    def foreign_families(self) -> Mapping[ObjectId, list[ObjectId]]:
        """For each table the foreign ones among its partitions and those that inherit it."""
        return heirs(o for o in self if o.id.kind == "foreign_table")

    @cached_property
    def references(self) -> Mapping[tuple[str, str], Collection[ObjectId]]:
        """Foreign keys by schema and name of the tables that they are of and that they lead to."""
        return references(self)

    @cached_property
    def members(self) -> Mapping[tuple[str, str, str], list[Object]]:
        """Objects that belong to a relation, in order, by kind, schema and relation."""
        found: dict[tuple[str, str, str], list[Object]] = {}
        for obj in self:
            if relation := obj.relation:
                found.setdefault((obj.id.kind, obj.id.schema, relation), []).append(obj)
        for siblings in found.values():
            siblings.sort(key=lambda o: (o.info.get("position", 0), o.id))
        return found


def heirs(tables: Iterable[Object]) -> dict[ObjectId, list[ObjectId]]:
    """For each table those among others that are its partitions or inherit it, in order."""
    found: dict[ObjectId, list[ObjectId]] = {}
    for table in sorted(tables, key=lambda o: o.id):
        for schema, parent in table.info.get("ancestors") or ():
            found.setdefault(ObjectId("table", schema, parent), []).append(table.id)
    return found


def references(objects: Iterable[Object]) -> dict[tuple[str, str], Collection[ObjectId]]:
    """Foreign keys among objects, by the tables that each connects."""
    found: dict[tuple[str, str], set[ObjectId]] = {}
    for obj in objects:
        if obj.id.kind == "constraint" and obj.attrs["type"] == "f":
            other = obj.get("references_schema"), obj.get("references_table")
            for table in ((obj.id.schema, obj.id.parent), other):
                found.setdefault(table, set()).add(obj.id)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs: only in the source, only in the target, or unlike in both."""

    id: ObjectId
    action: Action
    before: Object | None
    after: Object | None
    aside: bool = False
    """What leaves is retired, with what it holds, and what comes is brought back."""

    def inverse(self) -> Change:
        """The change that takes this one back."""
        swapped = {Action.CREATE: Action.DROP, Action.DROP: Action.CREATE}
        action = swapped.get(self.action, self.action)
        return Change(self.id, action, self.after, self.before, self.aside)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes that differ (of an alteration)."""
        if self.before is None or self.after is None:
            return ()
        names = self.before.attrs.keys() | self.after.attrs.keys()
        a, b = self.before.attrs, self.after.attrs
        return tuple(sorted(n for n in names if a.get(n) != b.get(n)))
