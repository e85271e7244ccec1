"""Indexes that a partition would be attached with in the place of those that are wanted.

``ATTACH PARTITION`` takes for each index of the whole the oldest of the table's that is like it.
Where the table has several, those that are to stay its own are away at that moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from weedgo.staged.kinds.base import Context, attachment
from weedgo.staged.model import Object, ObjectId

_KINDS = ("index", "constraint")
_NAME = r'(?:"(?:[^"]|"")+"|[^\s".]+)'
_ON = re.compile(rf"^(?:ONLY )?{_NAME}\.{_NAME}")
# What PostgreSQL does not look at: order, storage and place.
_UNSEEN = re.compile(
    rf" (?:ASC|DESC|NULLS (?:FIRST|LAST)|WITH \([^)]*\)|TABLESPACE {_NAME})(?=[ ,)]|$)"
)


def standing(fact: Object, ctx: Context) -> frozenset[ObjectId]:
    """Those of a partition-to-be that stand before."""
    found = _all(fact, ctx) if fact.id.of in ctx.before else ()
    return frozenset(i for i in found if i in ctx.before)


def coming(obj: Object, table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """The attachment that a table's new index comes after, so that it stays the table's own."""
    fact = ctx.after.get(attachment(table))
    if fact is None or fact.id not in ctx.changes or obj.id in ctx.before or obj.get("above"):
        return frozenset()
    return frozenset({fact.id} if obj.id in _all(fact, ctx) else ())


def _all(fact: Object, ctx: Context) -> set[ObjectId]:
    """The indexes and keys, before and after, that could be taken and are not to be."""
    whole = ObjectId("table", *fact["of"])
    wholes = [w for w in _own(whole, ctx, before=True) if _stays(w, ctx)]
    if not wholes:
        return set()
    parts = [*_own(fact.id.of, ctx, before=True), *_own(fact.id.of, ctx, before=False)]
    wanted = {p.id for p in _own(fact.id.of, ctx, before=False) if p.get("above")}
    return {p.id for p in parts if p.id not in wanted and any(_like(p, w) for w in wholes)}


def _own(table: ObjectId, ctx: Context, *, before: bool) -> Iterator[Object]:
    for kind in _KINDS:
        for obj in ctx.of(kind, table, before=before):
            if _text(obj):
                yield obj


def _stays(whole: Object, ctx: Context) -> bool:
    after = ctx.after.get(whole.id)
    return after is not None and _text(after) == _text(whole)


def _like(part: Object, whole: Object) -> bool:
    """Whether PostgreSQL would take the one for the other's; a key needs a key."""
    if whole.id.kind == "constraint" and part.get("type") != whole["type"]:
        return False
    unlike = (part.get("type") == "x") != (whole.get("type") == "x")
    return not unlike and _unique(part) == _unique(whole) and _shape(part) == _shape(whole)


def _unique(obj: Object) -> bool:
    return bool(obj.get("unique")) if obj.id.kind == "index" else obj["type"] in ("p", "u")


def _text(obj: Object) -> str:
    text = obj.get("definition" if obj.id.kind == "index" else "index_definition")
    return str(text or "")


def _shape(obj: Object) -> str:
    return _UNSEEN.sub("", _ON.sub("", _text(obj), count=1))
