"""Tables that move to another schema: taken for moves only where nothing else can be meant.

A table that only the source has, and one of the same name and columns that only the target has, in
another schema, are one table. All that is the table's own moves with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weedgo.staged.model import Action, Catalog, Change, ObjectId

_TYPES = ("enum", "domain", "composite_type", "range_type")


def found(
    changes: Mapping[ObjectId, Change],
    before: Catalog,
    after: Catalog,
    types: Mapping[ObjectId, ObjectId] | None = None,
) -> dict[ObjectId, ObjectId]:
    """The tables that move: what each is called before, by what it is called after.

    Args:
        changes: what comes and what goes.
        before, after: the catalogs.
        types: those that move with them, as `types` found them.
    """
    pairs = _pairs(("table",), changes)
    if not pairs:
        return {}
    names = {_dotted(new): _dotted(old) for new, old in (types or {}).items()}
    return {
        new: old
        for new, old in pairs
        if _shape(new, after, names) == _shape(old, before, {})
        and _plain(new, after)
        and _plain(old, before)
    }


def types(
    changes: Mapping[ObjectId, Change], before: Catalog, after: Catalog
) -> dict[ObjectId, ObjectId]:
    """The types that may move with tables: of the same name and kind, the one gone, one come."""
    pairs = _pairs(_TYPES, changes)
    names = {_dotted(new): _dotted(old) for new, old in pairs}
    return {
        new: old
        for new, old in pairs
        if _named(after.objects[new].attrs, names) == _named(before.objects[old].attrs, {})
    }


def _pairs(
    kinds: Iterable[str], changes: Mapping[ObjectId, Change]
) -> list[tuple[ObjectId, ObjectId]]:
    """What comes and what goes under one name, where there is but one of each."""
    come: dict[tuple[str, str], list[ObjectId]] = {}
    gone: dict[tuple[str, str], list[ObjectId]] = {}
    for id, change in changes.items():
        if id.kind in kinds and change.action in (Action.CREATE, Action.DROP):
            where = come if change.action is Action.CREATE else gone
            where.setdefault((id.kind, id.name), []).append(id)
    pairs = ((come[n], gone[n]) for n in come.keys() & gone.keys())
    return sorted((new[0], old[0]) for new, old in pairs if len(new) == len(old) == 1)


def _dotted(id: ObjectId) -> str:
    return f"{id.schema}.{id.name}"


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """Attributes with the names of types as they were before."""
    if isinstance(value, Mapping):
        return {k: _named(v, names) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_named(v, names) for v in value]
    if not isinstance(value, str):
        return value
    base, bracket, rest = value.replace('"', "").partition("[")
    return names.get(base, base) + bracket + rest


def _shape(table: ObjectId, catalog: Catalog, names: Mapping[str, str]) -> list[tuple[str, str]]:
    columns = (o for o in catalog if o.id.kind == "column")
    mine = (o for o in columns if (o.id.schema, o.id.parent) == (table.schema, table.name))
    return sorted((o.id.name, str(_named(o["type"], names))) for o in mine)


def _plain(table: ObjectId, catalog: Catalog) -> bool:
    obj = catalog.objects[table]
    return not obj["partition_key"] and not obj.get("ancestors")


def carrier(
    change: Change, moves: Mapping[ObjectId, ObjectId], before: Catalog, after: Catalog
) -> ObjectId | None:
    """The moving table that takes an object with it, by its new name."""
    if not moves or change.action not in (Action.CREATE, Action.DROP):
        return None
    comes = change.action is Action.CREATE
    catalog, other = (after, before) if comes else (before, after)
    for table in _tables(change.id, catalog):
        for new, old in moves.items():
            if table != (new if comes else old) or change.id == new:
                continue
            schema = old.schema if comes else new.schema
            if change.id._replace(schema=schema) in other or not comes:
                return new
    return None


def _tables(id: ObjectId, catalog: Catalog) -> Iterable[ObjectId]:
    """The table that an object is, or is part of, or is about."""
    if id.target:
        yield from _tables(id.of, catalog)
        return
    obj = catalog.get(id)
    if id.kind == "table":
        yield id
    elif id.parent:
        yield ObjectId("table", id.schema, id.parent)
    elif id.kind == "index" and obj is not None:
        yield ObjectId("table", id.schema, obj["table"])
    elif id.kind == "sequence" and obj is not None and obj.get("owner_table"):
        yield ObjectId("table", obj.get("owner_schema"), obj.get("owner_table"))
