"""Rows that stand in a constraint's way, counted before any lock is taken."""

from __future__ import annotations

from weedgo.staged.kinds import casts, newcomers
from weedgo.staged.kinds.base import Context, attachment, comma, ident, name, raw, render
from weedgo.staged.model import Guard, Object, ObjectId

_KEPT = "--drop retire would keep the values"
_MEANINGS = ("enum", "domain", "composite_type", "range_type", "function")


def _known(obj: Object, table: ObjectId, ctx: Context) -> bool:
    """Whether the values can be looked at when the step begins.

    What a step of its own needs has been made by then; what changes together is not there yet, or
    is not yet what it is to be. Rows elsewhere are nobody's here.
    """
    if table not in ctx.before:
        return False
    if not ctx.together:
        return True
    columns = [ObjectId("column", table.schema, c, table.name) for c in obj.get("columns") or ()]
    needed = {*columns, *ctx.after.needed(obj.id)}
    # A multirange may be called otherwise until then.
    types = {n for c in needed if c.kind == "column" for n in ctx.after.needed(c)}
    needed |= {n for n in types if n.kind == "range_type"}
    return all(n in ctx.before and not _otherwise(n, ctx) for n in needed if n != table)


def _otherwise(need: ObjectId, ctx: Context) -> bool:
    """Whether a type, a function or a column has other values by then."""
    if need.kind == "column" and need in ctx.taken and need in ctx.changes:
        return True
    return need in ctx.changes and need in ctx.beside and need.kind in _MEANINGS


def _rows(obj: Object, table: ObjectId, ctx: Context, *named: str) -> str:
    """The table's rows as the step has them by then: it may change the types of columns first.

    Args:
        named: system columns that are asked for, too.
    """
    values, cast_any = list(named), False
    for id in sorted(n for n in ctx.after.needed(obj.id) if n.kind == "column"):
        if (id.schema, id.parent) != (table.schema, table.name):
            continue
        change, value = ctx.changes.get(id), render("{}", ident(id.name))
        first = ctx.backward or obj.id in ctx.before or id in ctx.beside
        if change and change.before and change.after and first:
            cast = casts.converted(value, change.before["type"], change.after["type"], ctx)
            cast_any = cast_any or cast != value
            value = f"{cast} AS {value}" if cast != value else value
        values.append(value)
    if cast_any:
        return render("(SELECT {} FROM {})", raw(comma(values)), raw(_bound(obj, table, ctx)))
    return _bound(obj, table, ctx)


def _bound(obj: Object, table: ObjectId, ctx: Context) -> str:
    """The table, without what inherits it where that is not bound: only checks bind heirs, too."""
    standing = ctx.before.get(table)
    plain = standing is not None and not standing.get("partition_key")
    check = obj.get("type") == "c" and obj.id.kind == "constraint"
    binds = check and " NO INHERIT" not in obj["definition"]
    return render("{}{}", "ONLY " if plain and not binds else "", name(table))


def _lost(obj: Object, table: ObjectId, ctx: Context) -> str:
    """The rows as they come back on the way back with columns whose values are lost; or nothing."""
    needed = sorted(n for n in ctx.after.needed(obj.id) if n.kind == "column")
    own = [n for n in needed if (n.schema, n.parent) == (table.schema, table.name)]
    changes = {n: (ctx.whole or ctx.changes).get(n) for n in own}
    gone = {n for n, c in changes.items() if c and c.before is None and not c.aside}
    values = {n: newcomers.given(n, ctx) if n in gone else render("{}", ident(n.name)) for n in own}
    if not (ctx.backward and gone and all(values.values())):
        return ""
    parts = [f"{value} AS {ident(n.name).as_string(None)}" for n, value in values.items()]
    return render("(SELECT {} FROM {})", raw(comma(parts)), raw(_bound(obj, table, ctx)))


def _looks(obj: Object, table: ObjectId, ctx: Context) -> list[tuple[str, bool]]:
    """The rows to look at: as a step has them, and those that a plan must foresee of its undo."""
    if ctx.shared(table) is None:
        return []
    lost = _lost(obj, table, ctx)
    found = [(_rows(obj, table, ctx), False)] if _known(obj, table, ctx) else []
    return [*found, (lost, True)] if lost else found


def duplicates(obj: Object, table: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Values that a unique index or key would refuse."""
    looks = _looks(obj, table, ctx)
    return tuple(_duplicates(obj, table, rows, beforehand=late) for rows, late in looks)


def _duplicates(obj: Object, table: ObjectId, rows: str, *, beforehand: bool) -> Guard:
    keys = obj.get("keys") or [ident(c).as_string(None) for c in obj.get("columns") or ()]
    values = comma(keys)
    where = [f"({obj.get('predicate')})"] if obj.get("predicate") else []
    if not obj.get("nulls_equal"):
        where += [f"({k}) IS NOT NULL" for k in keys]
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    found = render(
        "SELECT {}, count(*) FROM {}{} GROUP BY {} HAVING count(*) > 1",
        raw(values),
        raw(rows + " q"),
        raw(condition),
        raw(values),
    )
    remedy = _KEPT if beforehand else f"remove the duplicates: {found}"
    what = "would stand" if beforehand else "stand"
    return Guard(
        f"SELECT count(*) FROM ({found}) d",  # noqa: S608
        f"{{count}} values of ({values}) {what} more than once in {table.path}",
        remedy,
        "23505",
        beforehand,
    )


def violations(obj: Object, table: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Rows that a check would refuse."""
    looks = _looks(obj, table, ctx)
    return tuple(_violations(obj, table, rows, beforehand=late) for rows, late in looks)


def _violations(obj: Object, table: ObjectId, rows: str, *, beforehand: bool) -> Guard:
    text = "SELECT count(*) FROM {} q WHERE NOT ({})"
    query = render(text, rows, raw(obj.get("expression")))
    remedy = _KEPT if beforehand else f"mend them first: {query}"
    what = "would violate" if beforehand else "violate"
    return Guard(
        query,
        f"{{count}} rows of {table.path} {what} {obj.id.name}: {obj.get('expression')}",
        remedy,
        "23514",
        beforehand,
    )


def orphans(obj: Object, table: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Rows that refer to none."""
    other = ObjectId("table", obj.get("references_schema"), obj.get("references_table"))
    if ctx.shared(table) is None or _joined(other, ctx):
        return ()
    found = _foreseen_orphans(obj, table, other, ctx)
    if not _known(obj, table, ctx):
        return _all_orphans(obj, table, other, ctx) + found
    rows = _rows(obj, table, ctx), _rows(obj, other, ctx)
    return (_orphans(obj, rows, other, beforehand=False), *found)


def _foreseen_orphans(
    obj: Object, table: ObjectId, other: ObjectId, ctx: Context
) -> tuple[Guard, ...]:
    """Those that a rollback would find, after that columns or the other table were emptied."""
    back = (ctx.whole or ctx.changes).get(other)
    own, theirs = _lost(obj, table, ctx), _lost(obj, other, ctx)
    if ctx.backward and back is not None and back.before is None and not back.aside:
        theirs = render("(SELECT * FROM {} WHERE false)", name(other))
    if not own and not theirs:
        return ()
    rows = own or _bound(obj, table, ctx), theirs or _bound(obj, other, ctx)
    return (_orphans(obj, rows, other, beforehand=True),)


def _orphans(obj: Object, rows: tuple[str, str], other: ObjectId, *, beforehand: bool) -> Guard:
    own = [ident("t", c).as_string(None) for c in obj.get("columns")]
    theirs = [ident("r", c).as_string(None) for c in obj.get("referenced_columns")]
    pairs = [f"{a} = {b}" for a, b in zip(own, theirs, strict=True)]
    found, what = "NOT EXISTS (SELECT {}FROM {} r WHERE {})", ""
    if "PERIOD " in obj["definition"]:
        # A period may be covered by several rows.
        *pairs, _ = pairs
        found = "(SELECT {} FROM {} r WHERE {}) IS NOT TRUE"
        what = f"{own[-1]} OPERATOR(pg_catalog.<@) pg_catalog.range_agg({theirs[-1]})"
    missing = render(found, raw(what), rows[1], raw(" AND ".join(pairs) or "true"))
    given = " AND ".join(f"{a} IS NOT NULL" for a in own)
    condition = f"{given} AND {missing}"
    if obj.get("match") == "f" and len(own) > 1:
        condition = (
            f"pg_catalog.num_nulls({comma(own)}) BETWEEN 1 AND {len(own) - 1} OR {condition}"
        )
    query = render("SELECT count(*) FROM {} t WHERE {}", rows[0], raw(condition))
    what = "would not have" if beforehand else "does not have"
    path = f"{obj.id.schema}.{obj.id.parent}"
    remedy = _KEPT if beforehand else f"mend them first: {query}"
    return Guard(
        query,
        f"{{count}} rows of {path} refer to rows that {other.path} {what}",
        remedy,
        "23503",
        beforehand,
    )


def _all_orphans(obj: Object, table: ObjectId, other: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Rows that refer to anything, where the table that they are to refer to is only to come."""
    columns = [ObjectId("column", table.schema, c, table.name) for c in obj.get("columns")]
    if other in ctx.before or other in ctx.moves or not all(c in ctx.before for c in columns):
        return ()
    given = " AND ".join(f"{ident(c.name).as_string(None)} IS NOT NULL" for c in columns)
    bound = raw(_bound(obj, table, ctx))
    query = render("SELECT count(*) FROM {} WHERE {}", bound, raw(given))
    return (
        Guard(
            query,
            f"{{count}} rows of {table.path} refer to rows that {other.path}, which is new, "
            "does not have",
            "create and fill the table first, or let the rows refer to none",
            "23503",
        ),
    )


def _joined(table: ObjectId, ctx: Context) -> bool:
    """Whether partitions come to a table, with their rows, in the same transaction."""
    links = (attachment(heir) for heir in ctx.heirs(table))
    changes = (ctx.changes.get(link) for link in links if link in ctx.beside)
    return any(c and c.after and (c.before is None or c.before["of"] != c.after["of"])
               for c in changes)  # fmt: skip


def overlaps(obj: Object, table: ObjectId, ctx: Context) -> tuple[Guard, ...]:
    """Rows that an exclusion constraint, or a key without overlaps, would refuse."""
    if ctx.shared(table) is None or ctx.large(table) or not _known(obj, table, ctx):
        return ()
    keys = [f"({key}) AS {_key(n)}" for n, key in enumerate(obj.get("keys"))]
    where = f" WHERE ({obj.get('predicate')})" if obj.get("predicate") else ""
    those = raw(_rows(obj, table, ctx, "tableoid", "ctid") + " q")
    rows = render("SELECT tableoid, ctid, {} FROM {}{}", raw(comma(keys)), those, raw(where))
    conflict = " AND ".join(
        f"a.{_key(n)} {operator} b.{_key(n)}" for n, operator in enumerate(obj.get("operators"))
    )
    query = render(
        "SELECT count(*) FROM ({}) a WHERE EXISTS (SELECT FROM ({}) b"
        " WHERE (a.tableoid, a.ctid) <> (b.tableoid, b.ctid) AND {})",
        raw(rows), raw(rows), raw(conflict),
    )  # fmt: skip
    return (
        Guard(
            query,
            f"{{count}} rows of {table.path} conflict with others by {obj.id.name}: "
            f"{obj['definition']}",
            f"mend them first: {query}",
            "23P01",
        ),
    )


def _key(number: int) -> str:
    return f"key{number}"
