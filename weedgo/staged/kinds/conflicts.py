"""What several parents have otherwise: no table that inherits the column can be made of them.

Where defaults differ, PostgreSQL wants one of the table's own, which would make the column its own;
storage and compression may not differ at all. So parents go without theirs for the moment.
"""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, ident, relation, render
from weedgo.staged.kinds.clauses import COMPRESSION, STORAGE, default_of, table_of
from weedgo.staged.model import Object, ObjectId, Statement, Work


def settled(table: Object, made: Work, ctx: Context) -> Work:
    """The making of a table, past differing defaults of the parents of columns merely inherited.

    Args:
        table: as it is to be.
        made: the statements that make it.
        ctx: of the change.
    """
    first, last = Work(), Work()
    for column in ctx.of("column", table.id):
        for id, name, plain, own in _stored(column, table, ctx):
            first = first.then(_set(id, f"SET {name} {plain}", ctx))
            last = last.then(_set(id, f"SET {name} {own}", ctx))
        if column.get("local") or column["generated"]:
            continue
        given = dict(_given(column, table, ctx))
        for id in list(given)[1:] if len(set(given.values())) > 1 else ():
            first = first.then(_set(id, "DROP DEFAULT", ctx))
            last = last.then(_set(id, f"SET DEFAULT {given[id]}", ctx))
    return first.then(made).then(last).then(Work(needs=needed(table, ctx)))


def needed(table: Object, ctx: Context) -> frozenset[ObjectId]:
    """The defaults of a table's parents that change before it is made."""
    if len(table["parents"]) < 2:
        return frozenset()
    borrowed = (c for c in ctx.of("column", table.id) if not c.get("local"))
    found = (default_of(id) for c in borrowed for id in _above(c, table))
    return frozenset(id for id in found if id in ctx.changes)


def _above(column: Object, table: Object) -> Iterator[ObjectId]:
    for schema, parent in table.get("ancestors") or ():
        yield column.id._replace(schema=schema, parent=parent)


def _given(column: Object, table: Object, ctx: Context) -> Iterator[tuple[ObjectId, str]]:
    """The columns of parents that give the column a default, with those as they are by then."""
    for id in _above(column, table):
        default = default_of(id)
        standing = _then(default, ctx)
        if standing is not None:
            yield id, str(standing["expression"])


def _then(id: ObjectId, ctx: Context) -> Object | None:
    """An object as it is when a table of its own table's heirs is made."""
    later = ctx.whole.get(id) if ctx.backward and id not in ctx.changes else None
    back = ctx.whole.get(ObjectId("table", id.schema, id.parent)) if ctx.backward else None
    if later is None or (back is not None and back.before is None):
        return ctx.after.get(id)
    # What was there before the table was made is undone after it.
    return later.before


def _stored(
    column: Object, table: Object, ctx: Context
) -> Iterator[tuple[ObjectId, str, str, str]]:
    """The columns of parents that are stored otherwise than others: how, and how by default."""
    states = (_then(id, ctx) for id in _above(column, table))
    parents = [parent for parent in states if parent is not None]
    ways = (("storage", "STORAGE", STORAGE), ("compression", "COMPRESSION", COMPRESSION))
    for key, name, words in ways:
        if len({parent[key] for parent in parents}) > 1:
            for parent in (p for p in parents if p[key]):
                plain = words.get(parent.get("type_storage"), "DEFAULT")
                yield parent.id, name, plain if key == "storage" else "default", words[parent[key]]


def _set(column: ObjectId, action: str, ctx: Context) -> Work:
    text = "ALTER TABLE ONLY {} ALTER COLUMN {} {}"
    text = render(text, relation(column), ident(column.name), action)
    return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(table_of(column))),))
