"""The undo of a step: the way back from the state that the step leaves.

Later steps are undone before: what only they made does not stand any more. The way back is planned
like any other difference, between the state after the step and the state before it, for the
objects of the step alone.
"""

from __future__ import annotations

from dataclasses import replace

from weedgo.staged import anew, grouping, groups
from weedgo.staged.graph import closure
from weedgo.staged.groups import Group
from weedgo.staged.kinds import KINDS, ORDER, retirement
from weedgo.staged.kinds.base import Context
from weedgo.staged.layers import layered
from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    Guard,
    Object,
    ObjectId,
    Stage,
    Statement,
    Step,
    Work,
)
from weedgo.staged.ordering import Order, Placed, ordered


def undo(group: Group, ctx: Context, left: frozenset[ObjectId] = frozenset()) -> Work:
    """The statements that take a group's changes back.

    Args:
        group: the changes of one step.
        ctx: the context of the way there.
        left: what earlier steps that this one needs have taken away.
    """
    # What was retired comes back first, and all that follows it with it, as it is.
    changes = {id: c.inverse() for id, c in group.changes.items() if not c.aside}
    standing = _left_by(group, ctx, left)
    back = anew.prepared(ctx.leaving(standing, changes))
    found = grouping.merged(grouping.group(back.changes, back), back)
    restored = _restored(group, ctx)
    rivals = _rivals(group)
    host = next((n for n, g in enumerate(found) if not rivals.isdisjoint(g.gone)), None)
    works = [
        groups.statements(g, back, restored if number == host else None)
        for number, g in enumerate(found)
    ]
    placed = [_placed(number, g, works[number]) for number, g in enumerate(found)]
    done, statements = Work(guards=restored.guards), list(restored.statements)
    if host is not None:
        done, statements = Work(), []
    for step in ordered(placed, grouping.edges(found, back)):
        work = works[int(step.id)]
        done = done.then(replace(work, statements=()))
        statements += _after(statements, step)
    for default in _lost(group):
        work = KINDS[default.id.kind].create(default, back)
        step = _placed(
            0, Group({default.id: Change(default.id, Action.CREATE, None, default)}, {}), work
        ).step
        statements += _after(statements, step)
    return replace(done, statements=tuple(statements))


def _rivals(group: Group) -> frozenset[ObjectId]:
    """What has come under the names of what a group retires: it goes before that comes back."""
    changes = group.changes.items()
    taken = {n for _, c in changes if c.aside for n in grouping.names(c.before)}
    come = ((id, c.after) for id, c in changes if c.before is None)
    return frozenset(id for id, obj in come if not taken.isdisjoint(grouping.names(obj)))


def _lost(group: Group) -> list[Object]:
    """Defaults of what was retired while its type was replaced: they went, and come back last."""
    if not any(work.replace for work in group.works.values()):
        return []
    found = sorted((c for c in group.changes.values() if c.aside), key=lambda c: c.id)
    return [c.before for c in found if c.id.kind == "default" and c.before is not None]


def _restored(group: Group, ctx: Context) -> Work:
    """The work that brings back what a group retires."""
    retired = [c for id, c in sorted(group.changes.items()) if c.aside and id in group.works]
    found: list[Statement] = []
    guards: tuple[Guard, ...] = ()
    for change in sorted(retired, key=lambda c: ORDER[c.id.kind]):
        assert change.before is not None
        work = retirement.back(change.before, ctx.inverse())
        guards += work.guards
        found += _after(found, _placed(0, Group({change.id: change}, {change.id: work}), work).step)
    return Work(tuple(found), guards=guards)


def _placed(number: int, group: Group, work: Work) -> Placed:
    main = leading(group)
    step = Step(str(number), (main,), work.statements, (), Stage.RETIRE, Stage.RETIRE)
    return Placed(step, place(main))


def _after(before: list[Statement], step: Step) -> list[Statement]:
    """A step's statements in phases behind those before: plain ones share a transaction."""
    last = max((s.phase for s in before), default=0)
    shares = step.transactional and (not before or before[-1].transactional)
    first = last if shares or not before else last + 1
    return [replace(s, phase=first + s.phase) for s in step.statements]


def _left_by(group: Group, ctx: Context, left: frozenset[ObjectId]) -> Catalog:
    """The state after a step and before the later ones, as far as it matters to the step."""
    source, target = ctx.after, ctx.before
    # Of what other steps made or altered, only what this one needs is sure to stand.
    mine = closure(group.changes, source.needed)
    changed = sorted(id for id in mine if id in source and (id in ctx.changes or id not in target))
    added = {id: source.objects[id] for id in changed}
    gone = frozenset(
        id
        for id in group.gone | left
        if id in target and id not in source and not ctx.changes[id].aside
    )
    return layered(ctx.surviving, source, added, gone | {id for id in changed if id in target})


def place(main: Change) -> Order:
    """Where a change stands among those of its stage."""
    id, obj = main.id, main.after or main.before
    relation = id.parent or (obj.attrs.get("table") if obj else "") or id.name
    position = obj.info.get("position", 0) if obj else 0
    # What goes, goes in the reverse order: what a body names goes after what calls it.
    kind = ORDER[id.kind] if main.after else -ORDER[id.kind]
    if id.kind == "function" and not main.after:
        # On the way back, indexes are built with functions that only the body of another calls.
        kind = -ORDER["sequence_owner"]
    return kind, id.schema, relation, position, id


def leading(group: Group) -> Change:
    """The change that a step is named for: the one that the others follow."""

    def rank(change: Change) -> tuple[bool, bool, bool, int, ObjectId]:
        id = change.id
        return (id not in group.works, bool(id.target), id in group.rebuilt, ORDER[id.kind], id)

    return min(group.changes.values(), key=rank)
