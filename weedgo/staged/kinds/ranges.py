"""Range types, each with its multirange type."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, comma, ident, name, render, work
from weedgo.staged.kinds.types import CarriedKind
from weedgo.staged.model import Object, Work


class RangeTypeKind(CarriedKind):
    """``CREATE TYPE … AS RANGE``."""

    name = "range_type"
    source = "range_type"

    def make(self, obj: Object, ctx: Context) -> Work:
        if obj["canonical"]:
            return Work(
                refusal="a range type with a canonical function needs its code in the server: "
                "install that, and make the type by hand"
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
