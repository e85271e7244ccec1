"""Routines of one name, of which only the target has some, and keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from weedgo.staged.kinds.base import Context
from weedgo.staged.kinds.functions import mistakable
from weedgo.staged.kinds.staying import REMEDY, kept
from weedgo.staged.model import Object, ObjectId

ROUTINES = ("function", "aggregate")


def ambiguous(made: Iterable[ObjectId], others: Collection[Object], ctx: Context) -> str:
    """Why routines cannot come: a call that leaves arguments out could mean a kept one as well.

    Args:
        made: what a step makes.
        others: the kept routines.
        ctx: of the way there.

    See https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-NOTES.
    """
    for id in sorted(made) if others else ():
        after, before = ctx.after.get(id), ctx.before.get(id)
        if id.kind not in ROUTINES or after is None:
            continue
        for other in others:
            if not alike(after, other) or not mistakable(after, other):
                continue
            if before is None or not mistakable(before, other):
                why = f"calls could mean {other.id}, which only the target has, as well as {id}"
                return f"{why}: PostgreSQL refuses them; {REMEDY}"
    return ""


def alike(one: Object, other: Object) -> bool:
    """Whether two routines have the same name."""
    pairs = [(o.id.schema, o.get("proname")) for o in (one, other)]
    return pairs[0] == pairs[1]


def followed(id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """New routines that what is kept may call, once the values that it reads have other types."""
    if not kept(id, ctx):
        return frozenset()
    called = [o for n in ctx.before.needed(id) if n.kind in ROUTINES and (o := ctx.before.get(n))]
    if not any(kept(o.id, ctx) for o in called):
        return frozenset()
    new = (c.after for c in ctx.changes.values() if c.id.kind in ROUTINES and c.before is None)
    return frozenset(o.id for o in new if o and any(alike(o, other) for other in called))
