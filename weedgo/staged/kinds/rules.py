"""Rewrite rules of tables and views (what makes a view a view is not one of them)."""

from __future__ import annotations

from weedgo.staged.kinds.base import ACCESS_EXCLUSIVE, Context, Kind, ident, relation, render
from weedgo.staged.kinds.triggers import STATES, relation_of
from weedgo.staged.kinds.unnamed import unnamed
from weedgo.staged.model import Object, Stage, Statement, Work


class RuleKind(Kind):
    """``CREATE RULE`` and its state."""

    name = "rule"
    stage = Stage.TRIGGERS
    label = "rules"
    source = "rule"
    classid = 2618

    def create(self, obj: Object, ctx: Context) -> Work:
        table = ctx.shared(relation_of(obj))
        done = Work((Statement(unnamed(obj["definition"]), ACCESS_EXCLUSIVE, table),))
        return done if obj["enabled"] == "O" else done.then(self._state(obj, ctx))

    def _state(self, obj: Object, ctx: Context) -> Work:
        text = render(
            "ALTER TABLE {} {} RULE {}",
            relation(obj.id),
            STATES[obj["enabled"]],
            ident(obj.id.name),
        )
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(relation_of(obj))),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["definition"] == after["definition"]:
            return self._state(after, ctx)
        text = "CREATE OR REPLACE" + unnamed(after["definition"]).removeprefix("CREATE")
        done = Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(relation_of(after))),))
        same = before["enabled"] == after["enabled"] == "O"
        return done if same else done.then(self._state(after, ctx))

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = render("DROP RULE {} ON {}", ident(obj.id.name), relation(obj.id))
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(relation_of(obj))),))
