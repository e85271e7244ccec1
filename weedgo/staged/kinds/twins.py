"""Indexes and keys of partitions that differ in nothing but their names, of which one goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from weedgo.staged.model import Change, Object, ObjectId

WHOLES = frozenset({"parent_index", "parent_constraint"})
"""Attributes that say of what an index or key is a part."""


def found(changes: Mapping[ObjectId, Change]) -> dict[ObjectId, ObjectId]:
    """For each part that goes or comes the one that it only has another name than.

    Args:
        changes: all of a run.
    """
    pairs: dict[ObjectId, ObjectId] = {}
    for parts in _by_depth(changes):
        gone: dict[str, list[ObjectId]] = {}
        come: dict[str, list[ObjectId]] = {}
        for obj in parts:
            if (key := _key(obj, changes, pairs)) is not None:
                where = come if changes[obj.id].before is None else gone
                where.setdefault(key, []).append(obj.id)
        for key in gone.keys() & come.keys():
            for old, new in zip(sorted(gone[key]), sorted(come[key]), strict=False):
                pairs |= {old: new, new: old}
    return pairs


def carried(change: Change, pairs: Mapping[ObjectId, ObjectId]) -> ObjectId | None:
    """The renamed one whose part an index or key is, if that is all that changes about it."""
    before, after = change.before, change.after
    if before is None or after is None or set(change.attributes) - WHOLES:
        return None
    old, new = before.get("above"), after.get("above")
    if not old or not new or pairs.get(ObjectId(*old)) != ObjectId(*new):
        return None
    return ObjectId(*new)


def _by_depth(changes: Mapping[ObjectId, Change]) -> Iterable[list[Object]]:
    """Parts that go or come, those of the uppermost wholes first."""
    found: dict[int, list[Object]] = {}
    for id, change in changes.items():
        obj = change.after or change.before
        if id.kind not in ("index", "constraint") or obj is None or not obj.get("above"):
            continue
        if (change.before is None or change.after is None) and not change.aside:
            found.setdefault(len(obj.get("line") or ()), []).append(obj)
    return (found[depth] for depth in sorted(found))


def _key(
    obj: Object, changes: Mapping[ObjectId, Change], pairs: Mapping[ObjectId, ObjectId]
) -> str | None:
    """All but the name; None for a part of what does not stay, or of a table that joins it."""
    if ObjectId("partition", obj.id.schema, obj.relation, "", "table") in changes:
        return None
    whole = ObjectId(*obj.get("above"))
    change = changes.get(whole)
    if whole in pairs:
        whole = min(whole, pairs[whole])
    elif change is not None and carried(change, pairs) is None:
        return None
    attrs = sorted((k, v) for k, v in obj.attrs.items() if k not in WHOLES)
    place = (obj.id.kind, obj.id.schema, obj.relation, whole)
    return repr((*place, obj.get("index_definition"), attrs))
