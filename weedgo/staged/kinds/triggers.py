"""Triggers, constraint triggers among them."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    Address,
    Context,
    Kind,
    Row,
    attachment,
    ident,
    relation,
    render,
)
from weedgo.staged.kinds.clauses import table_of
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
        done = Work((Statement(text, SHARE_ROW_EXCLUSIVE, ctx.shared(relation_of(obj))),))
        if obj.get("relkind") != "p":
            return done
        # The state reaches the partitions: what is theirs alone is set again.
        for id in sorted(i for i in ctx.after.objects if i.kind == "trigger_state"):
            own = ctx.after.objects[id]
            mine = own.get("above") == [obj.id.schema, obj.id.name, obj.id.parent]
            if mine and not _with_partition(id, ctx):
                done = done.then(_own_state(id, own["enabled"], ctx))
        return done

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["definition"] == after["definition"]:
            return self._state(after, ctx)
        return Work(replace=True)

    def successors(self, obj: Object, ctx: Context) -> frozenset[ObjectId]:
        """The whole table's of its name, which the table gets as a partition, and that it joins."""
        found: set[ObjectId] = set()
        link = ctx.after.get(attachment(table_of(obj.id)))
        while link is not None and obj.id not in ctx.after:
            found.add(link.id)
            schema, whole = link["of"]
            found.add(obj.id._replace(schema=schema, parent=whole))
            link = ctx.after.get(attachment(ObjectId("table", schema, whole)))
        if not any(i.kind == self.name and i in ctx.after for i in found):
            found = set()
        if obj.id not in ctx.after:
            found |= _below(obj.id, ctx)
        return frozenset(i for i in found if i in ctx.changes)

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = render("DROP TRIGGER {} ON {}", ident(obj.id.name), relation(obj.id))
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(relation_of(obj))),))


def _below(trigger: ObjectId, ctx: Context) -> set[ObjectId]:
    """Triggers of its name that partitions get of their own: they have the whole table's by then."""
    found: set[ObjectId] = set()
    for heir in ctx.heirs(table_of(trigger), before=True):
        own = trigger._replace(schema=heir.schema, parent=heir.name)
        new = own in ctx.after and own not in ctx.before
        found |= {own, *_below(own, ctx)} if new else _below(own, ctx)
    return found


class TriggerStateKind(Kind):
    """The state of a partition's trigger where it is not that of the table that has it itself."""

    name = "trigger_state"
    stage = Stage.TRIGGERS
    label = "trigger states"
    source = "trigger_state"

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        for obj, _ in super().read(row):
            schema, name, table = row["_above"]
            # The tables between are partitions by then, too.
            tables = [table_of(obj.id), *(ObjectId("table", *b) for b in row["_between"])]
            needs = (ObjectId("trigger", schema, name, table), *map(attachment, tables))
            yield Object(obj.id, obj.attrs, {**obj.info, "needs": needs}), None

    def create(self, obj: Object, ctx: Context) -> Work:
        return _own_state(obj.id, obj["enabled"], ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self.create(after, ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        schema, name, table = obj.get("above")
        whole = ctx.after.get(ObjectId("trigger", schema, name, table))
        if whole is None or attachment(table_of(obj.id)) not in ctx.after:
            return Work()
        return _own_state(obj.id, whole["enabled"], ctx)


def _with_partition(state: ObjectId, ctx: Context) -> bool:
    """Whether a state comes by itself, when its table has come and is a partition."""
    table = ObjectId("table", state.schema, state.parent)
    changes = ((ctx.whole or ctx.changes).get(id) for id in (table, attachment(table)))
    return any(change is not None and change.before is None for change in changes)


def _own_state(id: ObjectId, state: str, ctx: Context) -> Work:
    text = render("ALTER TABLE ONLY {} {} TRIGGER {}", relation(id), STATES[state], ident(id.name))
    table = ctx.shared(ObjectId("table", id.schema, id.parent))
    return Work((Statement(text, SHARE_ROW_EXCLUSIVE, table),))
