"""Functions and procedures."""

from __future__ import annotations

from weedgo.staged.kinds.base import Context, Kind, ident, raw, render, work
from weedgo.staged.kinds.unnamed import unnamed
from weedgo.staged.model import Object, Stage, Work


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

    def drop(self, obj: Object, ctx: Context) -> Work:
        signature = render(
            "{}({})", ident(obj.id.schema, obj.get("proname")), raw(obj.get("types"))
        )
        return work(render("DROP {} {}", obj["routine"], raw(signature)))


def _text(obj: Object) -> str:
    """PostgreSQL's text of the function; a body of SQL statements is a text of queries."""
    text = str(obj["definition"])
    head, atomic, body = text.partition("\nBEGIN ATOMIC\n")
    return head + atomic + unnamed(body) if "\nAS $" not in head else text


def _compatible(before: Object, after: Object) -> bool:
    """Whether CREATE OR REPLACE may turn the one into the other."""
    same = all(before.get(k) == after.get(k) for k in ("result", "kind"))
    old, new = before.get("argument_names") or [], after.get("argument_names") or []
    names = all(not a or a == b for a, b in zip(old, new, strict=False)) and (
        not old or len(old) == len(new)
    )
    return same and names and after.get("defaults") >= before.get("defaults")
