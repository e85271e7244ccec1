"""Tables that move to another schema: taken for moves only where nothing else can be meant.

A table that only the source has, and one of the same name and columns that only the target has, in
another schema, are one table. All that is the table's own moves with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from weedgo.staged.model import Action, Catalog, Change, ObjectId


def found(
    changes: Mapping[ObjectId, Change], before: Catalog, after: Catalog
) -> dict[ObjectId, ObjectId]:
    """The tables that move: what each is called before, by what it is called after."""
    come: dict[str, list[ObjectId]] = {}
    gone: dict[str, list[ObjectId]] = {}
    for id, change in changes.items():
        if id.kind == "table" and change.action is Action.CREATE:
            come.setdefault(id.name, []).append(id)
        elif id.kind == "table" and change.action is Action.DROP:
            gone.setdefault(id.name, []).append(id)
    pairs = ((come[n], gone[n]) for n in come.keys() & gone.keys())
    certain = [(new[0], old[0]) for new, old in pairs if len(new) == len(old) == 1]
    if not certain:
        return {}
    shapes = {id: _shape(id, after) for id, _ in certain}
    return {
        new: old
        for new, old in sorted(certain)
        if shapes[new] == _shape(old, before) and _plain(new, after) and _plain(old, before)
    }


def _shape(table: ObjectId, catalog: Catalog) -> list[tuple[str, str]]:
    columns = (o for o in catalog if o.id.kind == "column")
    mine = (o for o in columns if (o.id.schema, o.id.parent) == (table.schema, table.name))
    return sorted((o.id.name, o["type"]) for o in mine)


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
