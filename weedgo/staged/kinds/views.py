"""Views."""

from __future__ import annotations

from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, Kind, name, raw, render
from weedgo.staged.kinds.options import reset, settings
from weedgo.staged.kinds.unnamed import unnamed
from weedgo.staged.model import Object, Stage, Statement, Work


class ViewKind(Kind):
    """``CREATE VIEW``; replaced in place where its columns only grow at the end."""

    name = "view"
    stage = Stage.VIEWS
    label = "views"
    source = "view"
    classid = 1259

    def create(self, obj: Object, ctx: Context) -> Work:
        return Work((Statement(self._text(obj, "CREATE VIEW")),))

    def _text(self, obj: Object, verb: str) -> str:
        options = f" WITH ({settings(obj['options'])})" if obj["options"] else ""
        query = raw(unnamed(obj["definition"]))
        return render("{} {}{} AS\n{}", verb, name(obj.id), options, query)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        table = ctx.shared(after.id)
        if before["definition"] == after["definition"]:
            statements = []
            if gone := reset(before["options"], after["options"]):
                statements.append(render("ALTER VIEW {} RESET ({})", name(after.id), gone))
            if after["options"]:
                statements.append(
                    render("ALTER VIEW {} SET ({})", name(after.id), settings(after["options"]))
                )
            return Work(tuple(Statement(s, ACCESS_EXCLUSIVE, table) for s in statements))
        old, new = before.get("columns"), after.get("columns")
        if new[: len(old)] != old:
            return Work(replace=True)
        return Work(
            (Statement(self._text(after, "CREATE OR REPLACE VIEW"), ACCESS_EXCLUSIVE, table),)
        )

    def drop(self, obj: Object, ctx: Context) -> Work:
        return Work(
            (Statement(render("DROP VIEW {}", name(obj.id)), ACCESS_EXCLUSIVE, ctx.shared(obj.id)),)
        )
