"""Parts of a partitioned table's index or key that are to have another name.

One goes and one like it comes in its place: it is renamed, for it could only go with the whole.
"""

from __future__ import annotations

from weedgo.staged.kinds import twins
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    ident,
    name,
    relation,
    render,
)
from weedgo.staged.model import Change, Object, ObjectId, Statement, Work


def renamed(obj: Object, table: ObjectId, ctx: Context) -> Work | None:
    """The work that makes of the part that goes the one that comes; None where there is none.

    Args:
        obj: the index or key that comes.
        table: the partition.
        ctx: of the change.
    """
    old = of(obj, ctx)
    if old is None:
        return None
    if obj.id.kind == "index":
        text = render("ALTER INDEX {} RENAME TO {}", name(old), ident(obj.id.name))
        lock = SHARE_UPDATE_EXCLUSIVE
    else:
        text = "ALTER TABLE {} RENAME CONSTRAINT {} TO {}"
        text = render(text, relation(old), ident(old.name), ident(obj.id.name))
        lock = ACCESS_EXCLUSIVE
    statements = [Statement(text, lock, ctx.shared(table))]
    if _comment(old) in ctx.before and _comment(obj.id) not in ctx.after:
        on = render("CONSTRAINT {} ON {}", ident(obj.id.name), relation(obj.id))
        if obj.id.kind == "index":
            on = render("INDEX {}", name(obj.id))
        statements.append(Statement(render("COMMENT ON {} IS NULL", on)))
    return Work(tuple(statements))


def of(obj: Object, ctx: Context) -> ObjectId | None:
    """The other one: that which goes for one that comes, or comes for one that goes."""
    twin = ctx.twins.get(obj.id)
    if twin is None:
        return None
    wholes = [ObjectId(*whole) for whole in obj.get("line") or ()]
    named = {obj.id, twin, *wholes, *(ctx.twins[w] for w in wholes if w in ctx.twins)}
    return None if ctx.taken & named else twin  # What is made anew has its name from the start.


def root(change: Change, ctx: Context) -> ObjectId | None:
    """The part under whose new name another goes, or is a part itself."""
    if change.before is not None and change.after is None:
        return of(change.before, ctx)
    return twins.carried(change, ctx.twins)


def _comment(id: ObjectId) -> ObjectId:
    return ObjectId("comment", id.schema, id.name, id.parent, id.kind)
