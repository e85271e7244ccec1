"""Range types, each with its multirange type."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, comma, ident, name, render, work
from weedgo.staged.kinds.types import CarriedKind, carried, converted, followers
from weedgo.staged.model import Object, ObjectId, Work

_READERS = ("index", "constraint", "statistics")


class RangeTypeKind(CarriedKind):
    """``CREATE TYPE … AS RANGE``."""

    name = "range_type"
    source = "range_type"

    def make(self, obj: Object, ctx: Context) -> Work:
        if obj["canonical"]:
            return Work(
                refusal="a range type with a canonical function needs its code in the server"
            )
        multirange = ident(obj["multirange_schema"], obj["multirange"]).as_string(None)
        parts = [
            f"SUBTYPE = {obj['subtype']}",
            f"SUBTYPE_OPCLASS = {obj['operator_class']}" if obj["operator_class"] else "",
            f"COLLATION = {obj['collation']}" if obj["collation"] else "",
            f"SUBTYPE_DIFF = {obj['difference']}" if obj["difference"] else "",
            f"MULTIRANGE_TYPE_NAME = {multirange}",
        ]
        listed = comma([p for p in parts if p])
        return work(render("CREATE TYPE {} AS RANGE ({})", name(obj.id), listed))

    def hanging(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        """Also what reads its columns: they are texts for a moment."""
        columns = {c.id for c in carried(id, ctx)}
        readers = (d for c in columns for d in ctx.dependents(c) if d.kind in _READERS)
        return super().hanging(id, ctx) | frozenset(readers)

    def set_aside(self, obj: Object, ctx: Context) -> Work:
        """Its constructors bear its name and do not follow a new one: values wait as texts."""
        done = Work()
        for column in followers(obj.id, ctx):
            done = done.then(converted(column, f"{_held(column)}::text", ctx, "text"))
        return done.then(work(render("DROP TYPE {}", name(obj.id))))

    def take_over(self, obj: Object, ctx: Context) -> Work:
        done = Work()
        for column in followers(obj.id, ctx):
            # Its multirange may have another name now.
            after = ctx.after.get(column.id) or column
            type = after["type"] if obj.id in ctx.after.needed(column.id) else column["type"]
            done = done.then(converted(column, f"{_held(column)}::{type}", ctx, type))
        return done


def _held(column: Object) -> str:
    return ident(column.id.name).as_string(None)
