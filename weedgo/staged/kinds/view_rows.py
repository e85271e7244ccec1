"""Columns that hold rows of a view: they wait as texts while that is made anew."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, name, render
from weedgo.staged.kinds.converting import WAITING, converted, quoted, read_from
from weedgo.staged.model import Object, ObjectId, Work


def hanging(view: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What has to be taken away to replace a view: not such columns, but what hangs on them."""
    held = [column.id for column in _holders(view, ctx)]
    return (ctx.dependents(view) - set(held)).union(*(read_from(id, ctx) for id in held))


def parted(view: ObjectId, ctx: Context) -> Work:
    """The columns as texts, each value by the names of its fields: they may change places."""
    done = Work()
    for column in _holders(view, ctx) if view in ctx.taken else ():
        using = f"pg_catalog.to_json({quoted(column)})::text"
        done = done.then(converted(column, using, ctx, WAITING))
    return done


def rejoined(view: ObjectId, ctx: Context) -> Work:
    """The columns with rows of the new view."""
    done = Work()
    for column in _holders(view, ctx) if view in ctx.taken else ():
        text = "pg_catalog.json_populate_record(NULL::{}, {}::json)"
        using = render(text, column["type"], quoted(column))
        done = done.then(converted(column, using, ctx))
    return done


def _holders(view: ObjectId, ctx: Context) -> list[Object]:
    """The columns that are of the view's rows before and after, and not of what is made of them."""
    type = render("{}", name(view)).replace('"', "")
    found = (ctx.before.get(d) for d in sorted(ctx.dependents(view)) if d.kind == "column")
    return [
        c
        for c in found
        if c is not None and c["type"].replace('"', "") == type
        if not (c["generated"] or c.get("inherited")) and _stays(c, ctx)
    ]


def _stays(column: Object, ctx: Context) -> bool:
    after = ctx.after.get(column.id)
    kept = column.id not in (ctx.whole or ctx.changes)
    return kept if after is None else bool(after["type"] == column["type"])
