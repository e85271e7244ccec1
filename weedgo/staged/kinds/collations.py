"""Collations."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, comma, literal, name, render, work
from weedgo.staged.kinds.fields import Values
from weedgo.staged.kinds.types import CarriedKind
from weedgo.staged.model import Object, Work


class CollationKind(CarriedKind):
    """``CREATE COLLATION``; any difference makes it another one."""

    name = "collation"
    source = "collation"
    label = "collations"
    classid = 3456
    word = "COLLATION"

    def make(self, obj: Object, ctx: Context) -> Work:
        parts = [f"PROVIDER = {obj['provider']}"]
        if obj["provider"] == "libc":
            named = (("LC_COLLATE", "lc_collate"), ("LC_CTYPE", "lc_ctype"))
        else:
            named = (("LOCALE", "locale"), ("RULES", "rules"))
        parts += [render("{} = {}", w, literal(obj[k])) for w, k in named if obj.get(k)]
        if not obj["deterministic"]:
            parts.append("DETERMINISTIC = false")
        return work(render("CREATE COLLATION {} ({})", name(obj.id), comma(parts)))

    def using(self, held: str, column: Object, values: Values) -> str:
        return ""
