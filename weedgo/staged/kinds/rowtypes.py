"""Tables whose rows are values elsewhere: in columns, defaults and expressions."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, ident, render
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.kinds.types import READERS, WAITING, converted, obstacles
from weedgo.staged.model import Object, ObjectId, Work

# What is written for the columns that the rows have.
_WRITTEN = frozenset({"default", "view", "materialized_view", "policy", "trigger", "rule"})


def around(table: ObjectId, done: Work, ctx: Context) -> Work:
    """A change that rewrites a table, for which columns that hold its rows wait as texts."""
    holders = _holders(table, ctx)
    back = [render("{}::text::{}", _held(c), c["type"]) for c in holders]
    return _waiting(holders, back, done, ctx)


def around_growth(table: ObjectId, done: Work, ctx: Context) -> Work:
    """The same where the table gets a column, which has no value in the rows that stand."""
    holders = _holders(table, ctx)
    listed = next((c for c in holders if c["type"].endswith("[]")), None)
    if listed is not None:
        why = f"{listed.id.path} holds arrays of rows of {table.path}"
        advice = "let the column come without a default, and the default in a run after it"
        return Work(refusal=f"{why}, which cannot get a column with values; {advice}")
    grown = "(pg_catalog.left({}::text, -1) || ',)')::{}"
    back = [render(grown, _held(c), c["type"]) for c in holders]
    return _waiting(holders, back, done, ctx)


def _holders(table: ObjectId, ctx: Context) -> list[Object]:
    """The columns of other tables that hold rows of a table."""
    found = (ctx.before.get(i) for i in sorted(ctx.dependents(table)) if i.kind == "column")
    return [
        c
        for c in found
        if c and table_of(c.id) != table and c.id in ctx.after
        if not (c.get("inherited") or c["generated"])
    ]  # fmt: skip


def _held(column: Object) -> str:
    return ident(column.id.name).as_string(None)


def _waiting(holders: list[Object], back: list[str], done: Work, ctx: Context) -> Work:
    first, last = Work(), Work()
    for column, using in zip(holders, back, strict=True):
        first = first.then(converted(column, f"{_held(column)}::text", ctx, WAITING))
        last = last.then(converted(column, using, ctx))
        readers = {d for d in ctx.dependents(column.id) if d.kind in READERS}
        first = first.then(Work(rebuild=obstacles(column.id, ctx) | readers))
    return first.then(done).then(last)


def written(table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What changes because the rows of a table get or lose a column, and is right only with it."""
    found = (ctx.changes[d] for d in ctx.dependents(table) if d in ctx.changes)
    kinds = (*_WRITTEN, *READERS)
    return frozenset(
        c.id
        for c in found
        if c.before and c.after and c.id.kind in kinds
        if (c.id.schema, c.before.relation) != (table.schema, table.name)
        if c.before.attrs.get("type", "c") == "c" or c.id.kind != "constraint"
    )
