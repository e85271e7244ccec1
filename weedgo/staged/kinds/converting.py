"""Columns whose values go over to another type by an expression, with all that depends on them.

The rows of a table can be values elsewhere: PostgreSQL changes no type of its columns as long as
columns hold such values, so these wait as texts.
"""

from __future__ import annotations

from weedgo.staged.kinds import expressions, inheritance, roots
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    ident,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import alter, default_of, stored, stored_below, table_of
from weedgo.staged.model import Object, ObjectId, Statement, Work

# What PostgreSQL does not carry over a change of a column's type by itself.
_IN_THE_WAY = frozenset(
    {
        "view",
        "materialized_view",
        "policy",
        "trigger",
        "rule",
        "function",
        "default",
        "publication_table",
    }
)
_MADE = ("composite_type", "domain")
READERS = ("index", "constraint", "statistics")
"""What reads a column, and cannot while it is a text."""
WAITING = "text"
"""The type that values have while their own is replaced."""


def obstacles(column: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What has to be out of the way when the type of a column is exchanged."""
    return frozenset(d for d in ctx.dependents(column) if _obstructs(d, column, ctx))


def _obstructs(id: ObjectId, column: ObjectId, ctx: Context) -> bool:
    obj = ctx.before.get(id)
    if obj is None:
        return False
    if id.kind == "column":
        return id != column and bool(obj["generated"])
    # The two ends of a foreign key change one after the other.
    return id.kind in _IN_THE_WAY or (id.kind == "constraint" and obj["type"] == "f")


def converted(column: Object, using: str, ctx: Context, type: str = "") -> Work:
    """``ALTER COLUMN … TYPE`` by an expression, past columns that hold the table's rows."""
    table = table_of(column.id)
    if _in_key(column, ctx):
        why = f"{column.id.path} is in the partition key of its table"
        advice = "let new values come beside the old ones in the source, or make the table anew"
        return Work(refusal=f"{why}: PostgreSQL cannot change its type; {advice}")
    if column.get("relkind") == "f":
        using = ""  # Its values are elsewhere, and PostgreSQL refuses to convert them.
    collation = f" COLLATE {column['collation']}" if column["collation"] and not type else ""
    action = render(
        "ALTER COLUMN {} TYPE {}{}{}",
        ident(column.id.name),
        type or column["type"],
        collation,
        raw(f" USING {using}" if using else ""),
    )
    text = render("ALTER TABLE {} {}", relation(column.id), raw(action))
    path = f"{table.schema}.{table.name}"
    statement = Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table), rewrites=bool(using))
    hazards = (f"rewrites {path} under a lock",) if using and ctx.shared(table) else ()
    done = roots.changed(column.id, Work((statement,), hazards=hazards), action, ctx)
    if type != WAITING:
        kept = stored(ctx.after.get(column.id) or column, ctx)
        done = done.then(kept).then(stored_below(column.id, ctx))
    default = ctx.changes.get(default_of(column.id))
    if default is not None and default.aside:
        # What is retired takes no new rows, and its default may not fit the new type.
        done = alter(column, ctx, "DROP DEFAULT", only=True).then(done)
    return around(table, done, ctx)


def _in_key(column: Object, ctx: Context) -> bool:
    """Whether the column's table, or one below it, is partitioned by the column."""
    todo = [table_of(column.id)]
    while todo:
        id = todo.pop()
        table = ctx.before.get(id)
        keys = (table["key_types"] if table else None) or []
        if any(key.startswith(f"{column.id.name} ") for key in keys):
            return True
        todo += ctx.heirs(id, before=True)
    return False


# -- rows as values


def around(table: ObjectId, done: Work, ctx: Context) -> Work:
    """A change that rewrites a table, for which columns that hold its rows wait as texts."""
    holders = row_holders(table, ctx)
    back = [render("{}::text::{}", quoted(c), c["type"]) for c in holders]
    return waiting(holders, back, done, ctx).then(Work(rebuild=row_results(table, ctx)))


def row_holders(table: ObjectId, ctx: Context) -> list[Object]:
    """The columns of other tables that hold rows of a table or its heirs, however deep within."""
    return [c for c in _row_columns(table, ctx) if not (c.get("inherited") or c["generated"])]


def row_results(table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What is computed and holds rows of a table or its heirs: it is away when they change."""
    generated = frozenset(c.id for c in _row_columns(table, ctx) if c["generated"])
    family = _family(table, ctx)
    users = (ctx.dependents(member) for member in family)
    found = generated.union(*({u for u in some if u.kind == "materialized_view"} for some in users))
    return found.union(*(expressions.of_rows(member, ctx) for member in family))


def around_rows(table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """All that is out of the way when values in the rows of a table go over to other types."""
    rows = (read_from(holder.id, ctx) for holder in row_holders(table, ctx))
    return row_results(table, ctx).union(*rows)


def _row_columns(table: ObjectId, ctx: Context) -> list[Object]:
    family = _family(table, ctx)
    found = {i for member in family for i in _holding(member, ctx)}
    columns = (ctx.before.objects[i] for i in sorted(found) if table_of(i) not in family)
    return [c for c in columns if _there(c, ctx)]


def _family(table: ObjectId, ctx: Context) -> list[ObjectId]:
    below = ctx.heirs(table, before=True)
    return [table, *(member for heir in below for member in _family(heir, ctx))]


def _holding(type: ObjectId, ctx: Context) -> set[ObjectId]:
    """The columns that are of a type, or of one that is made of it."""
    found: set[ObjectId] = set()
    for id in ctx.dependents(type):
        if id.kind == "column" and table_of(id) != type and id in ctx.before:
            found.add(id)
        if id.kind in _MADE:
            found |= _holding(id, ctx)
    return found


def _there(column: Object, ctx: Context) -> bool:
    """Whether a column still stands: one that goes may do so in this transaction."""
    return column.id in ctx.after or column.id not in ctx.beside


def parted(table: ObjectId, ctx: Context) -> Work:
    """Columns that hold rows of a table that is made anew: they are texts until that stands."""
    done = Work()
    for column in row_holders(table, ctx):
        done = done.then(converted(column, f"{quoted(column)}::text", ctx, WAITING))
    return done


def rejoined(table: ObjectId, ctx: Context) -> Work:
    """The same columns with rows of the new table."""
    done = Work()
    for column in row_holders(table, ctx):
        names = [[c.id.name for c in ctx.of("column", table, before=b)] for b in (True, False)]
        needs = ctx.before.needed(column.id)
        if table not in needs or any(n.kind in _MADE for n in needs) or names[0] != names[1]:
            why = f"{column.id.path} holds rows of {table.path}, which is made anew"
            advice = "let its columns stay in their places, or keep such rows in a table"
            return Work(refusal=f"{why}: {advice}")
        back = render("{}::text::{}", quoted(column), column["type"])
        done = done.then(converted(column, back, ctx))
    return done


def quoted(column: Object) -> str:
    """The name of a column as it stands in an expression."""
    return ident(column.id.name).as_string(None)


def waiting(holders: list[Object], back: list[str], done: Work, ctx: Context) -> Work:
    """Work during which some columns are texts.

    Args:
        holders: the columns.
        back: for each the expression by which it has its values again.
        done: the work.
        ctx: of the change.
    """
    first, last = Work(), Work()
    for column, using in zip(holders, back, strict=True):
        first = first.then(converted(column, f"{quoted(column)}::text", ctx, WAITING))
        last = last.then(converted(column, using, ctx))
        first = first.then(Work(rebuild=read_from(column.id, ctx)))
    return first.then(done).then(last)


def read_from(column: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What has to be out of the way while a column, and those that inherit it, are texts."""
    family = inheritance.family(column, ctx)
    readers = frozenset(d for c in family for d in ctx.dependents(c) if d.kind in READERS)
    return readers.union(*(obstacles(c, ctx) for c in family))
