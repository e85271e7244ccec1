"""Partitions that a rollback makes again, while their whole is still what the run made of it.

Where other partitions get new bounds, what changes about the whole has changed before any of them
leaves. On the way back it does so behind, and reaches the partition, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import Context, attachment
from weedgo.staged.model import Change, Object, ObjectId

Check = list[str]


def columns(table: ObjectId, own: list[Object], ctx: Context) -> list[Object]:
    """The columns of a partition, as its whole has them at that moment.

    Args:
        table: made again by a rollback, or any other.
        own: its columns as they are to be in the end.
        ctx: of the change.
    """
    whole = _whole(table, ctx)
    if whole is None:
        return own
    changes = {c.id.name: c for c in _later("column", whole, ctx)}
    kept = (_then(column, changes.get(column.id.name)) for column in own)
    found = [column for column in kept if column is not None]
    more = (c.before for c in changes.values() if c.after is None and c.before is not None)
    return [*found, *(_of(column, table) for column in more)]


def checks(table: ObjectId, own: list[Check], ctx: Context) -> list[Check]:
    """What a partition has of its whole's constraints at that moment: name, type, definition."""
    whole = _whole(table, ctx)
    if whole is None:
        return own
    later = [c for c in _later("constraint", whole, ctx) if _type(c) == "c"]
    names = {c.id.name for c in later}
    more = [c.before for c in later if c.before is not None]
    return [
        *(check for check in own if check[1] != "c" or check[0] not in names),
        *([o.id.name, "c", _definition(o)] for o in more),
    ]


def _whole(table: ObjectId, ctx: Context) -> ObjectId | None:
    """The standing table that a partition comes back to, if that changes only behind it."""
    below, whole = table, _above(table, ctx)
    while whole is not None and whole not in ctx.before:
        below, whole = whole, _above(whole, ctx)
    gone = ctx.whole.get(below)
    retired = gone is not None and gone.aside
    if not ctx.backward or whole is None or (below in ctx.before and not retired):
        return None
    back = ctx.whole.get(whole)
    if back is not None and back.before is None:
        return None  # It is back by then, as it was.
    links = [ctx.whole[i] for h in _heirs(whole, ctx) if (i := attachment(h)) in ctx.whole]
    bounds = any(link.before and link.after for link in links)
    came = any(link.before and not link.after for link in links)
    if retired:
        return whole if bounds or came else None
    return whole if bounds and not came else None


def _above(table: ObjectId, ctx: Context) -> ObjectId | None:
    link = ctx.after.get(attachment(table))
    return ObjectId("table", *link["of"]) if link is not None else None


def _heirs(whole: ObjectId, ctx: Context) -> set[ObjectId]:
    return {*ctx.heirs(whole), *ctx.heirs(whole, before=True)}


def _later(kind: str, whole: ObjectId, ctx: Context) -> Iterator[Change]:
    """Changes of a table's parts that are taken back by another step, behind this one."""
    for id, change in sorted(ctx.whole.items()):
        own = (id.kind, id.schema, id.parent) == (kind, whole.schema, whole.name)
        if own and id not in ctx.changes:
            yield change


def _then(column: Object, change: Change | None) -> Object | None:
    """A column at that moment; None where there is none yet."""
    if change is None:
        return column
    if change.before is None:
        return None
    same = {k: change.before.attrs.get(k) for k in ("type", "collation", "generated", "expression")}
    mandatory = column["not_null"] or change.before["not_null"]
    return Object(column.id, {**column.attrs, **same, "not_null": mandatory}, column.info)


def _of(column: Object, table: ObjectId) -> Object:
    id = column.id._replace(schema=table.schema, parent=table.name)
    return Object(id, column.attrs, {**column.info, "partition": True, "local": True})


def _type(change: Change) -> str:
    obj = change.before or change.after
    return str(obj["type"]) if obj is not None else ""


def _definition(check: Object) -> str:
    return str(check["definition"]) + " NOT VALID" * (not check["validated"])
