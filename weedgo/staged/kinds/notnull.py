"""NOT NULL: a flag of the column before PostgreSQL 18, a constraint with a name since."""

from __future__ import annotations

from dataclasses import replace

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Context,
    ident,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import alter, table_of
from weedgo.staged.model import Guard, Object, ObjectId, Statement, Work

ATTRIBUTES = (
    "not_null", "not_null_name", "not_null_valid", "not_null_no_inherit", "not_null_local",
)  # fmt: skip


def change(before: Object, after: Object, ctx: Context) -> Work:
    """From one column's NOT NULL to another's."""
    if not after["not_null"]:
        if not before["not_null"]:
            return Work()
        return alter(after, ctx, "DROP NOT NULL").then(Work(needs=_binding(after, ctx)))
    if not before["not_null"]:
        return require(after, ctx)
    if ctx.before.major < 18:
        return Work()
    return _adjust(before, after, ctx)


def _binding(after: Object, ctx: Context) -> frozenset[ObjectId]:
    """Keys and a replica identity that go first: while they stand, the column is mandatory."""
    table = table_of(after.id)
    keys = [k.id for k in ctx.of("constraint", table, before=True) if k["type"] == "p"]
    identity = ObjectId("replica_identity", table.schema, table.name, "", "table")
    return frozenset(i for i in (*keys, identity) if i in ctx.changes)


def _name(obj: Object) -> str:
    return obj.get("not_null_name") or f"{obj.id.parent}_{obj.id.name}_not_null"


def _adjust(before: Object, after: Object, ctx: Context) -> Work:
    """The name, the state and the reach of a NOT NULL constraint (18)."""
    if not after["not_null_valid"] and before["not_null_valid"]:
        return alter(after, ctx, "DROP NOT NULL").then(require(after, ctx))
    table = ctx.shared(table_of(after.id))
    done = Work()
    old, new = before.get("not_null_constraint") or _name(before), _name(after)
    if old != new:
        text = render(
            "ALTER TABLE {} RENAME CONSTRAINT {} TO {}", relation(after.id), ident(old), ident(new)
        )
        done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, table),)))
    if before["not_null_no_inherit"] != after["not_null_no_inherit"]:
        word = "NO INHERIT" if after["not_null_no_inherit"] else "INHERIT"
        text = render("ALTER TABLE {} ALTER CONSTRAINT {} {}", relation(after.id), ident(new), word)
        done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, table),)))
    if before["not_null_local"] != after["not_null_local"]:
        if after["not_null_local"]:
            text = "ALTER TABLE ONLY {} ADD CONSTRAINT {} NOT NULL {}"
            text = render(text, relation(after.id), ident(new), ident(after.id.name))
        else:
            text = render("ALTER TABLE ONLY {} DROP CONSTRAINT {}", relation(after.id), ident(new))
        done = done.then(Work((Statement(text, ACCESS_EXCLUSIVE, table),)))
    if after["not_null_valid"] and not before["not_null_valid"]:
        text = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(after.id), ident(new))
        statement = Statement(text, SHARE_UPDATE_EXCLUSIVE, table, scans=True)
        done = done.then(Work((statement,), guards=(_nulls(after),)))
    return done


def _nulls(obj: Object) -> Guard:
    table, column = relation(obj.id), ident(obj.id.name)
    return Guard(
        render("SELECT count(*) FROM {} WHERE {} IS NULL", table, column),
        f"{obj.id.path} is to be NOT NULL, but {{count}} rows hold NULL",
        "fill them first: "  # noqa: S608
        + render("UPDATE {} SET {} = … WHERE {} IS NULL", table, column, column),
        "23502",
    )


def require(obj: Object, ctx: Context) -> Work:
    """NOT NULL, refused while NULLs stand; on a table in use through a validated constraint."""
    table = ctx.shared(table_of(obj.id))
    if table is None or table not in ctx.before:  # new, or a foreign table's
        return alter(obj, ctx, "SET NOT NULL")
    if ctx.before.major >= 18:
        return _natively(obj, ctx)
    check = ident(f"weedgo_{obj.id.parent}_{obj.id.name}"[:55] + "_notnull")
    add = render(
        "ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID",
        relation(obj.id),
        check,
        ident(obj.id.name),
    )
    validate = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), check)
    away = render("ALTER TABLE {} DROP CONSTRAINT {}", relation(obj.id), check)
    return Work(
        (
            Statement(add, ACCESS_EXCLUSIVE, table),
            Statement(validate, SHARE_UPDATE_EXCLUSIVE, table, scans=True, phase=1),
            *alter(obj, ctx, "SET NOT NULL", phase=2).statements,
            Statement(away, ACCESS_EXCLUSIVE, table, phase=2),
        ),
        guards=(_nulls(obj),),
    )


def _natively(obj: Object, ctx: Context) -> Work:
    table = ctx.shared(table_of(obj.id))
    name = ident(_name(obj))
    inherit = " NO INHERIT" if obj.get("not_null_no_inherit") else ""
    add = render(
        "ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {}{} NOT VALID",
        relation(obj.id),
        name,
        ident(obj.id.name),
        inherit,
    )
    done = Work((Statement(add, ACCESS_EXCLUSIVE, table),))
    if not obj.get("not_null_valid", True):
        return done
    validate = render("ALTER TABLE {} VALIDATE CONSTRAINT {}", relation(obj.id), name)
    statement = Statement(validate, SHARE_UPDATE_EXCLUSIVE, table, scans=True, phase=1)
    return done.then(Work((statement,), guards=(_nulls(obj),)))


def at_once(obj: Object, ctx: Context) -> Work:
    """NOT NULL inside a transaction that holds the table anyway."""
    done = require(obj, ctx)
    return replace(done, statements=tuple(replace(s, phase=0) for s in done.statements))
