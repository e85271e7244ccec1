"""Base types, which the engine does not make: what needs one that is not there is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable

from weedgo.staged.kinds.base import Context
from weedgo.staged.model import Catalog, Object, ObjectId

_USERS = frozenset({"column", "function", "aggregate", "domain", "composite_type", "range_type"})


def refusal(made: Iterable[ObjectId], gone: Iterable[ObjectId], ctx: Context) -> str:
    """Why a step cannot be done; empty where no base type is in its way.

    Args:
        made: what the step makes.
        gone: what it drops.
        ctx: of the way there.
    """
    here, there = _named(ctx.before), _named(ctx.after)
    for path in sorted(there - here):
        if user := _user(path, made, ctx.after):
            return f"{user} uses the base type {path}: create that on the target by hand first"
    for path in sorted(here):
        used = _user(path, (id for id in gone if id.kind == "function"), ctx.before, "cstring")
        if used:
            return f"the base type {path} reads or writes with {used}: drop it by hand first"
    return ""


def _named(catalog: Catalog) -> set[str]:
    return {u.path for u in catalog.unmodelled if u.kind == "base type"}


def _user(path: str, ids: Iterable[ObjectId], catalog: Catalog, beside: str = "") -> str:
    """The first object in whose text a type stands, and what else is sought."""
    name = re.compile(rf"(?<![\w.]){re.escape(path)}(?!\w)")
    for id in sorted(id for id in ids if id.kind in _USERS):
        text = _text(catalog.get(id))
        if name.search(text) and beside in text:
            return str(id)
    return ""


def _text(obj: Object | None) -> str:
    if obj is None:
        return ""
    return " ".join((obj.id.name, *map(str, obj.attrs.values()))).replace('"', "")
