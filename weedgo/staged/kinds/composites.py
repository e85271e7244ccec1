"""Composite types."""

from __future__ import annotations

from dataclasses import replace

from weedgo.staged.kinds.base import Context, comma, ident, name, render, work
from weedgo.staged.kinds.converting import obstacles
from weedgo.staged.kinds.types import CarriedKind, carried, hanging, in_use, leaving, typed
from weedgo.staged.model import DropMode, Guard, Object, ObjectId, Work

Attribute = list[str]
_EXPRESSIONS = (
    "default", "constraint", "domain_constraint", "index", "statistics", "view",
    "materialized_view", "policy", "trigger", "rule", "column",
)  # fmt: skip


class CompositeTypeKind(CarriedKind):
    """``CREATE TYPE … AS``; attributes are added at the end and dropped in place."""

    name = "composite_type"
    source = "composite_type"
    classid = 1259

    def make(self, obj: Object, ctx: Context) -> Work:
        attributes = comma([_clause(a) for a in obj["attributes"]])
        return work(render("CREATE TYPE {} AS ({})", name(obj.id), attributes))

    def create(self, obj: Object, ctx: Context) -> Work:
        before = ctx.before.get(obj.id)
        if before is None or not _in_place(before, obj):
            return super().create(obj, ctx)
        if not self.replaced(obj.id, ctx):
            return super().create(obj, ctx)
        # Made as it was, so that values go over in their places, and then altered.
        new = {a[0]: a for a in obj["attributes"]}
        attributes = [new.get(a[0], a) for a in before["attributes"]]
        as_it_was = replace(obj, attrs={**obj.attrs, "attributes": attributes})
        done = self.make(as_it_was, ctx).then(self.take_over(as_it_was, ctx))
        return done.then(work(*_altered(as_it_was, obj)))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        guards = _lost(before, after, ctx)
        old, new = ({a[0]: a for a in o["attributes"]} for o in (before, after))
        retyped = any(old[n] != new[n] for n in old if n in new)
        held = carried(after.id, ctx) or ctx.anew & ctx.dependents(after.id)
        if not _in_place(before, after) or (retyped and held):
            return Work(replace=True, guards=guards)
        gone = retyped or not old.keys() <= new.keys()
        # What changes with it fits only one of the two, on the way back too.
        users = {d for d in hanging(after.id, ctx) if not d.target or d.kind == "default"}
        for table in typed(after.id, ctx):
            for column in (ObjectId("column", table.schema, n, table.name) for n in old):
                if old[column.name] != new.get(column.name):
                    users |= obstacles(column, ctx)
        rebuild = users if gone else {d for d in users if d in ctx.changes and _rewritten(d, ctx)}
        first = frozenset(leaving(after.id, ctx))
        statements = _altered(before, after)
        return work(*statements, rebuild=frozenset(rebuild), guards=guards, needs=first)


def _rewritten(id: ObjectId, ctx: Context) -> bool:
    return id in ctx.before and id in ctx.after and id.kind in _EXPRESSIONS


def _names(obj: Object | None) -> list[str]:
    return [a[0] for a in obj["attributes"]] if obj else []


def _in_place(before: Object, after: Object) -> bool:
    """Whether attributes only go and come at the end."""
    kept = [n for n in _names(before) if n in _names(after)]
    return _names(after)[: len(kept)] == kept


def _altered(before: Object, after: Object) -> list[str]:
    old, new = ({a[0]: a for a in o["attributes"]} for o in (before, after))
    actions = [render("DROP ATTRIBUTE {}", ident(n)) for n in old if n not in new]
    actions += [
        f"ALTER ATTRIBUTE {_clause(new[n], ' TYPE')}" for n in old if n in new and old[n] != new[n]
    ]
    actions += [f"ADD ATTRIBUTE {_clause(new[n])}" for n in new if n not in old]
    # Typed tables follow by CASCADE.
    listed = comma([f"{action} CASCADE" for action in actions])
    return [render("ALTER TYPE {} {}", name(after.id), listed)] if actions else []


def _clause(attribute: Attribute, word: str = "") -> str:
    collation = f" COLLATE {attribute[2]}" if attribute[2] else ""
    return render("{}{} {}{}", ident(attribute[0]), word, attribute[1], collation)


def _lost(before: Object, after: Object, ctx: Context) -> tuple[Guard, ...]:
    """Values of attributes that go are lost, which is not done unless drops are asked for."""
    if ctx.options.drop is DropMode.DROP:
        return ()
    kept = {a[0] for a in after["attributes"]}
    return tuple(
        in_use(
            column,
            render("({}).{} IS NOT NULL", ident(column.id.name), ident(attribute[0])),
            f"{{count}} rows of {column.id.path} hold a value in the attribute {attribute[0]}, "
            f"which {after.id.path} is to lose",
            "agree to the loss with --drop drop, or save the values of the column first",
        )
        for column in carried(after.id, ctx)
        for attribute in before["attributes"]
        if attribute[0] not in kept and not column["type"].endswith("[]")
    )
