"""Changing a column's type with everything in its way."""

from __future__ import annotations

import re

from weedgo.staged.kinds import casts, converting, inheritance, roots, staying, swap
from weedgo.staged.kinds.base import Context, attachment, ident, render
from weedgo.staged.kinds.clauses import alter, default_of, table_of
from weedgo.staged.model import Object, ObjectId, Work

# More parentheses than those around a list of columns.
_EXPRESSION = re.compile(r"\(.*\(| WHERE |CHECK|EXCLUDE", re.DOTALL)
_OPTIONS = re.compile(r" WITH \([^)]*\)")

# What PostgreSQL does not carry over a change of a column's type by itself.
_IN_THE_WAY = frozenset(
    {
        "view", "materialized_view", "policy", "trigger", "rule", "function", "aggregate",
        "publication", "publication_table", "publication_relation",
    }
)  # fmt: skip


def retype(before: Object, after: Object, ctx: Context) -> Work:
    """ALTER COLUMN … TYPE; values that would not survive are counted before any lock."""
    table = ObjectId("table", after.id.schema, after.id.parent)
    foreign = table not in ctx.before
    cast = casts.Cast(rewrites=False)
    if not foreign:
        cast = casts.between(before["type"], after["type"], ctx)
    collation = f" COLLATE {after['collation']}" if after["collation"] else ""
    using = f" USING {render(cast.using, ident(after.id.name))}" if cast.using else ""
    action = f"TYPE {after['type']}{collation}{using}"
    sorted_anew = before["collation"] != after["collation"] and _indexed(after.id, ctx)
    done = alter(after, ctx, action, rewrites=cast.rewrites, scans=sorted_anew)
    if not foreign:
        column = ident(after.id.name).as_string(None)
        done = roots.changed(after.id, done, f"ALTER COLUMN {column} {action}", ctx)
    together = roots.of(after.id, ctx)
    guards = tuple(g for id in together for g in casts.guards(cast, ctx.after.get(id) or after))
    hazards: tuple[str, ...] = ()
    if cast.rewrites:
        path = f"{after.id.schema}.{after.id.parent}"
        why = swap.obstacle(after.id, ctx) if ctx.large(table) else ""
        hazards = (f"rewrites {path} under a lock{f', as {why}' if why else ''}",)
    rebuild = frozenset(_obstacles(before, after, ctx))
    for id in together:
        done = converting.around(table_of(id), done, ctx)
    parted = frozenset(_parted(after.id, ctx))
    return done.then(Work(rebuild=rebuild, guards=guards, hazards=hazards, needs=parted))


def _parted(id: ObjectId, ctx: Context) -> set[ObjectId]:
    """Partitions that leave first: they could not change the column, or keep it as it is."""
    found: set[ObjectId] = set()
    for heir in ctx.heirs(table_of(id), before=True):
        link, column = ctx.changes.get(attachment(heir)), id._replace(schema=heir.schema)
        column = column._replace(parent=heir.name)
        keys = ctx.before.objects[heir]["key_types"] or ()
        below = _parted(column, ctx)
        keyed = below or any(key.startswith(f"{id.name} ") for key in keys)
        goes = link is not None and link.after is None
        bound = keyed or _keeps(column, ctx)
        found |= {attachment(heir)} if bound and goes else below
    return found


def _keeps(column: ObjectId, ctx: Context) -> bool:
    """Whether a column is to have the type that it has."""
    before, after = ctx.before.get(column), ctx.after.get(column)
    if before is None or after is None:
        return False
    return all(before[k] == after[k] for k in ("type", "collation"))


def _indexed(id: ObjectId, ctx: Context) -> bool:
    """Whether an index, or a constraint that has one, is built again under another collation."""
    return any(d.kind in ("index", "constraint") for d in ctx.dependents(id))


def _obstacles(before: Object, after: Object, ctx: Context) -> set[ObjectId]:
    """What stands in the way, of the column and of those that inherit it."""
    found: set[ObjectId] = set()
    for id in (i for root in roots.of(after.id, ctx) for i in inheritance.family(root, ctx)):
        for dependent in ctx.dependents(id):
            if _hinders(dependent, id, ctx):
                found.add(dependent)
        # The default's expression is cast by assignment only; put back, it is as the source has it.
        default = default_of(id)
        if default in ctx.before and not _plain(before["type"], after["type"]):
            found.add(default)
    return found


def _hinders(dependent: ObjectId, id: ObjectId, ctx: Context) -> bool:
    if dependent.kind in _IN_THE_WAY:
        return True
    if dependent.kind == "column" and dependent != id:
        column = ctx.before.get(dependent)
        return bool(column and column["generated"])
    if dependent.kind == "constraint" and _ties(dependent, ctx):
        return True
    if dependent.kind not in ("constraint", "index", "statistics"):
        return False
    if dependent in ctx.changes or _over_several(dependent, ctx) or _resolved(dependent, ctx):
        return True
    return _retold(dependent, ctx) or _measured(dependent, ctx)


def _retold(id: ObjectId, ctx: Context) -> bool:
    """Whether what the target alone has would come back with the casts of the way there."""
    definition = _OPTIONS.sub("", ctx.before.objects[id].get("definition", ""))
    return staying.stayed(id, ctx) and bool(_EXPRESSION.search(definition))


def _measured(id: ObjectId, ctx: Context) -> bool:
    """Whether PostgreSQL would make an index again without its statistics targets."""
    return id.kind == "index" and bool(ctx.before.objects[id]["statistics"])


def _over_several(id: ObjectId, ctx: Context) -> bool:
    """An expression over columns that change one after the other would keep casts in between."""
    found = [c for n in ctx.before.needed(id) if n.kind == "column" and (c := ctx.changes.get(n))]
    retyped = [c for c in found if c.before and c.after and c.before["type"] != c.after["type"]]
    if len(retyped) < 2:
        return False
    definition = ctx.before.objects[id].get("definition", "")
    return id.kind == "statistics" or bool(_EXPRESSION.search(definition))


def _resolved(id: ObjectId, ctx: Context) -> bool:
    """Whether what reads the same calls other functions or operators for values of the new type."""
    called = (
        {n for n in state.needed(id) if n.kind in ("function", "operator")}
        for state in (ctx.before, ctx.after)
    )
    before, after = called
    return id in ctx.after and before != after


def _ties(id: ObjectId, ctx: Context) -> bool:
    """A foreign key whose other side changes its type too cannot be made again in between."""
    constraint = ctx.before.objects[id]
    return bool(constraint["type"] == "f")


def _plain(old: str, new: str) -> bool:
    """Whether defaults go over by themselves."""
    return casts.base(old) == casts.base(new)
