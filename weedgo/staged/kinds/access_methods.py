"""Access methods of tables and indexes."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, name, render, work
from weedgo.staged.model import Object, Stage, Work


class AccessMethodKind(Kind):
    """``CREATE ACCESS METHOD``."""

    name = "access_method"
    stage = Stage.PREREQUISITES
    label = "access methods"
    source = "access_method"
    classid = 2601

    def create(self, obj: Object, ctx: Context) -> Work:
        text = "CREATE ACCESS METHOD {} TYPE {} HANDLER {}"
        return work(render(text, name(obj.id), obj["type"], obj["handler"]))

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP ACCESS METHOD {}", name(obj.id)))
