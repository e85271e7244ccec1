"""Who owns an object."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, ident, raw, render, work
from weedgo.staged.kinds.naming import described
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Work


class OwnerKind(Kind):
    """``ALTER … OWNER TO``; what the run creates belongs to its own role at once."""

    name = "owner"
    stage = Stage.ACCESS
    label = "owners"

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        if change.action is Action.CREATE and change.after and change.after["role"] == ctx.before.user:
            return change.id.of
        return None

    def create(self, obj: Object, ctx: Context) -> Work:
        if obj["role"] not in ctx.before.roles:
            return Work(refusal=f"the target has no role {obj['role']!r}: create it, or use --role-map or --no-owner")
        return work(render("ALTER {} OWNER TO {}", raw(described(obj.id.of, ctx)), ident(obj["role"])))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return Work()
