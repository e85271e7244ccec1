"""A catalog as it is once objects have other names, from two readings of a rehearsal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from weedgo.staged.kinds.acl import ROLE_FACTS
from weedgo.staged.model import Catalog, Object, ObjectId, Step


@dataclass(frozen=True)
class Renamed:
    """What renames lead to; without a catalog there is nothing to rename."""

    catalog: Catalog | None = None
    steps: tuple[Step, ...] = ()


class Ids:
    """What each object is called after the rehearsal, by what it is called before.

    Args:
        before, after: two readings of one database, with renames in between.
    """

    def __init__(self, before: Catalog, after: Catalog) -> None:
        there = after.locate()
        self._ids = {id: there[a] for a, id in before.locate().items() if a in there}
        for old, new in list(self._ids.items()):
            if old.kind == "column" and before.objects[old]["identity"]:
                self._ids[_numbering(before, old)] = _numbering(after, new)

    def __call__(self, id: ObjectId) -> ObjectId:
        """The new id; facts follow what they are about, all else its relation or its schema."""
        if id in self._ids:
            return self._ids[id]
        if id.target:
            of = self(id.of)
            return id._replace(schema=of.schema, name=of.name, parent=of.parent)
        if id.parent:
            for kind in ("table", "view", "materialized_view", "foreign_table", "domain"):
                if (holder := self._ids.get(ObjectId(kind, id.schema, id.parent))) is not None:
                    return id._replace(schema=holder.schema, parent=holder.name)
        schema = self._ids.get(ObjectId("schema", "", id.schema)) if id.schema else None
        return id._replace(schema=schema.name) if schema else id


def _numbering(catalog: Catalog, column: ObjectId) -> ObjectId:
    """The sequence behind an identity column, as facts about it name it."""
    schema, name = catalog.objects[column]["identity_sequence"][:2]
    return ObjectId("sequence", schema, name, column.parent)


def rewritten(standing: Catalog, before: Catalog, after: Catalog) -> tuple[Catalog, Ids]:
    """A catalog with all that changed between two readings of its rehearsal changed too.

    Args:
        standing: the catalog.
        before, after: of a database with the same schema.
    """
    moved = Ids(before, after)
    objects: dict[ObjectId, Object] = {}
    for obj in standing:
        new = moved(obj.id)
        objects[new] = _changed(obj, new, before.get(obj.id), after.get(new), moved)
    known = {moved(id) for id in before.objects}
    came = {obj.id: obj for obj in after if obj.id not in known and obj.id not in objects}

    def relate() -> Mapping[ObjectId, frozenset[ObjectId]]:
        found = {moved(id): _needed(id, needs, moved) for id, needs in standing.needs.items()}
        return found | {id: after.needed(id) for id in came}

    return replace(standing, objects=objects | came, relate=relate), moved


def _needed(id: ObjectId, needs: frozenset[ObjectId], moved: Ids) -> frozenset[ObjectId]:
    """What an object needs afterwards: another schema, if it is in another."""
    old, new = ObjectId("schema", "", id.schema), ObjectId("schema", "", moved(id).schema)
    found = frozenset(map(moved, needs - {old}))
    return found | {new} if old in needs else found


def _changed(
    obj: Object, id: ObjectId, before: Object | None, after: Object | None, moved: Ids
) -> Object:
    if after is None or obj.id.kind in ROLE_FACTS:
        info = {k: _followed(v, moved) for k, v in obj.info.items()}
        return Object(id, obj.attrs, info) if id != obj.id or info != obj.info else obj
    if before is not None and id == obj.id and before == after and before.info == after.info:
        return obj
    attrs = {**obj.attrs, **_news(before.attrs if before else {}, after.attrs)}
    info = {**obj.info, **_news(before.info if before else {}, after.info)}
    return Object(id, attrs, info)


def _news(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in after.items() if k not in before or before[k] != v}


def _followed(value: Any, moved: Ids) -> Any:
    if isinstance(value, tuple) and value and all(isinstance(v, ObjectId) for v in value):
        return tuple(map(moved, value))
    return value
