"""Who owns an object."""

from __future__ import annotations

from dataclasses import replace

from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, Kind, ident, raw, render
from weedgo.staged.kinds.naming import described, lacking
from weedgo.staged.kinds.sequences import owner_by_then, passing
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Statement, Work

_RELATIONS = ("table", "view", "materialized_view", "foreign_table")


class OwnerKind(Kind):
    """``ALTER … OWNER TO``; what the run creates belongs to its own role at once."""

    name = "owner"
    stage = Stage.ACCESS
    label = "owners"

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        if change.after is None:
            return None
        if change.action is Action.CREATE and change.after["role"] == ctx.before.user:
            return change.id.of
        if change.id.target == "sequence" and (tie := passing(change.id.of, ctx)):
            return tie
        return _tied(change.after, ctx)

    def create(self, obj: Object, ctx: Context) -> Work:
        if obj["role"] == ctx.before.user and obj.id.of not in ctx.before:
            return Work()
        return Work() if _with_its_table(obj, ctx) else self._give(obj, ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if after.id.target == "sequence" and passing(after.id.of, ctx):
            return Work()
        # Both at once, so that the way back meets them in the same order.
        grants = after.id._replace(kind="privileges")
        rebuild = frozenset({grants} if grants in ctx.changes else ())
        return self._give(after, ctx).then(Work(rebuild=rebuild, needs=_parted(after.id.of, ctx)))

    def _give(self, obj: Object, ctx: Context) -> Work:
        if obj["role"] not in ctx.before.roles:
            return Work(refusal=lacking(obj["role"]))
        of = obj.id.of
        text = render("ALTER {} OWNER TO {}", raw(described(of, ctx)), ident(obj["role"]))
        if of.kind in _RELATIONS:
            return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(of)),))
        return Work((Statement(text),))

    def drop(self, obj: Object, ctx: Context) -> Work:
        """Give what the run created back to its own role, before it goes."""
        if obj["role"] == ctx.before.user or obj.id not in ctx.changes:
            return Work()
        if any(need.kind == "owner" and need in ctx.before for need in obj.info.get("needs", ())):
            return Work()  # a table's sequence
        return self._give(replace(obj, attrs={"role": ctx.before.user}), ctx)


def _parted(table: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """The ties of sequences that leave a table, or are new: they do so before it changes owners."""
    if table.kind != "table":
        return frozenset()
    columns = ctx.of("column", table, before=True)
    ties = {d for c in columns for d in ctx.dependents(c.id) if d.kind == "sequence_owner"}
    found = {tie for tie in ties if passing(tie.of, ctx)}
    needing = (ctx.after.dependents.get(c.id, ()) for c in ctx.of("column", table))
    come = {d for some in needing for d in some if d.kind == "sequence_owner"}
    return frozenset(found | {t for t in come & ctx.changes.keys() if t.of not in ctx.before})


def _with_its_table(owner: Object, ctx: Context) -> bool:
    """Whether a sequence that comes back goes to its owner with its table, that is another's."""
    tie = ObjectId("sequence_owner", owner.id.schema, owner.id.name, "", "sequence")
    if not ctx.backward or tie not in ctx.changes:
        return False
    tables = (need for need in owner.info.get("needs", ()) if need.kind == "owner")
    return any(owner_by_then(ObjectId(*table), ctx) != owner["role"] for table in tables)


def _tied(owner: Object, ctx: Context) -> ObjectId | None:
    """What gives a sequence to the owner of its table: that very change, or the tie itself."""
    if owner.id.target != "sequence":
        return None
    for need in owner.info.get("needs", ()):
        change = ctx.changes.get(need) if need.kind == "owner" else None
        if change and change.after and change.after["role"] == owner["role"]:
            return ObjectId(*need)
        tie = ObjectId("sequence_owner", owner.id.schema, owner.id.name, "", "sequence")
        if need.kind == "owner" and tie in ctx.changes and ctx.changes[tie].after:
            return tie
    return None
