"""Columns that tables of a composite type have by its attributes: they come and go with those."""

from __future__ import annotations

from collections.abc import Mapping

from weedgo.staged.kinds import filling, notnull
from weedgo.staged.kinds.base import Context, ident, raw, relation, render
from weedgo.staged.kinds.clauses import alter, details, table_of
from weedgo.staged.kinds.types import typed
from weedgo.staged.model import Change, Object, ObjectId, Statement, Work


def leader(column: ObjectId, ctx: Context, changes: Mapping[ObjectId, Change]) -> ObjectId | None:
    """The change, among some, of the composite type that a typed table's columns follow."""
    table = ctx.before.get(table_of(column))
    if table is None or not table["of_type"]:
        return None
    needs = ctx.before.needed(table.id)
    found = (n for n in sorted(needs) if n.kind == "composite_type" and n in changes)
    return next((n for n in found if table.id in typed(n, ctx)), None)


def own(column: Object | None, ctx: Context) -> bool:
    """Whether a column is to have more than its attribute says, such as a default."""
    if column is None:
        return False
    detailed = column["storage"] or column["options"] or column["statistics"] is not None
    return bool(detailed or column["not_null"] or filling.default_for(column, ctx))


def come(column: Object, ctx: Context) -> Work:
    """What a column that has come with its attribute has beyond that.

    As of any new column, rows that stand get the default that makes it mandatory.
    """
    type = leader(column.id, ctx, ctx.changes)
    done = Work(needs=frozenset({type} if type else ()))
    default = filling.default_for(column, ctx)
    if default:
        done = done.then(alter(column, ctx, f"SET DEFAULT {default}", only=True))
    if not column["not_null"]:
        return done.then(details(column, ctx))
    if default and not (ctx.backward or ctx.together):
        filled = notnull.filled(column, default, ctx)
        return done.then(details(column, ctx)).then(filled)
    if default:
        text = render(
            "UPDATE {} SET {} = {}", relation(column.id), ident(column.id.name), raw(default)
        )
        done = done.then(Work((Statement(text, "ROW EXCLUSIVE", ctx.shared(table_of(column.id))),)))
        return done.then(details(column, ctx)).then(alter(column, ctx, "SET NOT NULL"))
    return done.then(details(column, ctx)).then(notnull.require(column, ctx))
