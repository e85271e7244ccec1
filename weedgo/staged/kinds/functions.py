"""Functions and procedures."""

from __future__ import annotations

import re

from weedgo.staged.kinds.base import Context, Kind, ident, raw, render, work
from weedgo.staged.kinds.unnamed import unnamed
from weedgo.staged.model import Object, ObjectId, Stage, Work


class FunctionKind(Kind):
    """``CREATE FUNCTION`` and ``CREATE PROCEDURE``, by PostgreSQL's own text of them."""

    name = "function"
    stage = Stage.FUNCTIONS
    label = "functions"
    source = "function"
    classid = 1255

    def create(self, obj: Object, ctx: Context) -> Work:
        return work(_text(obj))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["routine"] != after["routine"] or not _compatible(before, after):
            return Work(replace=True)
        return work(_text(after))

    def successors(self, obj: Object, ctx: Context) -> frozenset[ObjectId]:
        return successors(obj, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        signature = render(
            "{}({})", ident(obj.id.schema, obj.get("proname")), raw(obj.get("types"))
        )
        # Who calls it could not tell it from its successor while both stand.
        bound = successors(obj, ctx) and {d for d in ctx.dependents(obj.id) if d in ctx.after}
        text = render("DROP {} {}", obj["routine"], signature)
        return work(text, rebuild=frozenset(d for d in bound if not d.target or d.of != obj.id))


def successors(obj: Object, ctx: Context) -> frozenset[ObjectId]:
    """New functions that a call of one that goes could also mean: PostgreSQL then refuses it.

    See https://www.postgresql.org/docs/current/typeconv-func.html.
    """
    if obj.id not in ctx.changes or obj.id in ctx.after:
        return frozenset()
    return frozenset(
        c.id
        for c in ctx.changes.values()
        if c.id.kind == obj.id.kind
        and c.before is None
        and c.after is not None
        and c.id.schema == obj.id.schema
        and c.after.get("proname") == obj.get("proname")
        and mistakable(obj, c.after)
    )


def mistakable(a: Object, b: Object) -> bool:
    """Whether some call fits both routines, because of defaults."""
    one, other = a.get("argument_types") or [], b.get("argument_types") or []
    least = max(len(o) - (r.get("defaults") or 0) for o, r in ((one, a), (other, b)))
    most = min(len(one), len(other))
    alike = [x == y or (_any(x) and _any(y)) for x, y in zip(one, other, strict=False)]
    return any(all(alike[:n]) for n in range(least, most + 1))


def _any(type: str) -> bool:
    """Whether a type stands for any: what fits one of those fits others."""
    return type.startswith("any")


def _variadic(obj: Object) -> bool:
    return bool(re.search(r"(^|, )VARIADIC ", str(obj.get("arguments"))))


def _text(obj: Object) -> str:
    """PostgreSQL's text of the function; a body of SQL statements is a text of queries."""
    text = str(obj["definition"])
    head, atomic, body = text.partition("\nBEGIN ATOMIC\n")
    return head + atomic + unnamed(body) if "\nAS $" not in head else text


def _compatible(before: Object, after: Object) -> bool:
    """Whether CREATE OR REPLACE may turn the one into the other."""
    same = all(before.get(k) == after.get(k) for k in ("result", "kind", "outputs"))
    # Those who call it pass it an array, or the elements of one.
    same = same and _variadic(before) == _variadic(after)
    old, new = before.get("argument_names") or [], after.get("argument_names") or []
    names = all(not a or a == b for a, b in zip(old, new, strict=False)) and (
        not old or len(old) == len(new)
    )
    return same and names and after.get("defaults") >= before.get("defaults")
