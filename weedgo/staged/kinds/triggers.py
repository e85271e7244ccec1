"""Triggers, constraint triggers among them."""

from __future__ import annotations

from weedgo.staged.kinds.base import (
    SHARE_ROW_EXCLUSIVE,
    ACCESS_EXCLUSIVE,
    Context,
    Kind,
    ident,
    relation,
    render,
)
from weedgo.staged.model import Object, ObjectId, Stage, Statement, Work

STATES = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}


def relation_of(obj: Object) -> ObjectId:
    """The table or view that the trigger is on."""
    kinds = {"v": "view", "f": "foreign_table", "m": "materialized_view"}
    return ObjectId(kinds.get(obj.get("relkind"), "table"), obj.id.schema, obj.id.parent)


class TriggerKind(Kind):
    """``CREATE TRIGGER`` and its state."""

    name = "trigger"
    stage = Stage.TRIGGERS
    label = "triggers"
    source = "trigger"
    classid = 2620

    def create(self, obj: Object, ctx: Context) -> Work:
        table = ctx.shared(relation_of(obj))
        done = Work((Statement(obj["definition"], SHARE_ROW_EXCLUSIVE, table),))
        return done if obj["enabled"] == "O" else done.then(self._state(obj, ctx))

    def _state(self, obj: Object, ctx: Context) -> Work:
        text = render(
            "ALTER TABLE {} {} TRIGGER {}",
            relation(obj.id),
            STATES[obj["enabled"]],
            ident(obj.id.name),
        )
        return Work((Statement(text, SHARE_ROW_EXCLUSIVE, ctx.shared(relation_of(obj))),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["definition"] == after["definition"]:
            return self._state(after, ctx)
        return Work(replace=True)

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = render("DROP TRIGGER {} ON {}", ident(obj.id.name), relation(obj.id))
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(relation_of(obj))),))
