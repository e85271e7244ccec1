"""Tables whose rows are values elsewhere: in columns, defaults and expressions."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, render
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.kinds.converting import READERS, quoted, row_holders, row_results, waiting
from weedgo.staged.model import Object, ObjectId, Work

# What is written for the columns that the rows have.
_WRITTEN = frozenset({"default", "view", "materialized_view", "policy", "trigger", "rule"})


def around_growth(table: ObjectId, done: Work, ctx: Context) -> Work:
    """A new column with values, for which columns that hold rows of the table wait as texts.

    The rows that stand there have no value in it.
    """
    holders = row_holders(table, ctx)
    within = next((c for c in holders if _within(c, ctx)), None)
    if within is not None:
        why = f"{within.id.path} holds arrays of rows of {table.path}, or rows within other values"
        advice = "let the column come without a default, and the default in a run after it"
        return Work(refusal=f"{why}, which cannot get a column with values; {advice}")
    grown = "(pg_catalog.left({}::text, -1) || ',)')::{}"
    back = [render(grown, quoted(c), c["type"]) for c in holders]
    return waiting(holders, back, done, ctx).then(Work(rebuild=row_results(table, ctx)))


def first(column: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What changes about a table before a new column of another holds its rows."""
    if column.kind != "column" or column in ctx.before:
        return frozenset()
    tables = (n for n in ctx.after.needed(column) if n.kind == "table" and n != table_of(column))
    columns = (c.id for t in tables for c in ctx.of("column", t, before=True))
    return frozenset(id for id in columns if id in ctx.changes)


def _within(column: Object, ctx: Context) -> bool:
    needs = ctx.before.needed(column.id)
    return column["type"].endswith("[]") or any(n.kind == "composite_type" for n in needs)


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
