"""Column defaults: their own objects, because they may need functions that need the table."""

from __future__ import annotations

from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, Kind, Row, ident, relation, render
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Statement, Work


class DefaultKind(Kind):
    """``ALTER COLUMN … SET DEFAULT``, unless the column is born with it."""

    name = "default"
    stage = Stage.COLUMNS
    label = "defaults"
    source = "default"
    classid = 2604

    def identify(self, row: Row) -> ObjectId:
        return ObjectId("default", row["schema"], row["name"], row["parent"], row["target"])

    def create(self, obj: Object, ctx: Context) -> Work:
        return self._set(obj, ctx, render("SET DEFAULT {}", obj["expression"]))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return self._set(obj, ctx, "DROP DEFAULT")

    def _set(self, obj: Object, ctx: Context, action: str) -> Work:
        id = obj.id
        only = "ONLY " if id.target == "column" else ""
        text = render("ALTER TABLE {}{} ALTER COLUMN {} {}", only, relation(id), ident(id.name), action)
        table = ctx.shared(ObjectId("table", id.schema, id.parent))
        return Work((Statement(text, ACCESS_EXCLUSIVE, table),))

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        if change.action is Action.CREATE and born_with(change.id, ctx):
            return column_owner(change.id, ctx)
        return None


def column_owner(id: ObjectId, ctx: Context) -> ObjectId:
    """What creates a column: its table if that is new, else the column's own step."""
    table = ObjectId("table", id.schema, id.parent)
    column = ObjectId("column", id.schema, id.name, id.parent)
    change = ctx.changes.get(table)
    return table if change and change.action is Action.CREATE else column


def born_with(id: ObjectId, ctx: Context) -> bool:
    """Whether the default is given in the statement that creates its column.

    A column added to an existing table always is: only so do its rows get the value at once. In
    a new table it is when nothing that it needs is made after tables.
    """
    column = ctx.changes.get(ObjectId("column", id.schema, id.name, id.parent))
    if not column or column.action is not Action.CREATE:
        return False
    if column_owner(id, ctx).kind == "column":
        return True
    later = ("function", "aggregate", "view", "materialized_view")
    return not any(
        need.kind in later and ctx.changes[need].action is Action.CREATE
        for need in ctx.after.needed(id)
        if need in ctx.changes
    )
