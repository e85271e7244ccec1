"""Extended statistics."""

from __future__ import annotations

from weedgo.staged.kinds.base import SHARE_UPDATE_EXCLUSIVE, Context, Kind, name, render
from weedgo.staged.model import Object, ObjectId, Stage, Statement, Work


class StatisticsKind(Kind):
    """``CREATE STATISTICS`` and its target."""

    name = "statistics"
    stage = Stage.INDEXES
    label = "statistics objects"
    source = "statistics"
    classid = 3381

    def create(self, obj: Object, ctx: Context) -> Work:
        done = Work((Statement(obj.get("definition"), SHARE_UPDATE_EXCLUSIVE, _table(obj, ctx)),))
        return done if obj["statistics"] is None else done.then(self._target(obj, ctx))

    def _target(self, obj: Object, ctx: Context) -> Work:
        target = -1 if obj["statistics"] is None else obj["statistics"]
        text = render("ALTER STATISTICS {} SET STATISTICS {}", name(obj.id), str(target))
        return Work((Statement(text, SHARE_UPDATE_EXCLUSIVE, _table(obj, ctx)),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if all(before[k] == after[k] for k in before.attrs if k != "statistics"):
            return self._target(after, ctx)
        return Work(replace=True)

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = render("DROP STATISTICS {}", name(obj.id))
        return Work((Statement(text, SHARE_UPDATE_EXCLUSIVE, _table(obj, ctx)),))


def _table(obj: Object, ctx: Context) -> ObjectId | None:
    table = ObjectId("table", obj.get("table_schema"), obj.get("table_name"))
    view = table._replace(kind="materialized_view")
    return ctx.shared(view if view in ctx.before or view in ctx.after else table)
