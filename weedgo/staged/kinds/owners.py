"""Who owns an object."""

from __future__ import annotations

from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, Kind, ident, raw, render
from weedgo.staged.kinds.naming import described, lacking
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Statement, Work

_RELATIONS = ("table", "view", "materialized_view", "foreign_table")


class OwnerKind(Kind):
    """``ALTER … OWNER TO``; what the run creates belongs to its own role at once."""

    name = "owner"
    stage = Stage.ACCESS
    label = "owners"

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        created = change.action is Action.CREATE
        if created and change.after and change.after["role"] == ctx.before.user:
            return change.id.of
        return None

    def create(self, obj: Object, ctx: Context) -> Work:
        if obj["role"] == ctx.before.user and obj.id.of not in ctx.before:
            return Work()
        return self._give(obj, ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self._give(after, ctx)

    def _give(self, obj: Object, ctx: Context) -> Work:
        if obj["role"] not in ctx.before.roles:
            return Work(refusal=lacking(obj["role"]))
        of = obj.id.of
        text = render("ALTER {} OWNER TO {}", raw(described(of, ctx)), ident(obj["role"]))
        if of.kind in _RELATIONS:
            return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(of)),))
        return Work((Statement(text),))

    def drop(self, obj: Object, ctx: Context) -> Work:
        return Work()
