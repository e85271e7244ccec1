"""Rows that stand in a constraint's way, counted before any lock is taken."""

from __future__ import annotations

from weedgo.staged.kinds import casts
from weedgo.staged.kinds.base import Context, comma, ident, name, raw, render
from weedgo.staged.model import Guard, Object, ObjectId


def _known(obj: Object, table: ObjectId, ctx: Context) -> bool:
    """Whether all the columns stand already, so that their values can be looked at."""
    columns = [ObjectId("column", table.schema, c, table.name) for c in obj.get("columns") or ()]
    columns += [n for n in ctx.after.needed(obj.id) if n.kind == "column"]
    return all(c in ctx.before for c in columns)


def _rows(obj: Object, table: ObjectId, ctx: Context) -> str:
    """The table's rows as the step has them by then: it may change the types of columns first."""
    values, cast_any = [], False
    for id in sorted(n for n in ctx.after.needed(obj.id) if n.kind == "column"):
        if (id.schema, id.parent) != (table.schema, table.name):
            continue
        change, value = ctx.changes.get(id), render("{}", ident(id.name))
        if change and change.before and change.after:
            using = casts.between(change.before["type"], change.after["type"], ctx).using
            cast_any = cast_any or bool(using)
            value = f"{render(using, ident(id.name))} AS {value}" if using else value
        values.append(value)
    if cast_any and (ctx.backward or obj.id in ctx.before):
        return render("(SELECT {} FROM {})", raw(comma(values)), name(table))
    return render("{}", name(table))


def duplicates(obj: Object, table: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Values that a unique index or key would refuse."""
    if ctx.shared(table) is None or not _known(obj, table, ctx):
        return ()
    keys = obj.get("keys") or [ident(c).as_string(None) for c in obj.get("columns") or ()]
    values = comma(keys)
    where = [f"({obj.get('predicate')})"] if obj.get("predicate") else []
    if not obj.get("nulls_equal"):
        where += [f"({k}) IS NOT NULL" for k in keys]
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    found = render(
        "SELECT {}, count(*) FROM {}{} GROUP BY {} HAVING count(*) > 1",
        raw(values),
        raw(_rows(obj, table, ctx) + " q"),
        raw(condition),
        raw(values),
    )
    return (
        Guard(
            f"SELECT count(*) FROM ({found}) d",  # noqa: S608
            f"{{count}} values of ({values}) stand more than once in {table.path}",
            f"remove the duplicates: {found}",
            "23505",
        ),
    )


def violations(obj: Object, table: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Rows that a check would refuse."""
    if ctx.shared(table) is None or not _known(obj, table, ctx):
        return ()
    plain, rows = render("{}", name(table)), _rows(obj, table, ctx)
    only = "ONLY " if " NO INHERIT" in obj["definition"] else ""
    query = render(
        "SELECT count(*) FROM {}{} q WHERE NOT ({})",
        only if rows == plain else "",
        rows,
        raw(obj.get("expression")),
    )
    return (
        Guard(
            query,
            f"{{count}} rows of {table.path} violate {obj.id.name}: {obj.get('expression')}",
            f"mend them first: {query}",
            "23514",
        ),
    )


def orphans(obj: Object, table: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Rows that refer to none."""
    other = ObjectId("table", obj.get("references_schema"), obj.get("references_table"))
    referenced = [
        ObjectId("column", other.schema, c, other.name) for c in obj.get("referenced_columns") or ()
    ]
    simple = obj.get("match") == "s" and "PERIOD " not in obj["definition"]
    standing = all(c in ctx.before for c in referenced)
    if ctx.shared(table) is None or not (simple and standing and _known(obj, table, ctx)):
        return ()
    pairs = list(zip(obj.get("columns"), obj.get("referenced_columns"), strict=True))
    equal = " AND ".join(render("t.{} = r.{}", ident(a), ident(b)) for a, b in pairs)
    given = " AND ".join(render("t.{} IS NOT NULL", ident(a)) for a, _ in pairs)
    query = render(
        "SELECT count(*) FROM {} t WHERE {} AND NOT EXISTS (SELECT FROM {} r WHERE {})",
        _rows(obj, table, ctx),
        raw(given),
        name(other),
        raw(equal),
    )
    return (
        Guard(
            query,
            f"{{count}} rows of {table.path} refer to rows that {other.path} does not have",
            f"mend them first: {query}",
            "23503",
        ),
    )
