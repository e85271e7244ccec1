"""Column defaults: their own objects, because they may need functions that need the table."""

from __future__ import annotations

from dataclasses import replace

from weedgo.staged.kinds import filling, identity
from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, Kind, Row, ident, relation, render
from weedgo.staged.kinds.clauses import born_with, column_owner, owner
from weedgo.staged.kinds.sequences import moved_on, otherwise_typed
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
        done = self._set(obj, ctx, render("SET DEFAULT {}", obj["expression"]))
        done = done.then(_moved_on(obj, ctx))
        column = ctx.after.get(obj.id.of)
        value = filling.expression(obj.id.of, ctx)
        if not value or column is None or column["not_null"] or obj.id.of in ctx.changes:
            return done
        # A run before had begun to give the column's rows their values.
        filled = filling.filled(column, value, ctx).then(filling.relieved(column, value, ctx, 2))
        last = (replace(s, phase=2) for s in done.statements)
        return filled.then(Work(tuple(last)))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return self._set(obj, ctx, "DROP DEFAULT")

    def _set(self, obj: Object, ctx: Context, action: str) -> Work:
        id = obj.id
        only = "ONLY " if id.target == "column" else ""
        text = render(
            "ALTER TABLE {}{} ALTER COLUMN {} {}", only, relation(id), ident(id.name), action
        )
        table = ctx.shared(ObjectId("table", id.schema, id.parent))
        return Work((Statement(text, ACCESS_EXCLUSIVE, table),))

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        if change.action is Action.CREATE and born_with(change.id, ctx):
            return column_owner(change.id, ctx)
        if change.action is not Action.ALTER:
            return identity.replaces_default(change.id, ctx)
        return None


def _moved_on(obj: Object, ctx: Context) -> Work:
    """The sequences that a default draws from now, set behind the values of its column.

    One that stands is left alone on the way back: it was where it was before.
    """
    column, table = ctx.after.get(obj.id.of), ObjectId("table", obj.id.schema, obj.id.parent)
    if column is None or column["type"] not in identity.TYPES or table not in ctx.before:
        return Work()
    drawn = {n for n in ctx.after.needed(obj.id) if n.kind == "sequence"}
    drawn -= ctx.before.needed(obj.id)
    found = (ctx.after.get(n) for n in sorted(drawn) if not (ctx.backward and n in ctx.before))
    texts = otherwise_typed(column.id, ctx)
    ahead = [moved_on(s, column.id, texts=texts) for s in found if s and owner(s) != column.id]
    return Work(tuple(Statement(text, "ACCESS SHARE", ctx.shared(table)) for text in ahead))
