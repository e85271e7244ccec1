"""Enum types."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, comma, literal, name, render, work
from weedgo.staged.model import Object, Stage, Work


class EnumKind(Kind):
    """``CREATE TYPE … AS ENUM``; values are added in place."""

    name = "enum"
    stage = Stage.PREREQUISITES
    label = "types"
    source = "enum"
    classid = 1247

    def create(self, obj: Object, ctx: Context) -> Work:
        values = comma([literal(v).as_string(None) for v in obj["values"]])
        return work(render("CREATE TYPE {} AS ENUM ({})", name(obj.id), values))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        old, new = before["values"], after["values"]
        if [v for v in new if v in old] != old:
            return Work(replace=True)
        statements = []
        for i, value in enumerate(new):
            if value in old:
                continue
            place = render(" AFTER {}", literal(new[i - 1])) if i else render(" BEFORE {}", literal(old[0]))
            statements.append(render("ALTER TYPE {} ADD VALUE {}{}", name(after.id), literal(value), place))
        return work(*statements)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP TYPE {}", name(obj.id)))
