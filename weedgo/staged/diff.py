"""Comparing two catalogs: what has to change in the target to make it equal to the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    Difference,
    DropMode,
    Object,
    ObjectId,
    Options,
)
from weedgo.staged.normal import same

_PRIVILEGES = ("privileges", "default_privileges")


def differing(before: Object, after: Object) -> tuple[str, ...]:
    """Names of the attributes in which two objects differ.

    An attribute that only one side's server version knows is not compared.
    """
    return tuple(
        name
        for name, value in after.attrs.items()
        if name in before.attrs
        and before.attrs[name] != value
        and not same(before.attrs[name], value)
    )


def compare(source: Catalog, target: Catalog, options: Options | None = None) -> Difference:
    """What differs between two catalogs.

    Args:
        source: the schema that is wanted.
        target: the schema that stands.
        options: which objects are compared, and what becomes of what only the target has.
    """
    options = options or Options()
    wanted = select(source, options)
    standing = select(target, options)
    changes: list[Change] = []
    kept: list[Object] = []
    equal = 0
    for id, after in wanted.items():
        before = standing.get(id)
        if before is None:
            changes.append(Change(id, Action.CREATE, None, after))
        elif differing(before, after):
            changes.append(Change(id, Action.ALTER, before, after))
        else:
            equal += 1
    for id, before in standing.items():
        if id in wanted:
            continue
        dropped = options.drop is not DropMode.KEEP
        if dropped or _follows(id, wanted) or _gives_way(before, wanted):
            changes.append(Change(id, Action.DROP, before, None))
        else:
            kept.append(before)
    return Difference(tuple(changes), equal, tuple(kept), source.unmodelled)


def select(catalog: Catalog, options: Options) -> Mapping[ObjectId, Object]:
    """The objects that the options ask for, with roles named as the target names them."""
    chosen: dict[ObjectId, Object] = {}
    for obj in catalog:
        kind = obj.id.kind
        if (kind == "owner" and not options.owners) or (
            kind in _PRIVILEGES and not options.privileges
        ):
            continue
        if not _wanted(obj, options):
            continue
        chosen[obj.id] = _mapped(obj, options)
    return chosen


def _mapped(obj: Object, options: Options) -> Object:
    """The object with its role named as the target names it."""
    if not options.role_map or obj.id.kind != "owner":
        return obj
    role = options.role_map.get(obj["role"], obj["role"])
    return replace(obj, attrs={**obj.attrs, "role": role})


def _wanted(obj: Object, options: Options) -> bool:
    if not options.schemas and not options.excludes:
        return True
    names = _names(obj)
    if options.schemas and not any(fnmatchcase(n, p) for p in options.schemas for n in names):
        return False
    return not any(fnmatchcase(n, p) for p in options.excludes for n in names)


def _names(obj: Object) -> tuple[str, ...]:
    """What patterns are matched with: the schema, the relation, the object."""
    id = obj.id
    schema = id.schema or (id.name if "schema" in (id.kind, id.target) else "")
    relation = id.parent or obj.attrs.get("table") or id.name
    return (schema, f"{schema}.{relation}", id.path)


def _follows(id: ObjectId, wanted: Mapping[ObjectId, Object]) -> bool:
    """Whether a fact that only the target has is about an object of both: it follows the source."""
    return bool(id.target) and id.of in wanted


def _gives_way(obj: Object, wanted: Mapping[ObjectId, Object]) -> bool:
    """Whether an index's name is a constraint's of that table in the source, or the reverse."""
    id = obj.id
    if id.kind == "index":
        return ObjectId("constraint", id.schema, id.name, obj["table"]) in wanted
    if id.kind == "constraint" and obj["type"] in ("p", "u", "x"):
        return ObjectId("index", id.schema, id.name) in wanted
    return False
