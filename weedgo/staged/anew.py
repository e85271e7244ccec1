"""Tables that are made anew, with their rows, because of what becomes of their columns.

PostgreSQL changes the type of no column that a partition key has, and it cannot make a column that
is merely inherited its table's own, or the reverse, and no column of a table of a type.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from weedgo.staged.graph import closure
from weedgo.staged.groups import work_of
from weedgo.staged.kinds import casts, descent, exchange, inheritance, parking, types
from weedgo.staged.kinds.base import Context, attachment
from weedgo.staged.model import Action, Catalog, Change, ObjectId

_TYPES = frozenset({"enum", "domain", "composite_type", "range_type", "collation"})


def prepared(ctx: Context) -> Context:
    """The context with the tables that have to be made anew marked as changed."""
    tables = frozenset(_keyed(ctx) | _placed(ctx) | _relocated(ctx) | _typed(ctx))
    tables |= _below(tables | _exchanged(ctx), ctx)
    if not tables:
        return ctx
    found = {
        id: Change(id, Action.ALTER, ctx.before.objects[id], ctx.after.objects[id])
        for id in sorted(tables)
        if id not in ctx.changes
    }
    return replace(ctx, changes={**ctx.changes, **found}, anew=ctx.anew | tables)


def _exchanged(ctx: Context) -> frozenset[ObjectId]:
    """Tables that are made anew whatever becomes of their columns."""
    stay = (c for c in ctx.changes.values() if c.id.kind == "table" and c.before and c.after)
    return frozenset(c.id for c in stay if exchange.needed(c.before, c.after, ctx))  # type: ignore[arg-type]


def _below(tables: frozenset[ObjectId], ctx: Context) -> frozenset[ObjectId]:
    """The heirs of tables that are made anew: what they inherit would be their own otherwise."""
    found = closure(tables, lambda table: descent.heirs(table, ctx))
    return frozenset(t for t in found - tables if _inherits(t, ctx))


def _inherits(table: ObjectId, ctx: Context) -> bool:
    after = ctx.after.get(table)
    return table in ctx.before and after is not None and bool(after["parents"])


def _relocated(ctx: Context) -> set[ObjectId]:
    """Tables with a column that is to be their own, or is not to be so any more."""
    columns = (i for i, c in ctx.changes.items() if i.kind == "column" and inheritance.relocated(c))
    return {table for i in columns if (table := _table(i)) in ctx.before}


def _keyed(ctx: Context) -> set[ObjectId]:
    """Tables that are partitioned by a type that is replaced, or that have such a partition."""
    found: set[ObjectId] = set()
    users = {d for t in _types_replaced(ctx) for d in ctx.dependents(t)}
    for column in (d for d in users if d.kind == "column"):
        table = _table(column)
        if _by(table, column.name, ctx.before) and _by(table, column.name, ctx.after):
            found |= {table, *_above(table, ctx)}
    return found


def _placed(ctx: Context) -> set[ObjectId]:
    """Tables that are partitioned by an operator class or a function that is replaced."""
    replaced = {i for i, c in ctx.changes.items() if i.kind in parking.HELD and _replaced(c, ctx)}
    replaced = closure(replaced, lambda i: (d for d in ctx.dependents(i) if d.kind in parking.HELD))
    users = {d for i in replaced for d in ctx.dependents(i) if d.kind == "table"}
    tables = {t for t in users if _partitioned(t, ctx)}
    return tables.union(*(_above(table, ctx) for table in tables))


def _partitioned(table: ObjectId, ctx: Context) -> bool:
    states = (catalog.get(table) for catalog in (ctx.before, ctx.after))
    return all(state is not None and state["partition_key"] for state in states)


def _types_replaced(ctx: Context) -> set[ObjectId]:
    """Types that are replaced, and those that are made of them."""
    replaced = {i for i, c in ctx.changes.items() if i.kind in _TYPES and _replaced(c, ctx)}
    return closure(replaced, lambda i: (d for d in ctx.dependents(i) if d.kind in _TYPES))


def _typed(ctx: Context) -> set[ObjectId]:
    """Tables of a type that is replaced, or changes so: PostgreSQL changes no column of theirs."""
    found = {t for type in _types_replaced(ctx) for t in types.typed(type, ctx)}
    for id, change in ctx.changes.items():
        if id.kind == "composite_type" and change.before and change.after:
            tables = types.typed(id, ctx)
            if any(_bars(table, change, ctx) for table in tables):
                found.update(tables)
    return {t for t in found if t in ctx.after}


def _bars(table: ObjectId, change: Change, ctx: Context) -> bool:
    """Whether attributes get types that the columns of a table do not take on with them.

    Their values need an expression, or the table is partitioned by them.
    """
    old, new = (dict(a[:2] for a in o["attributes"]) for o in (change.before, change.after) if o)
    retyped = [n for n in old if n in new and old[n] != new[n]]
    return any(
        casts.between(old[n], new[n], ctx).using or _by(table, n, ctx.before) for n in retyped
    )


def _table(column: ObjectId) -> ObjectId:
    return ObjectId("table", column.schema, column.parent)


def _replaced(change: Change, ctx: Context) -> bool:
    return bool(change.before and change.after and work_of(change, ctx).replace)


def _by(table: ObjectId, column: str, catalog: Catalog) -> bool:
    """Whether a table is partitioned by a column."""
    obj = catalog.get(table)
    keys = (obj["key_types"] if obj else None) or ()
    return any(key.startswith(f"{column} ") for key in keys)


def _above(table: ObjectId, ctx: Context) -> Iterator[ObjectId]:
    """The tables that a table is a partition of before and after."""
    fact = attachment(table)
    old, new = ctx.before.get(fact), ctx.after.get(fact)
    if old is not None and new is not None and old["of"] == new["of"]:
        above = ObjectId("table", *new["of"])
        yield above
        yield from _above(above, ctx)
