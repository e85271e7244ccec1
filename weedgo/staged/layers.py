"""A catalog that differs in little from another, without the cost of another catalog."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from weedgo.staged.model import Catalog, Object, ObjectId
from weedgo.staged.model.objects import heirs, references

K = TypeVar("K")
V = TypeVar("V")
_NONE: frozenset[ObjectId] = frozenset()


class Layered(Mapping[K, V]):
    """A mapping with some entries more or other, and some less."""

    def __init__(self, base: Mapping[K, V], more: Mapping[K, V], less: Collection[K] = ()) -> None:
        self._base, self._more, self._less = base, more, less

    def __getitem__(self, key: K) -> V:
        if key in self._more:
            return self._more[key]
        if key in self._less:
            raise KeyError(key)
        return self._base[key]

    def __contains__(self, key: object) -> bool:
        return key in self._more or (key in self._base and key not in self._less)

    def __iter__(self) -> Iterator[K]:
        yield from self._more
        yield from (k for k in self._base if k not in self._more and k not in self._less)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Dependents(Mapping[ObjectId, frozenset[ObjectId]]):
    """Who needs each object: those of the base that still stand, and the new ones."""

    def __init__(
        self,
        base: Mapping[ObjectId, frozenset[ObjectId]],
        more: Mapping[ObjectId, frozenset[ObjectId]],
        less: frozenset[ObjectId],
    ) -> None:
        self._base, self._more, self._less = base, more, less

    def __getitem__(self, id: ObjectId) -> frozenset[ObjectId]:
        found = (self._base.get(id, _NONE) - self._less) | self._more.get(id, _NONE)
        if not found:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[ObjectId]:
        return (id for id in {**self._base, **self._more} if id in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class LayeredCatalog(Catalog):
    """A catalog with some objects of another more, and some less.

    Args:
        base: the catalog that it differs from.
        added: objects that it has more.
        origin: where those are from, with what they need.
        gone: objects that it has less.
    """

    base: Catalog = field(default_factory=lambda: Catalog({}, 0))
    origin: Catalog = field(default_factory=lambda: Catalog({}, 0))
    added: Mapping[ObjectId, Object] = field(default_factory=dict)
    gone: frozenset[ObjectId] = _NONE

    @cached_property
    def needs(self) -> Mapping[ObjectId, frozenset[ObjectId]]:
        """For each object those that must stand before it."""
        mine = {id: self.origin.needed(id) for id in self.added}
        return Layered(self.base.needs, mine, self.gone)

    @cached_property
    def dependents(self) -> Mapping[ObjectId, frozenset[ObjectId]]:
        """For each object those that need it directly."""
        more: dict[ObjectId, set[ObjectId]] = {}
        for id in self.added:
            for need in self.origin.needed(id):
                more.setdefault(need, set()).add(id)
        new = {id: frozenset(found) for id, found in more.items()}
        return _Dependents(self.base.dependents, new, self.gone)

    @cached_property
    def families(self) -> Mapping[ObjectId, list[ObjectId]]:
        """For each table its partitions and those that inherit it, in order."""
        return self._heirs_beside(self.base.families, "table")

    @cached_property
    def foreign_families(self) -> Mapping[ObjectId, list[ObjectId]]:
        """For each table the foreign ones among its partitions and those that inherit it."""
        return self._heirs_beside(self.base.foreign_families, "foreign_table")

    def _heirs_beside(
        self, base: Mapping[ObjectId, list[ObjectId]], kind: str
    ) -> Mapping[ObjectId, list[ObjectId]]:
        new = heirs(o for o in self.added.values() if o.id.kind == kind)
        leaving = heirs(o for i in self.gone if i.kind == kind and (o := self.base.get(i)))
        if not new and not leaving:
            return base
        found = {}
        for table in new.keys() | leaving.keys():
            kept = {i for i in base.get(table, ()) if i not in self.gone}
            found[table] = sorted(kept.union(new.get(table, ())))
        return Layered(base, found)

    @cached_property
    def references(self) -> Mapping[tuple[str, str], Collection[ObjectId]]:
        """Foreign keys by schema and name of the tables that they are of and that they lead to."""
        new = references(self.added.values())
        leaving = (o for id in self.gone if (o := self.base.get(id)) is not None)
        found = {
            table: {i for i in self.base.references.get(table, ()) if i not in self.gone}
            | set(new.get(table, ()))
            for table in new.keys() | references(leaving).keys()
        }
        return Layered(self.base.references, found)

    @cached_property
    def members(self) -> Mapping[tuple[str, str, str], list[Object]]:
        """Objects that belong to a relation, in order, by kind, schema and relation."""
        leaving = (o for id in self.gone if (o := self.base.get(id)) is not None)
        touched = {(o.id.kind, o.id.schema, o.relation) for o in (*self.added.values(), *leaving)}
        found: dict[tuple[str, str, str], list[Object]] = {}
        for key in touched:
            kept = [o for o in self.base.members.get(key, []) if o.id not in self.gone]
            new = [o for o in self.added.values() if (o.id.kind, o.id.schema, o.relation) == key]
            if key[2]:
                found[key] = sorted(
                    (*kept, *new), key=lambda o: (o.info.get("position", 0), o.id)
                )  # fmt: skip
        return Layered(self.base.members, found)


def layered(
    base: Catalog, origin: Catalog, added: Mapping[ObjectId, Object], gone: frozenset[ObjectId]
) -> Catalog:
    """A catalog with objects of another more, and some less, on the same server.

    Args:
        base: the catalog that it differs from.
        origin: where the added objects are from.
        added: objects that are not in the base.
        gone: objects of the base that are left out.
    """
    return LayeredCatalog(
        Layered(base.objects, added, gone), base.server_version, dict, base.unmodelled,
        base.user, base.roles, base.locate, base.retired, base.sharded, base, origin, added,
        gone,
    )  # fmt: skip
