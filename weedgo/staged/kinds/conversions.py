"""Conversions between encodings."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, literal, name, render, work
from weedgo.staged.model import Object, Stage, Work


class ConversionKind(Kind):
    """``CREATE CONVERSION``."""

    name = "conversion"
    stage = Stage.PREREQUISITES
    label = "conversions"
    source = "conversion"
    classid = 2607

    def create(self, obj: Object, ctx: Context) -> Work:
        text = render(
            "CREATE {}CONVERSION {} FOR {} TO {} FROM {}",
            "DEFAULT " if obj["default"] else "",
            name(obj.id),
            literal(obj["source_encoding"]),
            literal(obj["target_encoding"]),
            obj["function"],
        )
        return work(text)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP CONVERSION {}", name(obj.id)))
