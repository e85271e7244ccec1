"""What a table has of its own and what it has from its parents: which of the two changes first.

A parent's new column, check or NOT NULL reaches its heirs; what an heir has already is merged with
it. What a parent loses its heirs lose, unless it is theirs too. So what is an heir's own comes
before the parent's, and goes after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from weedgo.staged.kinds.base import Context, attachment
from weedgo.staged.model import Action, Catalog, Change, Object, ObjectId

_KINDS = ("column", "constraint")
_NOT_HANDED_DOWN = re.compile(r" NO INHERIT( NOT ENFORCED)?( NOT VALID)?$")


def ordered(ctx: Context) -> Iterator[tuple[ObjectId, ObjectId]]:
    """Pairs of changes of a parent's part and an heir's of the same name: which is first."""
    for id, change in ctx.changes.items():
        if id.kind not in _KINDS:
            continue
        if id.kind == "column" and change.action is Action.ALTER and comes(change):
            yield from ((own, id) for own in earlier(change, ctx))
        link = attachment(ObjectId("table", id.schema, id.parent))
        goes = link in ctx.changes and link not in ctx.after and link.of in ctx.after
        if goes and id.kind == "column" and change.after is None:
            yield link, id  # No partition loses a column of its own.
        for above in (*parents(id, ctx), *_born_below(id, ctx)):
            other = ctx.changes.get(above)
            if other is None or not _own(change, other):
                continue
            if comes(other):
                yield id, above
            elif _goes(other):
                yield above, id


def parents(id: ObjectId, ctx: Context) -> Iterator[ObjectId]:
    """The same part of the tables that a part's table inherits from before and after."""
    table = ObjectId("table", id.schema, id.parent)
    before, after = ctx.before.get(table), ctx.after.get(table)
    if before is None or after is None or after.get("bound") or before.get("bound"):
        return
    for pair in before.get("ancestors") or ():
        if pair in (after.get("ancestors") or ()):
            yield id._replace(schema=pair[0], parent=pair[1])


def family(column: ObjectId, ctx: Context) -> list[ObjectId]:
    """A column and those that inherit it, as they stand."""
    found, table = [column], ObjectId("table", column.schema, column.parent)
    foreign = ctx.before.foreign_families.get(table, [])
    for heir in (*ctx.heirs(table, before=True), *foreign):
        own = column._replace(schema=heir.schema, parent=heir.name)
        if own in ctx.before:
            found += family(own, ctx)
    return found


def _born_below(id: ObjectId, ctx: Context) -> Iterator[ObjectId]:
    """The same check of the tables that the table of a check inherits from when it is made."""
    table = ObjectId("table", id.schema, id.parent)
    after = ctx.after.get(table)
    if id.kind != "constraint" or table in ctx.before or after is None or after.get("bound"):
        return
    for schema, parent in after.get("ancestors") or ():
        yield id._replace(schema=schema, parent=parent)


def checks_below(check: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """Checks that heirs have of their own under the name of a parent's, and keep."""
    table = ObjectId("table", check.schema, check.parent)
    found: set[ObjectId] = set()
    for heir in ctx.heirs(table, before=True):
        if heir not in ctx.heirs(table) or attachment(heir) in ctx.before:
            continue
        id = check._replace(schema=heir.schema, parent=heir.name)
        found |= {id} if id in ctx.before and id in ctx.after else set()
        found |= checks_below(id, ctx)
    return frozenset(found)


def retyped_above(table: ObjectId, ctx: Context) -> Iterator[ObjectId]:
    """Columns of parents that get other types before a new heir comes with its own of the names."""
    after = ctx.after.get(table) if table.kind == "table" and table not in ctx.before else None
    for schema, parent in (after.get("ancestors") or ()) if after is not None else ():
        for column in ctx.of("column", table):
            change = ctx.changes.get(column.id._replace(schema=schema, parent=parent))
            if change and change.before and change.after and "type" in change.attributes:
                yield change.id


def checks_above(check: ObjectId, catalog: Catalog) -> frozenset[ObjectId]:
    """Checks of parents that an heir's own of the same name is merged with.

    The heir's cannot go while they bind it.
    """
    table = catalog.get(ObjectId("table", check.schema, check.parent))
    found: set[ObjectId] = set()
    for schema, parent in (table.get("ancestors") or ()) if table is not None else ():
        above = check._replace(schema=schema, parent=parent)
        obj = catalog.get(above)
        own = obj is not None and obj["type"] == "c"
        if obj is None or not (own and _NOT_HANDED_DOWN.search(obj["definition"])):
            found |= {above} if own else set()
            found |= checks_above(above, catalog)
    return frozenset(found)


def _own(change: Change, other: Change) -> bool:
    """Whether an heir's change is not brought about by its parent's."""
    if change.id.kind == "constraint":
        return _type(change) == _type(other) == "c"
    if change.action is not Action.ALTER:
        column = change.after or change.before
        return bool(column and (column["local"] or not column.get("inherited")))
    # The parent's column goes, the heir's stays; or only NOT NULL comes or goes.
    return other.after is None or keeps_not_null(change, other)


def _type(change: Change) -> str:
    obj = change.after or change.before
    return str(obj["type"]) if obj else ""


def keeps_not_null(change: Change, other: Change) -> bool:
    """Whether an heir's NOT NULL is its own, under its own name, when the parent's comes or goes.

    Before PostgreSQL 18 there are no names.
    """
    if change.before is None or change.after is None or other.before is None:
        return False
    if other.after is None:
        return True
    if binds(other.before) == binds(other.after):
        return False
    names = [o.get("not_null_constraint") for o in (change.before, change.after)]
    above = [o.get("not_null_constraint") for o in (other.before, other.after)]
    return any(a and b and a != b for a, b in zip(names, above, strict=True)) or (
        change.before["not_null"] and change.after["not_null"]
    )


def first(change: Change, other: Change) -> bool:
    """Whether a partition's NOT NULL comes, or gets its name, before that of its whole comes."""
    column = change.after
    if column is None or not column["not_null"] or not column.get("partition"):
        return False
    return comes(other) and keeps_not_null(change, other)


def earlier(change: Change, ctx: Context) -> Iterator[ObjectId]:
    """The columns of partitions that are mandatory by a name of their own before the whole's."""
    table = ObjectId("table", change.id.schema, change.id.parent)
    for heir in ctx.heirs(table, before=True):
        own = ctx.changes.get(change.id._replace(schema=heir.schema, parent=heir.name))
        if own is None or own.action is not Action.ALTER:
            continue
        if first(own, change):
            yield own.id
        else:
            yield from earlier(own, ctx)


def above(change: Change, ctx: Context) -> Change | None:
    """The change of a parent's column that goes, or that takes or brings the heir's NOT NULL."""
    for parent in parents(change.id, ctx):
        other = (ctx.whole or ctx.changes).get(parent)
        if other is None:
            continue
        if other.after is None or keeps_not_null(change, other) or given(change, other):
            return other
    return None


def given(change: Change, other: Change) -> bool:
    """Whether a column gets its NOT NULL from its parent's, and from nowhere else."""
    if change.before is None or change.after is None or other.after is None:
        return False
    merely = change.after["not_null"] and not change.after.get("not_null_local", True)
    return bool(merely and not change.before["not_null"] and binds(other.after) and comes(other))


def exchanged(before: Object, after: Object) -> tuple[list[str], list[str]]:
    """The parents that a table leaves and those that it joins: their order is kept as wanted."""
    old, new = before["parents"], after["parents"]
    kept = [p for p in old if p in new]
    while kept != new[: len(kept)]:
        kept.pop()
    return [p for p in old if p not in kept], [p for p in new if p not in kept]


def relocated(change: Change) -> bool:
    """Whether a column becomes its table's own though it is inherited, or merely inherited.

    PostgreSQL has no statement for either.
    """
    before, after = change.before, change.after
    if before is None or after is None or before.get("local") == after.get("local"):
        return False
    return bool(before["local"] or after.get("inherited"))


def bound_anew(change: Change, ctx: Context) -> bool:
    """Whether a NOT NULL that a table has from a parent all along is to be another (18).

    Under another name, its own, or NOT VALID. PostgreSQL renames no inherited constraint of an
    heir, and takes back no heir's own.
    """
    before, after = change.before, change.after
    if before is None or after is None or not (before["not_null"] and after["not_null"]):
        return False
    names = [o.get("not_null_constraint") for o in (before, after)]
    was, local = (o.get("not_null_local", True) for o in (before, after))
    kept = was == local or local
    loosened = before.get("not_null_valid", True) and not after.get("not_null_valid", True)
    if names[0] == names[1] and kept and not loosened:
        return False
    for parent in parents(change.id, ctx):
        above = [catalog.get(parent) for catalog in (ctx.before, ctx.after)]
        if all(o is not None and binds(o) for o in above):
            called = [o.get("not_null_constraint") for o in above if o is not None]
            return bool(loosened or not kept or names != called)
    return False


def binds(column: Object) -> bool:
    """Whether a column, or that of an heir, is NOT NULL because of this one."""
    return bool(column.get("not_null") and not column.get("not_null_no_inherit"))


def comes(change: Change) -> bool:
    """Whether a part that heirs get too comes, or binds them from now on."""
    if change.before is None or change.after is None:
        return change.before is None
    return binds(change.after) and not binds(change.before)


def _goes(change: Change) -> bool:
    if change.before is None or change.after is None:
        return change.after is None
    return binds(change.before) and not binds(change.after)


def staying(column: Object, ctx: Context) -> list[ObjectId]:
    """Columns of heirs that stay when their parent's goes for good."""
    if column.id in ctx.after:
        return []
    table = ObjectId("table", column.id.schema, column.id.parent)
    heirs = [h for h in ctx.heirs(table, before=True) if h in ctx.heirs(table)]
    found = (ObjectId("column", h.schema, column.id.name, h.name) for h in heirs)
    return [i for i in found if i in ctx.before and i in ctx.after]
