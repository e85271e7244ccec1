"""NOT NULL of partitions and heirs that stays when that of their whole or parent goes.

DROP NOT NULL takes it from all that have it from their parent only. Since PostgreSQL 18 it is made
their own before, without a scan; older servers know no owner, and it is set again in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Context,
    attachment,
    ident,
    literal,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import alter, table_of
from weedgo.staged.model import Object, ObjectId, Statement, Work

_CLAIM = (
    "BEGIN EXECUTE (SELECT pg_catalog.format({}, k.conname) FROM pg_catalog.pg_constraint k"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]"
    " WHERE k.conrelid = {}::pg_catalog.regclass AND k.contype = 'n' AND a.attname = {}); END"
)


def dropped(column: Object, ctx: Context) -> Work:
    """DROP NOT NULL of a column, but not of the heirs' that stay mandatory."""
    staying = list(_staying(column.id, ctx))
    if ctx.before.major >= 18:
        claims = Work(tuple(_claimed(own, ctx) for own in staying))
        return claims.then(alter(column, ctx, "DROP NOT NULL"))
    table = ctx.before.get(table_of(column.id)) or ctx.after.get(table_of(column.id))
    if staying and table is not None and not table["partition_key"]:
        return _one_by_one(column, ctx)
    done = alter(column, ctx, "DROP NOT NULL")
    for own in staying:
        done = done.then(alter(own, ctx, "SET NOT NULL", scans=True))
        link = attachment(table_of(own.id))
        if link in ctx.before and link in ctx.after and _bound(own, ctx):
            # Whose key needs it is away meanwhile, and keeps it.
            done = done.then(Work(rebuild=frozenset({link})))
    return done


def _one_by_one(column: Object, ctx: Context) -> Work:
    done = alter(column, ctx, "DROP NOT NULL", only=True)
    for heir in ctx.heirs(table_of(column.id), before=True):
        own = ctx.after.get(column.id._replace(schema=heir.schema, parent=heir.name))
        if own is not None and not own["not_null"]:
            done = done.then(_one_by_one(own, ctx))
    return done


def _staying(column: ObjectId, ctx: Context) -> Iterator[Object]:
    """The columns of heirs that are mandatory afterwards, the uppermost ones."""
    table = table_of(column)
    for heir in ctx.heirs(table, before=True):
        own = ctx.after.get(column._replace(schema=heir.schema, parent=heir.name))
        if own is None or heir not in ctx.heirs(table):
            continue
        if not own["not_null"]:
            yield from _staying(own.id, ctx)
        elif own.get("not_null_local", True) and _stood(own, ctx):
            yield own


def _stood(own: Object, ctx: Context) -> bool:
    change = (ctx.whole or ctx.changes).get(own.id)
    return bool(change is None or (change.before and change.before["not_null"]))


def _claimed(own: Object, ctx: Context) -> Statement:
    """The constraint of an heir made its own: it is merged with that which it has."""
    table = ctx.shared(table_of(own.id))
    text = "ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {}"
    change = (ctx.whole or ctx.changes).get(own.id)
    # A source of before 18 has no name for it.
    named = (change.before if change else ctx.before.get(own.id)) or own
    if not ctx.backward or named.get("not_null_constraint") == own.get("not_null_constraint"):
        name = ident(str(named.get("not_null_constraint")))
        text = render(text, relation(own.id), name, ident(own.id.name))
        return Statement(text, ACCESS_EXCLUSIVE, table)
    # By then it may have been renamed, or not yet.
    on, column = render("{}", relation(own.id)), render("{}", ident(own.id.name))
    claim = text.format(on.replace("%", "%%"), "%I", column.replace("%", "%%"))
    body = render(_CLAIM, literal(claim), literal(on), literal(own.id.name))
    return Statement(render("DO {}", literal(body)), ACCESS_EXCLUSIVE, table)


def _bound(own: Object, ctx: Context) -> bool:
    """Whether a key or the replica identity of an heir may need its column to be mandatory."""
    table = table_of(own.id)
    identity = ObjectId("replica_identity", table.schema, table.name, "", "table")
    if identity in ctx.before or identity in ctx.after:
        return True
    keys = (k for before in (True, False) for k in ctx.of("constraint", table, before=before))
    return any(k["type"] == "p" and own.id.name in (k.get("columns") or ()) for k in keys)
