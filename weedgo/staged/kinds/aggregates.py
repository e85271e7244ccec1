"""Aggregates: plain, ordered-set and hypothetical-set, with their moving and parallel parts."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, ident, raw, render, work
from weedgo.staged.model import Object, Stage, Work


class AggregateKind(Kind):
    """``CREATE AGGREGATE``."""

    name = "aggregate"
    stage = Stage.FUNCTIONS
    label = "functions"
    source = "aggregate"
    classid = 1255

    def create(self, obj: Object, ctx: Context) -> Work:
        return work(self._text(obj, "CREATE AGGREGATE"))

    def _text(self, obj: Object, verb: str) -> str:
        parts = ",\n    ".join(obj["parts"])
        return render(
            "{} {}({}) (\n    {}\n)",
            verb,
            ident(obj.id.schema, obj.get("proname")),
            raw(obj["arguments"] or "*"),
            raw(parts),
        )

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        same = all(before[k] == after[k] for k in ("arguments", "result", "aggregate_kind"))
        if not same:
            return Work(replace=True)
        return work(self._text(after, "CREATE OR REPLACE AGGREGATE"))

    def drop(self, obj: Object, ctx: Context) -> Work:
        named = ident(obj.id.schema, obj.get("proname"))
        return work(render("DROP AGGREGATE {}({})", named, raw(obj.get("types"))))
