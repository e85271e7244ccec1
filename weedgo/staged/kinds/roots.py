"""Columns that heirs have from several parents: PostgreSQL changes their types only together.

For the moment of the change the parents inherit a table that has just the column, so that it
reaches all of them, and their heirs, by one statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from weedgo.staged.kinds import inheritance, stand_ins
from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    attachment,
    ident,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.kinds.helpers import helper
from weedgo.staged.model import ObjectId, Statement, Work


def of(column: ObjectId, ctx: Context) -> list[ObjectId]:
    """The columns that are inherited from nowhere and share heirs with a column, or are it."""
    found: set[ObjectId] = set()
    seen, todo = {column}, [column]
    while todo:
        id = todo.pop()
        above = [parent for parent in inheritance.parents(id, ctx) if parent in ctx.before]
        found |= set() if above else {id}
        near = {*above, *_below(id, ctx)} - seen
        seen |= near
        todo += near
    return sorted(found)


def leader(column: ObjectId, ctx: Context) -> ObjectId | None:
    """The column whose change of type brings about that of another; None where it is its own."""
    first = of(column, ctx)[0] if not any(inheritance.parents(column, ctx)) else column
    return first if first != column and first in ctx.changes else None


def changed(column: ObjectId, done: Work, action: str, ctx: Context) -> Work:
    """A change of a column's type, and of those that share its heirs.

    Args:
        column: of a parent; nothing is left to do for one that another brings along.
        done: the statement that would do if it had no heirs.
        action: what ALTER TABLE does there.
    """
    roots = of(column, ctx)
    if column != roots[0]:
        return Work()
    if len(roots) > 1:
        tables = {render("{}", relation(root)): ctx.shared(table_of(root)) for root in roots}
        done = _by_one(column, tables, done, action)
    return _past_heirs(roots, done, action, ctx)


def _past_heirs(columns: list[ObjectId], done: Work, action: str, ctx: Context) -> Work:
    """A change of a column's type, past heirs whose NOT NULL has another name.

    PostgreSQL makes the constraints of all anew, and fails over the names (18).
    """
    others = {heir for id in columns for heir, _ in stand_ins.otherwise_bound(id, ctx)}
    for heir in sorted(h for h in others if attachment(h) not in ctx.before):
        own = columns[0]._replace(schema=heir.schema, parent=heir.name)
        above = stand_ins.names(heir, own.name, ctx)
        text = render("ALTER TABLE {} {}", above[0], raw(action))
        work = Work((Statement(text, ACCESS_EXCLUSIVE, heir),))
        if len(above) > 1:
            work = _by_one(own, dict.fromkeys(above), work, action)
        work = _past_heirs([own], work, action, ctx)
        done = stand_ins.apart(heir, done.then(work), ctx, own.name)
    return done


def _by_one(
    column: ObjectId, tables: Mapping[str, ObjectId | None], done: Work, action: str
) -> Work:
    """The change of several tables' columns by that of one that they inherit meanwhile."""
    first = next(iter(tables))
    above = ident(column.schema, helper(f"{column.parent}_{column.name}", "root"))
    text = "CREATE TABLE {} AS SELECT {} FROM ONLY {} WITH NO DATA"
    make = Statement(render(text, above, ident(column.name), first))
    text = render("ALTER TABLE {} {}", above, raw(action))
    statements = [replace(s, sql=text) for s in done.statements]
    come, go = (
        [Statement(render(t, name, above), ACCESS_EXCLUSIVE, id) for name, id in tables.items()]
        for t in ("ALTER TABLE {} INHERIT {}", "ALTER TABLE {} NO INHERIT {}")
    )
    away = Statement(render("DROP TABLE {}", above))
    return replace(done, statements=(make, *come, *statements, *go, away))


def _below(column: ObjectId, ctx: Context) -> Iterator[ObjectId]:
    """The same column of the heirs that a column's table has before and after."""
    for heir in ctx.heirs(table_of(column), before=True):
        own = column._replace(schema=heir.schema, parent=heir.name)
        if own in ctx.before and column in inheritance.parents(own, ctx):
            yield own
