"""The rows of a table that is made anew, and the numbers that its columns would have given next."""

from __future__ import annotations

from weedgo.staged.kinds import casts
from weedgo.staged.kinds.base import Context, Part, comma, ident, literal, name, raw, render
from weedgo.staged.kinds.born import columns_of
from weedgo.staged.kinds.fields import Values
from weedgo.staged.kinds.parking import numbered_by
from weedgo.staged.model import Object, ObjectId, Statement


def sequences(id: ObjectId, ctx: Context) -> list[str]:
    """The sequences whose numbers go over to those of identities."""
    now = {c.id for c in ctx.of("column", id) if c["identity_sequence"]}
    columns = (c for c in ctx.of("column", id, before=True) if c.id in now)
    return [was for column in columns if (was := numbered_by(column, ctx))]


def copied(id: ObjectId, waiting: str, ctx: Context) -> list[Statement]:
    """Statements that take rows and numbers over.

    Args:
        id: the table, which stands anew.
        waiting: the schema in which the old one is.
        ctx: of the change.
    """
    before = {c.id.name: c for c in ctx.of("column", id, before=True)}
    after = columns_of(id, ctx)
    kept = [c for c in after if c.id.name in before and not c["generated"]]
    if not kept:
        return []
    old = ident(waiting, id.name)
    targets = comma([ident(c.id.name).as_string(None) for c in kept])
    values = comma([_value(before[c.id.name], c, ctx) for c in kept])
    overriding = " OVERRIDING SYSTEM VALUE" * any(c["identity"] for c in kept)
    text = "INSERT INTO {} ({}){} SELECT {} FROM {}"
    found = [render(text, name(id), raw(targets), overriding, raw(values), old)]
    for column in kept:
        was = numbered_by(before[column.id.name], ctx)
        now = column["identity_sequence"]
        if was and now:
            found.append(_carried_on(now, ident(waiting, was)))
    return [Statement(s, rewrites=True) for s in found]


def _carried_on(now: list[str], old: Part) -> str:
    """A sequence set to where the old one stands, or to the nearest number within its bounds."""
    schema, sequence, _, increment, low, high = now[:6]
    up = int(increment) > 0
    nearest = low if up else high
    return render(
        "SELECT pg_catalog.setval({}, {}(last_value, {}), is_called AND last_value {} {}) FROM {}",
        literal(render("{}", ident(schema, sequence))),
        "greatest" if up else "least",
        nearest,
        ">=" if up else "<=",
        nearest,
        old,
    )


def _value(before: Object, after: Object, ctx: Context) -> str:
    quoted = ident(after.id.name).as_string(None)
    if any(n in ctx.taken for n in ctx.before.needed(before.id) & ctx.after.needed(after.id)):
        return Values(ctx, queries=True).of(quoted, after["type"])  # Its type is made anew.
    return casts.converted(quoted, before["type"], after["type"], ctx)
