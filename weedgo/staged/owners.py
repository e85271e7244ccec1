"""What an object goes with when it is dropped."""

from __future__ import annotations

from weedgo.staged.kinds import KINDS, families, retirement
from weedgo.staged.kinds.base import Context
from weedgo.staged.model import Action, Object, ObjectId

RELATIONS = ("table", "view", "materialized_view", "foreign_table")
"""The kinds that have columns, and share a namespace."""


def owners_of(id: ObjectId, ctx: Context) -> list[ObjectId]:
    """Objects that take this one with them when they are dropped."""
    found = [id.of] if id.target else []
    obj = ctx.before.get(id) or ctx.after.get(id)
    if id.kind == "partition" and obj and ObjectId("table", *obj["of"]) in ctx.after:
        # Its rows may belong to what stays: it is detached before it is dropped.
        return []
    above, line = (obj.get("above"), obj.get("line") or ()) if obj else (None, ())
    if obj and above and families.apart(id, ObjectId("table", id.schema, obj.relation), ctx):
        above, line = None, ()  # It is no part any more.
    if above and any(_followed(ObjectId(*whole), ctx) for whole in line):
        found.append(ObjectId(*above))  # And with it, on the way back, it comes.
    relation = id.parent or (obj.attrs.get("table") if obj else None)
    if relation:
        found += [ObjectId(kind, id.schema, relation) for kind in RELATIONS]
    if above:
        found.append(ObjectId(*above))
    if id.kind == "default":
        found.append(ObjectId("column", id.schema, id.name, id.parent))
    owned = ctx.before.get(ObjectId("sequence_owner", id.schema, id.name, "", "sequence"))
    if id.kind == "sequence" and owned is not None:
        schema, table, column = owned["column"]
        found += [ObjectId("table", schema, table), ObjectId("column", schema, column, table)]
    if id.kind in ("index", "constraint", "statistics") and obj:
        # An index or constraint goes with any of its columns.
        needs = ctx.before.needed(id)
        relation = relation or obj.get("table_name")
        # In order: of columns that go, each takes what it shares with those behind it.
        columns = (n for n in needs if n.kind == "column" and n.parent == relation)
        found += sorted(n for n in columns if not _merely_computes(obj, n))
    goes = ctx.changes.get(ObjectId(*above)) if above else None
    with_whole = goes is not None and goes.action is Action.DROP
    return [
        owner
        for owner in found
        if not retirement.apart(id, owner, ctx.changes)
        if not (with_whole and owner.kind == "table" and retirement.aside(owner, ctx.changes))
    ]


def _merely_computes(obj: Object, column: ObjectId) -> bool:
    """Whether an exclusion constraint has a column in an expression alone: it holds on to that."""
    excludes = obj.id.kind == "constraint" and obj["type"] == "x"
    return excludes and column.name not in obj.get("columns")


def _followed(whole: ObjectId, ctx: Context) -> bool:
    """Whether the index or key of a partitioned table goes before partitions come, and leave."""
    change, obj = ctx.changes.get(whole), ctx.before.get(whole)
    if change is None or obj is None or change.action is not Action.DROP:
        return False
    return bool(KINDS[whole.kind].successors(obj, ctx))
