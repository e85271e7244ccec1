"""How an object is named in COMMENT, ALTER … OWNER and GRANT."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, ident, name, raw, relation, render
from weedgo.staged.model import ObjectId

_WORDS = {
    "enum": "TYPE",
    "composite_type": "TYPE",
    "range_type": "TYPE",
    "text_search_configuration": "TEXT SEARCH CONFIGURATION",
    "text_search_dictionary": "TEXT SEARCH DICTIONARY",
    "statistics": "STATISTICS",
}


def described(id: ObjectId, ctx: Context) -> str:
    """The words and the name of an object: ``TABLE "public"."orders"``."""
    obj = ctx.after.get(id) or ctx.before.get(id)
    if id.kind == "column":
        return render("COLUMN {}", ident(id.schema, id.parent, id.name))
    if id.kind in ("constraint", "trigger", "rule", "policy"):
        return render("{} {} ON {}", id.kind.upper(), ident(id.name), relation(id))
    if id.kind in ("function", "aggregate") and obj is not None:
        word = "AGGREGATE" if id.kind == "aggregate" else obj["routine"]
        return render("{} {}({})", word, ident(id.schema, obj.get("proname")), raw(obj.get("types")))
    return render("{} {}", _WORDS.get(id.kind, id.kind.replace("_", " ").upper()), name(id))
