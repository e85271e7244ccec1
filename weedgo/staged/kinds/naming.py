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
_ON_RELATION = ("constraint", "trigger", "rule", "policy")


def described(id: ObjectId, ctx: Context) -> str:
    """The words and the name of an object: ``TABLE "public"."orders"``."""
    obj = ctx.after.get(id) or ctx.before.get(id)
    if id.kind == "column":
        return render("COLUMN {}", ident(id.schema, id.parent, id.name))
    if id.kind in _ON_RELATION:
        return render("{} {} ON {}", id.kind.upper(), ident(id.name), relation(id))
    if id.kind == "domain_constraint":
        return render("CONSTRAINT {} ON DOMAIN {}", ident(id.name), relation(id))
    if id.kind in ("function", "aggregate") and obj is not None:
        word = "AGGREGATE" if id.kind == "aggregate" else obj["routine"]
        signature = raw(obj.get("types"))
        return render("{} {}({})", word, ident(id.schema, obj.get("proname")), signature)
    if obj is not None and obj.get("named"):
        # PostgreSQL's own spelling of what has more than a schema and a name.
        return render("{} {}", id.kind.replace("_", " ").upper(), obj.get("named"))
    return render("{} {}", _WORDS.get(id.kind, id.kind.replace("_", " ").upper()), name(id))


def lacking(role: str) -> str:
    """Why a step that needs a role is refused."""
    return f"the target has no role {role!r}: create it, or use --role-map or --no-owner"
