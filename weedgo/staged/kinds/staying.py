"""What only the target has, and keeps, where what the source wants has to live with it."""

from __future__ import annotations

from collections.abc import Collection

from weedgo.staged.kinds import keys
from weedgo.staged.kinds.base import Context
from weedgo.staged.model import Object, ObjectId

REMEDY = "change or drop it first, let it go with --drop drop or retire, or keep it in the source"

# What another may be found in the place of, by what is made again.
_SUCCEEDED = ("sequence", "constraint", "index")


def kept(id: ObjectId, ctx: Context) -> bool:
    """Whether only the target has an object, and keeps it."""
    changes = ctx.whole or ctx.changes
    return not ctx.backward and id in ctx.before and id not in ctx.after and id not in changes


def stayed(id: ObjectId, ctx: Context) -> bool:
    """Whether, on the way back, an object is one that the target alone had all the time."""
    there = id in ctx.before and id in ctx.after and id not in ctx.whole
    return ctx.origin is not None and there and id not in ctx.origin


def key_of(table: ObjectId, column: str, ctx: Context) -> Object | None:
    """The kept primary key that has a column, which is mandatory as long as it does.

    It may be a partition's or an heir's, whose column is to follow.
    """
    found = (c for c in ctx.of("constraint", table, before=True) if c["type"] == "p")
    own = next((k for k in found if kept(k.id, ctx) and column in k.get("columns")), None)
    if own is not None:
        return own
    for heir in ctx.heirs(table, before=True):
        after = ctx.after.get(ObjectId("column", heir.schema, column, heir.name))
        if (after is None or not after["not_null"]) and (key := key_of(heir, column, ctx)):
            return key
    return None


def succeeding(reference: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """New keys that a kept foreign key goes by when its own goes."""
    obj = ctx.before.get(reference)
    if obj is None or not kept(reference, ctx):
        return frozenset()
    return frozenset(k.id for k in _keys(obj, ctx) if k.id in ctx.changes)


def unfounded(rebuilt: Collection[ObjectId], ctx: Context) -> str:
    """Why a step is refused: a kept foreign key would find no key to go by any more."""
    for id in sorted(rebuilt):
        obj = ctx.before.get(id)
        if obj is None or id.kind != "constraint" or obj["type"] != "f" or not kept(id, ctx):
            continue
        if not _keys(obj, ctx):
            why = f"{id}, which only the target has, would lead to no key any more"
            return f"{why}; {REMEDY}"
    return ""


def bereft(gone: Collection[ObjectId], rebuilt: Collection[ObjectId], ctx: Context) -> str:
    """Why a step is refused: what is kept needs what goes, and finds no other in its place."""
    for id in sorted(gone):
        found = rebuilt if id.kind in _SUCCEEDED else ()
        for user in sorted(ctx.dependents(id).difference(found)):
            if kept(user, ctx) and (not user.target or user.kind == "default"):
                if ctx.before.objects[user].get("above"):
                    continue  # A part goes with its whole.
                return f"{user}, which only the target has, needs {id}, which goes; {REMEDY}"
    return ""


def _keys(reference: Object, ctx: Context) -> list[Object]:
    """The keys that a foreign key may go by afterwards."""
    schema, table, columns = keys.referenced(reference)
    relation = ObjectId("table", schema, table)
    return [
        key
        for kind in ("constraint", "index")
        for key in ctx.staying(kind, relation)
        if keys.columns(key) == columns
    ]
