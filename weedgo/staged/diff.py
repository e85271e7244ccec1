"""Comparing two catalogs: what has to change in the target to make it equal to the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    Difference,
    DropMode,
    Object,
    ObjectId,
    Options,
    Unmodelled,
)
from weedgo.staged.normal import same
from weedgo.staged.rows import alike
from weedgo.staged.wanted import asked, everything


def differing(before: Object, after: Object) -> tuple[str, ...]:
    """Names of the attributes in which two objects differ.

    An attribute that only one side's server version knows is not compared.
    """
    if before is after or before.attrs == after.attrs:
        return ()
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
    same_rows = alike(wanted, standing)
    for id in wanted:
        if id in same_rows:
            equal += 1
            continue
        before, after = standing.get(id), wanted[id]
        if before is None:
            changes.append(Change(id, Action.CREATE, None, after))
        elif differing(before, after):
            changes.append(Change(id, Action.ALTER, before, after))
        else:
            equal += 1
    only = [id for id in standing if id not in wanted]
    taken = _keyed(wanted) | _parts(wanted) if only else frozenset()
    merged = _merged(wanted, standing)
    for id in only:
        before = standing[id]
        dropped = options.drop is not DropMode.KEEP or (id.schema, _relation(before)) in merged
        if dropped or _follows(id, wanted, standing) or _gives_way(before, wanted, taken):
            changes.append(Change(id, Action.DROP, before, None))
        else:
            kept.append(before)
    followers = _with(kept, {c.id for c in changes if c.action is Action.DROP})
    changes += [Change(o.id, Action.DROP, o, None) for o in kept if o.id in followers]
    kept = [o for o in kept if o.id not in followers]
    return Difference(tuple(changes), equal, tuple(kept), _unmodelled(source, target, options))


def _with(kept: Iterable[Object], gone: set[ObjectId]) -> set[ObjectId]:
    """What goes with what goes: what is known of it, and the parts of indexes and keys."""
    found: set[ObjectId] = set()
    parts = [o for o in kept if o.id.kind in ("index", "constraint") and o.get("above")]
    while more := {o.id for o in parts if ObjectId(*o.get("above")) in gone} - found:
        found |= more
        gone = gone | more
    return found | {o.id for o in kept if o.id.target and o.id.of in gone}


def _unmodelled(source: Catalog, target: Catalog, options: Options) -> tuple[Unmodelled, ...]:
    """What cannot be compared; what only the target has counts unless it may stay."""
    found = source.unmodelled
    if options.drop is not DropMode.KEEP:
        found += tuple(u for u in target.unmodelled if u not in found)
    return found


def select(catalog: Catalog, options: Options) -> Mapping[ObjectId, Object]:
    """The objects that the options ask for."""
    if everything(options):
        return catalog.objects
    return {obj.id: obj for obj in catalog if asked(obj, options)}


def _relation(obj: Object) -> str:
    return obj.id.parent or obj.attrs.get("table") or obj.id.name


def _merged(
    wanted: Mapping[ObjectId, Object], standing: Mapping[ObjectId, Object]
) -> frozenset[tuple[str, str]]:
    """Partitions of tables that the source does not partition: their rows go into the whole."""
    found: set[tuple[str, str]] = set()
    facts = sorted(i for i in standing if i.kind == "partition" and i.of not in wanted)
    size = -1
    while size < len(found):
        size = len(found)
        for fact in facts:
            above = standing[fact]["of"]
            whole = wanted.get(ObjectId("table", *above))
            if tuple(above) in found or (whole is not None and not whole["partition_key"]):
                found.add((fact.schema, fact.name))
    return frozenset(found)


def _keyed(wanted: Mapping[ObjectId, Object]) -> frozenset[tuple[str, str]]:
    """Schema and name of the tables that have a primary key."""
    constraints = (id for id in wanted if id.kind == "constraint")
    return frozenset((id.schema, id.parent) for id in constraints if wanted[id]["type"] == "p")


_HOLDERS = ("table", "view", "materialized_view", "foreign_table", "composite_type")


def _follows(
    id: ObjectId, wanted: Mapping[ObjectId, Object], standing: Mapping[ObjectId, Object]
) -> bool:
    """Whether a fact that only the target has is about what both have: it follows the source."""
    if not id.target or id.of in wanted or id.of in standing:
        return bool(id.target) and id.of in wanted
    # What is no object of its own: a column of a view, an extension's member, a built-in language.
    holders = (ObjectId(kind, id.schema, id.parent) for kind in (*_HOLDERS, "extension"))
    return not id.parent or any(holder in wanted for holder in holders)


def _parts(wanted: Mapping[ObjectId, Object]) -> frozenset[tuple[str, ...]]:
    """Schema and name of the tables that have a part of an index or key, and of which one."""
    return frozenset(
        (id.schema, wanted[id].relation, *wanted[id].get("above"))
        for id in wanted
        if id.kind in ("index", "constraint") and wanted[id].get("above")
    )


def _gives_way(
    obj: Object, wanted: Mapping[ObjectId, Object], taken: frozenset[tuple[str, ...]]
) -> bool:
    """Whether the source has something else in the object's place.

    An index's name is a constraint's of that table, or the reverse; a table has one primary key,
    and one part of each index of its whole.
    """
    id = obj.id
    if id.kind == "constraint" and obj["type"] == "p" and (id.schema, id.parent) in taken:
        return True
    if id.kind in ("index", "constraint") and obj.get("above"):
        return (id.schema, obj.relation, *obj.get("above")) in taken
    if id.kind == "sequence" and obj.get("owner_table"):
        # A serial column becomes an identity column, which has a sequence of its own.
        owner = (obj.get("owner_schema"), obj.get("owner_column"), obj.get("owner_table"))
        column = wanted.get(ObjectId("column", *owner))
        return bool(column is not None and column["identity"])
    if id.kind == "index":
        other = wanted.get(ObjectId("constraint", id.schema, id.name, obj["table"]))
        return other is not None and other["type"] in ("p", "u", "x")
    if id.kind == "constraint" and obj["type"] in ("p", "u", "x"):
        return ObjectId("index", id.schema, id.name) in wanted
    return False
