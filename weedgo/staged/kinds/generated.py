"""Generated columns, stored and virtual, and the ways to them and from them."""

from __future__ import annotations

from weedgo.staged.kinds import casts, notnull
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    ident,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import alter, clause, details, table_of
from weedgo.staged.kinds.helpers import beside
from weedgo.staged.model import Guard, Object, ObjectId, Statement, Work


def change(before: Object, after: Object, ctx: Context) -> Work:
    """From one way of having values to another; values that would be lost are counted first."""
    if before["generated"] == "s" and not after["generated"]:
        return alter(after, ctx, "DROP EXPRESSION")
    if before["generated"] != after["generated"] or before["type"] != after["type"]:
        guards = () if before["generated"] else (_unlike(before, after, ctx),)
        return Work(replace=True, guards=guards)
    if ctx.before.major < 17 or (after["generated"] == "v" and _checked(after, ctx)):
        return Work(replace=True)
    action = f"SET EXPRESSION AS ({after['expression']})"
    return alter(after, ctx, action, rewrites=after["generated"] == "s")


def _checked(obj: Object, ctx: Context) -> bool:
    """PostgreSQL 18 changes no virtual column's expression in a table with checks."""
    return any(c["type"] == "c" for c in ctx.of("constraint", table_of(obj.id), before=True))


def _unlike(before: Object, after: Object, ctx: Context) -> Guard:
    if any(_otherwise(n, ctx) for n in ctx.after.needed(after.id)):
        query = render("SELECT count({}) FROM {}", ident(after.id.name), relation(after.id))
        return Guard(
            query,
            f"{{count}} values of {after.id.path} would give way to what its expression generates",
            "generate the column in a run after the one that changes what it is generated from",
        )
    # What is of types that have nothing in common is compared as it is written.
    written = "::text" if casts.between(before["type"], after["type"], ctx).using else ""
    query = render(
        "SELECT count(*) FROM {} WHERE {}{} IS DISTINCT FROM ({})::{}{}",
        relation(after.id),
        ident(after.id.name),
        written,
        raw(after["expression"]),
        raw(after["type"]),
        written,
    )
    return Guard(
        query,
        f"{{count}} values of {after.id.path} differ from what its expression would generate",
        f"see to them first: {query}",
    )


def _otherwise(need: ObjectId, ctx: Context) -> bool:
    """Whether a column holds something else by then: its expression cannot be tried before."""
    change = ctx.changes.get(need)
    if need.kind != "column" or change is None or not (change.before and change.after):
        return False
    old, new = change.before, change.after
    cast = casts.between(old["type"], new["type"], ctx)
    return bool(cast.using or old["generated"] != new["generated"])


def kept(before: Object, after: Object) -> bool:
    """Whether a column is made anew with its values: a virtual one that becomes plain."""
    return bool(before["generated"] == "v" and not after["generated"])


def _aside(obj: Object) -> str:
    return beside(obj.id.name)


def set_aside(obj: Object, ctx: Context) -> Work:
    """The old column under another name, until its values are copied."""
    text = render(
        "ALTER TABLE {} RENAME COLUMN {} TO {}",
        relation(obj.id),
        ident(obj.id.name),
        ident(_aside(obj)),
    )
    return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(obj.id))),))


def restore(obj: Object, ctx: Context) -> Work:
    """The column with its values."""
    table, lock = ctx.shared(table_of(obj.id)), ACCESS_EXCLUSIVE
    loose = Object(obj.id, {**obj.attrs, "not_null": False}, obj.info)
    texts = [
        render("ALTER TABLE {} ADD COLUMN {}", relation(obj.id), raw(clause(loose, ctx))),
        render("UPDATE {} SET {} = {}", relation(obj.id), ident(obj.id.name), ident(_aside(obj))),
        render("ALTER TABLE {} DROP COLUMN {}", relation(obj.id), ident(_aside(obj))),
    ]
    done = Work(tuple(Statement(t, lock, table, rewrites=True) for t in texts))
    if obj["not_null"]:
        done = done.then(notnull.at_once(obj, ctx))
    return done.then(details(loose, ctx))
