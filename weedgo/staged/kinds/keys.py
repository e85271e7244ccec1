"""Primary keys and unique constraints: through an index that is built beside the traffic."""

from __future__ import annotations

import re

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    attachment,
    ident,
    literal,
    name,
    raw,
    relation,
    render,
)
from weedgo.staged.kinds.guards import duplicates
from weedgo.staged.kinds.helpers import beside
from weedgo.staged.kinds.options import settings
from weedgo.staged.kinds.restoring import restored
from weedgo.staged.model import Object, ObjectId, Statement, Work

KEYS = ("p", "u")


def add(obj: Object, name: str | None = None) -> str:
    """ADD CONSTRAINT, under the object's name or another."""
    only = "ONLY " if obj["type"] in ("p", "u", "x") and obj.get("relkind") == "p" else ""
    definition = obj["definition"]
    if obj["index_options"]:
        definition = _with_options(definition, settings(obj["index_options"]))
    text = "ALTER TABLE {}{} ADD CONSTRAINT {} {}"
    return render(text, only, relation(obj.id), ident(name or obj.id.name), raw(definition))


def _with_options(definition: str, options: str) -> str:
    """A key's definition with storage options, which stand before DEFERRABLE and WHERE."""
    found = re.search(r" (DEFERRABLE|INITIALLY|WHERE) ", definition + " ")
    at = found.start() if found else len(definition)
    return f"{definition[:at]} WITH ({options}){definition[at:]}"


_WITH_KEYS = """\
BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass({index})) t,
    pg_catalog.pg_depend d LEFT JOIN pg_catalog.pg_constraint k
      ON d.refclassid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.refobjid
      AND k.contype IN ('p', 'u', 'x')
    WHERE d.deptype = 'n' AND (k.conindid = t.relid::oid
      OR d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = t.relid::oid))
THEN RAISE EXCEPTION 'what was not there when the run was planned needs a key that is a part of %',
    {index} USING ERRCODE = 'dependent_objects_still_exist';
END IF; DROP INDEX IF EXISTS {name} CASCADE; END"""


def drop_index(index: ObjectId, *, keyed: bool) -> str:
    """The drop of a partitioned table's index.

    Args:
        index: the whole one.
        keyed: whether keys of partitions are parts of it: these go by CASCADE alone, which nothing
            else may.
    """
    printed = name(index._replace(parent=""))
    if not keyed:
        return render("DROP INDEX IF EXISTS {}", printed)
    body = render(_WITH_KEYS, index=literal(render("{}", printed)), name=printed)
    return render("DO {}", literal(body))


def _table(obj: Object) -> ObjectId:
    return ObjectId("table", obj.id.schema, obj.id.parent)


def takes_over(obj: Object, ctx: Context) -> bool:
    """Whether the key can be made of an index: one that stands, or one built concurrently."""
    plain = obj["type"] in KEYS and obj.get("relkind") == "r"
    if not plain or "WITHOUT OVERLAPS" in obj["definition"]:
        return False
    return not ctx.together or _fits(obj, ctx)


def _fits(obj: Object, ctx: Context) -> bool:
    """Whether the unique index that the key needs stands already, under its name."""
    standing = ctx.before.get(ObjectId("index", obj.id.schema, obj.id.name))
    return bool(
        standing is not None
        and standing["table"] == obj.id.parent
        and standing["definition"] == obj.get("index_definition")
        and standing["unique"]
        and standing["valid"]
        and not _leaves(standing, ctx)
    )


def _leaves(index: Object, ctx: Context) -> bool:
    """Whether a partition's index goes with that of the whole, or to free it."""
    whole = ObjectId(*index.get("above")) if index.get("above") else None
    change = ctx.changes.get(whole) if whole else None
    return whole in ctx.taken or (change is not None and change.after is None)


def _build(obj: Object, name: str) -> Statement:
    text = "CREATE UNIQUE INDEX CONCURRENTLY {} ON {}"
    text = render(text, ident(name), raw(obj.get("index_definition")))
    return Statement(text, SHARE_UPDATE_EXCLUSIVE, _table(obj), scans=True, transactional=False)


def _using(obj: Object, index: str, phase: int) -> Statement:
    """The index becomes the constraint's, and has its name from then on."""
    deferral = " DEFERRABLE" if obj.get("deferrable") else ""
    deferral += " INITIALLY DEFERRED" if obj.get("deferred") else ""
    text = render(
        "ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}",
        relation(obj.id),
        ident(obj.id.name),
        "PRIMARY KEY" if obj["type"] == "p" else "UNIQUE",
        ident(index),
        deferral,
    )
    return Statement(text, ACCESS_EXCLUSIVE, _table(obj), phase=phase)


def through_index(obj: Object, ctx: Context) -> Work:
    """A unique index built beside the traffic, then taken over; one that stands is taken as is."""
    table = _table(obj)
    if _fits(obj, ctx):
        return Work((_using(obj, obj.id.name, 0),))
    statements: list[Statement] = []
    if ObjectId("index", obj.id.schema, obj.id.name) in ctx.before:
        away = render("DROP INDEX CONCURRENTLY IF EXISTS {}", ident(obj.id.schema, obj.id.name))
        statement = Statement(away, SHARE_UPDATE_EXCLUSIVE, table, transactional=False)
        statements.append(statement)
    statements += [_build(obj, obj.id.name), _using(obj, obj.id.name, 1)]
    return Work(tuple(statements), guards=duplicates(obj, table, ctx))


def exchanged(after: Object, ctx: Context) -> Work:
    """Another key under the same name: the new index stands before the old key goes."""
    table = _table(after)
    temporary = beside(after.id.name)
    leftover = render("DROP INDEX CONCURRENTLY IF EXISTS {}", ident(after.id.schema, temporary))
    away = render("ALTER TABLE {} DROP CONSTRAINT {}", relation(after.id), ident(after.id.name))
    marks = restored(after.id, ctx)
    statements = (
        Statement(leftover, transactional=False),
        _build(after, temporary),
        Statement(away, ACCESS_EXCLUSIVE, table, phase=1),
        _using(after, temporary, 1),
        *(Statement(s, ACCESS_EXCLUSIVE, table, phase=1) for s in marks),
    )
    return Work(statements, guards=duplicates(after, table, ctx))


def perhaps_bound(key: Object, ctx: Context) -> frozenset[ObjectId]:
    """Foreign keys that may go by a key that goes on the way back.

    One that was made anew meanwhile goes by the oldest key of its columns, whichever that is. One
    that goes elsewhere in one of the two states has left by then, or comes later.
    """
    whole = _place(key)
    return frozenset(
        other.id
        for other in (ctx.foreign_keys(*whole[:2]) if whole[2] else ())
        if other.id in ctx.before
        and other.id in ctx.after
        and all(referenced(state) == whole for state in _states(other, ctx))
    )


def released(key: Object, ctx: Context) -> frozenset[ObjectId]:
    """Foreign keys to a new key's columns that lead elsewhere before it comes.

    On the way back they would go by it otherwise, and it could not leave.
    """
    whole = _place(key)
    keys = ctx.foreign_keys(*whole[:2]) if whole[2] else ()
    found = (ctx.changes.get(other.id) for other in keys)
    return frozenset(
        c.id
        for c in found
        if c and c.before and c.after and referenced(c.before) == whole != referenced(c.after)
    )


def _states(reference: Object, ctx: Context) -> list[Object]:
    """A foreign key as it is before and after the run, or as it stays."""
    change = (ctx.whole or ctx.changes).get(reference.id)
    return [o for o in (change.before, change.after) if o] if change else [reference]


def outlived(reference: Object, ctx: Context) -> frozenset[ObjectId]:
    """Keys and unique indexes that go, or change, before a foreign key to their columns comes.

    It would go by the oldest of them, which could not leave then.
    """
    schema, table, wanted = referenced(reference)
    relation = ObjectId("table", schema, table)
    return frozenset(
        key.id
        for kind in ("constraint", "index")
        for key in ctx.of(kind, relation, before=True)
        if key.id in ctx.changes and columns(key) == wanted
    )


def resettled(reference: Object, ctx: Context) -> frozenset[ObjectId]:
    """Partitions that leave, or get other bounds, before a foreign key to their whole comes.

    With it rows that others refer to could not leave them.
    """
    schema, table, _ = referenced(reference)
    found, todo = set(), [ObjectId("table", schema, table)]
    while todo:
        heirs = ctx.heirs(todo.pop(), before=True)
        found |= {attachment(heir) for heir in heirs}
        todo += heirs
    return frozenset(link for link in found if link in ctx.changes and link in ctx.before)


def reaching(table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """New partitions that a table gets before its foreign keys.

    On the way back one that is detached would keep them, and hold on to what they lead to.
    """
    new = [heir for heir in ctx.heirs(table) if attachment(heir) in ctx.changes]
    found = (attachment(heir) for heir in new if heir not in ctx.before)
    return frozenset(found).union(*(reaching(heir, ctx) for heir in new))


def referenced(reference: Object) -> tuple[str, str, list[str]]:
    """Schema, table and columns that a foreign key leads to."""
    schema, table = (str(reference.get(f"references_{k}") or "") for k in ("schema", "table"))
    return schema, table, sorted(reference.get("referenced_columns") or ())


def _place(key: Object) -> tuple[str, str, list[str]]:
    return key.id.schema, key.relation, columns(key)


def columns(key: Object) -> list[str]:
    """The columns of a key or unique index that a foreign key may go by; none of any other."""
    if key.id.kind == "constraint":
        return sorted(key.get("columns") or ()) if key["type"] in KEYS else []
    if key.id.kind != "index" or not key["unique"] or key.get("predicate"):
        return []
    names = (k.removeprefix('"').removesuffix('"') for k in key.get("keys") or ())
    return sorted(n.replace('""', '"') for n in names)
