"""Comments on objects of every kind."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, literal, render, work
from weedgo.staged.kinds.naming import described
from weedgo.staged.model import Object, Stage, Work


class CommentKind(Kind):
    """``COMMENT ON``."""

    name = "comment"
    stage = Stage.ACCESS
    label = "comments"

    def create(self, obj: Object, ctx: Context) -> Work:
        return work(render("COMMENT ON {} IS {}", described(obj.id.of, ctx), literal(obj["text"])))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("COMMENT ON {} IS NULL", described(obj.id.of, ctx.inverse())))
