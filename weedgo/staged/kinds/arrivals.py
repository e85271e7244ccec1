"""Rows that a table which is made anew would not take over, counted before any lock."""

from __future__ import annotations

from weedgo.staged.kinds import casts, newcomers
from weedgo.staged.kinds.base import Context, attachment, comma, ident, literal, name, raw, render
from weedgo.staged.kinds.clauses import default_of
from weedgo.staged.model import Guard, Object, ObjectId

_TYPES = ("enum", "domain", "composite_type", "range_type")


def guards(id: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """What the rows of a table lack: a value, one that fits, a partition.

    Args:
        id: the table, which stands before and after.
        ctx: of the change.
    """
    found: list[Guard] = []
    for column in ctx.of("column", id):
        before = ctx.before.get(column.id)
        if before is None:
            found += newcomers.guards(column, ctx)
        elif not (column["generated"] or _renewed(column, ctx)):
            cast = casts.between(before["type"], column["type"], ctx)
            found += casts.guards(cast, column)
    homeless = None if id in ctx.anew else _homeless(id, ctx)
    return (*found, homeless) if homeless else tuple(found)


def retired(id: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Columns that a run before has retired: no catalog has them, and they would go."""
    if ctx.backward:
        return ()
    query = (
        r"SELECT count(*) FROM pg_catalog.pg_attribute WHERE attname LIKE 'weedgo\_retired\_%'"
        r" AND NOT attisdropped AND attrelid = {}::pg_catalog.regclass"
    )
    message = f"{{count}} retired columns of {id.path} would be lost, as it is made anew"
    remedy = f"save what they hold and drop them from {id.path} first (weedgo_retired_…)"
    return (Guard(render(query, literal(render("{}", name(id)))), message, remedy),)


def _renewed(column: Object, ctx: Context) -> bool:
    """Whether values of the column's type cannot be asked for before the step."""
    needs = ctx.before.needed(column.id) | ctx.after.needed(column.id)
    return any(need in ctx.changes for need in needs if need.kind in _TYPES)


def _homeless(id: ObjectId, ctx: Context) -> Guard | None:
    """Rows that no partition would take."""
    after, rows = ctx.after.objects[id], _as_copied(id, ctx)
    if not after["partition_key"] or not rows:
        return None
    heirs = (heir for heir in ctx.heirs(id) if not ctx.rejoining(heir))
    facts = [ctx.after.objects[attachment(heir)] for heir in heirs]
    if any(
        f["bound"] == "DEFAULT" or "satisfies_hash" in (f.get("constraint") or "") for f in facts
    ):
        return None
    homes = " OR ".join(f"({f.get('constraint')})" for f in facts) or "false"
    return Guard(
        render("SELECT count(*) FROM {} q WHERE ({}) IS NOT TRUE", rows, raw(homes)),
        f"{{count}} rows of {id.path} would have no partition",
        "add partitions for them to the source, or a default partition",
        "23514",
    )


def _as_copied(id: ObjectId, ctx: Context) -> str:
    """The rows with what they will have in the partition key; empty where it cannot be told."""
    keys = ctx.after.objects[id]["key_types"] or ()
    columns = [c for c in ctx.of("column", id) if any(k.startswith(f"{c.id.name} ") for k in keys)]
    values = [_value(c, ctx) for c in columns]
    if not all(values):
        return ""
    if all(v == _quoted(c) for c, v in zip(columns, values, strict=True)):
        return render("{}", name(id))
    listed = comma([f"{v} AS {_quoted(c)}" for c, v in zip(columns, values, strict=True)])
    return render("(SELECT {} FROM {})", raw(listed), name(id))


def _quoted(column: Object) -> str:
    return ident(column.id.name).as_string(None)


def _value(column: Object, ctx: Context) -> str:
    """What the rows will have in a column; empty where it cannot be told."""
    if _renewed(column, ctx) or column["identity"] or column["generated"]:
        return ""
    before = ctx.before.get(column.id)
    if before is not None:
        return casts.converted(_quoted(column), before["type"], column["type"], ctx)
    default = ctx.after.get(default_of(column.id))
    if default is None:
        return f"NULL::{column['type']}"
    volatile = casts.volatile(default["expression"])
    return "" if volatile else f"({default['expression']})::{column['type']}"
