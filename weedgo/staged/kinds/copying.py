"""The rows of a table that is made anew, and the numbers that its columns would have given next."""

from __future__ import annotations

from weedgo.staged.kinds import casts
from weedgo.staged.kinds.base import Context, Part, comma, ident, literal, name, raw, render
from weedgo.staged.kinds.born import columns_of, retired
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
    kept, old = _kept(id, ctx), ident(waiting, id.name)
    if not kept:
        # All that its columns held goes; that there are so many rows does not.
        return [Statement(render("INSERT INTO {} SELECT FROM {}", name(id), old), rewrites=True)]
    targets = comma([ident(c.id.name).as_string(None) for _, _, c in kept])
    values = comma([_value(held, before, after, ctx) for held, before, after in kept])
    overriding = " OVERRIDING SYSTEM VALUE" * any(c["identity"] for _, _, c in kept)
    text = "INSERT INTO {} ({}){} SELECT {} FROM {}"
    found = [render(text, name(id), raw(targets), overriding, raw(values), old)]
    found += [text for held in kept for text in _numbered(id, waiting, *held, ctx)]
    return [Statement(s, rewrites=True) for s in found]


def _kept(id: ObjectId, ctx: Context) -> list[tuple[str, Object, Object]]:
    """What has the values in the old table, and the column as it was and as it is to be."""
    before = {c.id.name: c for c in ctx.of("column", id, before=True)}
    found = [
        (_held(c, ctx), before[c.id.name], c)
        for c in columns_of(id, ctx)
        if c.id.name in before and not c["generated"]
    ]
    more = () if ctx.backward else retired(id, ctx)
    return [*found, *((old.id.name, old, new) for old, new in more)]


def _held(column: Object, ctx: Context) -> str:
    """The name of a column in the old table: on the way back that under which it is retired."""
    change = ctx.whole.get(column.id) if ctx.backward else None
    aside = change is not None and change.aside and column.id in ctx.retired
    return ctx.retired[column.id][0][1] if aside else column.id.name


def _numbered(
    id: ObjectId, waiting: str, held: str, before: Object, after: Object, ctx: Context
) -> list[str]:
    """The number that an identity would have given next."""
    was, now = numbered_by(before, ctx), after["identity_sequence"]
    if not now:
        return []
    sequence = literal(render("{}", ident(now[0], now[1])))
    if held != after.id.name:
        column = ident(after.id.name)
        text = "SELECT pg_catalog.setval({}, coalesce(max({}), 1), max({}) IS NOT NULL) FROM {}"
        return [render(text, sequence, column, column, name(id))]
    if not was:
        return []
    return [_carried_on(now, ident(waiting, was))]


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


def _value(held: str, before: Object, after: Object, ctx: Context) -> str:
    quoted = ident(held).as_string(None)
    needs = ctx.before.needed(before.id)
    stays = needs & ctx.after.needed(after.id) if after.id in ctx.after else needs
    if any(need in ctx.taken for need in stays):
        return Values(ctx, queries=True).of(quoted, after["type"])  # Its type is made anew.
    return casts.converted(quoted, before["type"], after["type"], ctx)
