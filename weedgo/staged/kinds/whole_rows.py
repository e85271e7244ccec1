"""Triggers that look at whole rows before they are written: no generated column has values then."""

from __future__ import annotations

import re
from collections.abc import Iterator

from weedgo.staged.kinds.base import Context
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.model import Object, ObjectId

_LOOKS = re.compile(r" BEFORE .* FOR EACH ROW WHEN \(.*\bnew\.\*", re.DOTALL)


def first(id: ObjectId, ctx: Context) -> Iterator[ObjectId]:
    """What goes before a trigger comes that looks at whole rows, or a column that is generated.

    PostgreSQL takes no such trigger on a table with generated columns; the other way round it
    does, but then it could not come back.
    """
    before, after = ctx.before.get(id), ctx.after.get(id)
    if id.kind == "trigger" and _looks(after):
        found, still = ctx.of("column", table_of(id), before=True), _generated
    elif id.kind == "column" and _generated(after) and not _generated(before):
        found, still = ctx.of("trigger", table_of(id), before=True), _looks
    else:
        return
    yield from (o.id for o in found if still(o) and not still(ctx.after.get(o.id)))


def _looks(obj: Object | None) -> bool:
    return obj is not None and bool(_LOOKS.search(obj["definition"]))


def _generated(obj: Object | None) -> bool:
    return obj is not None and bool(obj["generated"])
