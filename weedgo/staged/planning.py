"""From a difference to an ordered plan: groups, undo, one dependency graph, stages.

A stage is the earliest moment at which a step may run. When something that the step needs is made
later, the step moves there, and says why.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from weedgo.staged import groups
from weedgo.staged.graph import components
from weedgo.staged.groups import Group, closure, in_the_way, owners_of, work_of
from weedgo.staged.kinds import KINDS, ORDER
from weedgo.staged.kinds.base import Context
from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    Difference,
    ObjectId,
    Options,
    Plan,
    Stage,
    Step,
    Work,
)

_RELATIONS = ("table", "view", "materialized_view", "foreign_table", "sequence", "index", "composite_type")


def make(source: Catalog, target: Catalog, difference: Difference, options: Options | None = None) -> Plan:
    """A plan that leads from the target's catalog to the source's.

    The same difference always gives the same plan.

    Args:
        source: what is wanted.
        target: what stands.
        difference: what ``diff.compare`` found between them.
        options: as given to the comparison.
    """
    changes = {c.id: c for c in difference.changes}
    ctx = Context(target, source, changes, options or Options())
    found = _merge_cycles(_group(changes, ctx), ctx)
    drafts = [_draft(group, ctx) for group in found]
    edges = _edges(found, ctx)
    steps = _staged(drafts, edges)
    kept = tuple(o.id for o in difference.kept)
    return Plan(source.fingerprint, target.fingerprint, steps, kept)


# -- groups


def _group(changes: Mapping[ObjectId, Change], ctx: Context) -> list[Group]:
    """One group for each change, merged where one takes away what another changes too."""
    roots = {id: _root(id, changes, ctx) for id in changes}
    owner: dict[ObjectId, Group] = {}
    found: dict[int, Group] = {}

    def join(a: Group, b: Group) -> None:
        if a is b:
            return
        a.absorb(b)
        del found[id(b)]
        for member in (*b.changes, *b.rebuilt):
            owner[member] = a

    for key, change in changes.items():
        if roots[key] == key:
            group = Group({key: change}, {key: work_of(change, ctx)})
            owner[key] = group
            found[id(group)] = group
    for key, root in roots.items():
        if root != key:
            owner[root].changes[key] = changes[key]
            owner[key] = owner[root]
    for group in list(found.values()):
        for key, work in list(group.works.items()):
            for away in in_the_way(changes[key], work, ctx):
                mine = owner[key]
                mine.rebuilt.add(away)
                if away in owner:
                    join(mine, owner[away])
                owner[away] = mine
    return list(found.values())


def _root(id: ObjectId, changes: Mapping[ObjectId, Change], ctx: Context) -> ObjectId:
    """The change that brings this one about: itself, or that of what it belongs to."""
    while True:
        change = changes[id]
        parent = None
        if change.action is Action.DROP and not _references(change):
            parents = (o for o in owners_of(id, ctx) if o in changes and changes[o].action is Action.DROP)
            parent = next(parents, None)
        parent = parent or KINDS[id.kind].absorbed(change, ctx)
        if parent is None or parent not in changes or parent == id:
            return id
        id = parent


def _references(change: Change) -> bool:
    """A foreign key ties two tables: it goes before either, never by itself."""
    return change.id.kind == "constraint" and change.before is not None and change.before["type"] == "f"


def _merge_cycles(found: list[Group], ctx: Context) -> list[Group]:
    """Groups that need each other become one, until none do."""
    while True:
        edges = _edges(found, ctx)
        cycles = [c for c in components(len(found), edges) if len(c) > 1]
        if not cycles:
            return found
        gone: set[int] = set()
        for cycle in cycles:
            first, *rest = sorted(cycle)
            for other in rest:
                found[first].absorb(found[other])
                gone.add(other)
        found = [g for i, g in enumerate(found) if i not in gone]


# -- the dependency graph


def _edges(found: list[Group], ctx: Context) -> list[dict[int, ObjectId]]:
    """For each group the groups that must run before it, and for which object."""
    made: dict[ObjectId, int] = {}
    changed: dict[ObjectId, int] = {}
    gone: dict[ObjectId, int] = {}
    for number, group in enumerate(found):
        for id in group.made:
            made[id] = number
        for id in group.gone:
            gone[id] = number
        for id in group.changes:
            changed[id] = number
    before_of: list[dict[int, ObjectId]] = [{} for _ in found]
    relations = {(id.schema, id.name): id for id in gone if id.kind in _RELATIONS}
    for number, group in enumerate(found):
        mine = before_of[number]
        for id in group.made:
            for need in (*ctx.after.needed(id), *_work_needs(group, id)):
                if (other := made.get(need, number)) != number:
                    mine.setdefault(other, need)
            clash = relations.get((id.schema, id.name)) if id.kind in _RELATIONS and id not in ctx.before else None
            if clash and gone[clash] != number:
                mine.setdefault(gone[clash], clash)
        for id in group.gone:
            for dependent in ctx.dependents(id):
                other = changed.get(dependent, made.get(dependent, number))
                if other != number and number not in before_of[other]:
                    mine.setdefault(other, dependent)
    return before_of


def _work_needs(group: Group, id: ObjectId) -> Iterable[ObjectId]:
    work = group.works.get(id)
    return work.needs if work else ()


# -- steps


@dataclass
class _Draft:
    step: Step
    order: tuple[int, ObjectId]
    seen: dict[int, ObjectId] = field(default_factory=dict)


def _draft(group: Group, ctx: Context) -> _Draft:
    main = _main(group)
    forward = groups.statements(group, ctx)
    backward = _backward(group, ctx)
    kind = KINDS[main.id.kind]
    home = Stage.RETIRE if main.action is Action.DROP and not main.id.target else kind.stage
    own = [c for id, c in sorted(group.changes.items()) if id != main.id and id in group.works]
    others = [c for id, c in sorted(group.changes.items()) if id not in group.works]
    changes = (main, *own, *others)
    action = Action.REPLACE if group.works[main.id].replace else main.action
    step = Step(
        id=f"{action} {main.id}",
        changes=changes,
        statements=forward.statements,
        undo=() if forward.refusal else backward.statements,
        home=home,
        stage=home,
        guards=forward.guards,
        hazards=forward.hazards,
        refusal=forward.refusal,
        no_undo=forward.no_undo or backward.refusal,
        rebuilt=tuple(sorted(group.rebuilt)),
        own=1 + len(own),
    )
    return _Draft(step, (ORDER[main.id.kind], main.id))


def _main(group: Group) -> Change:
    """The change that a step is named for: the one that the others follow."""
    def rank(change: Change) -> tuple[bool, bool, bool, int, ObjectId]:
        id = change.id
        return (id not in group.works, bool(id.target), id in group.rebuilt, ORDER[id.kind], id)

    return min(group.changes.values(), key=rank)


def _backward(group: Group, ctx: Context) -> Work:
    """The undo: the same group the other way round.

    Going back can need more out of the way than going forward did (a view that only grew). What
    later steps made does not count: they are undone before.
    """
    back = ctx.inverse()
    roots = {id: c.inverse() for id, c in group.changes.items() if id in group.works}
    works = {id: work_of(change, back) for id, change in roots.items()}
    inverse = Group({id: c.inverse() for id, c in group.changes.items()}, works, set(group.rebuilt))
    for id, change in roots.items():
        away = in_the_way(change, works[id], back)
        inverse.rebuilt |= {a for a in away if a in ctx.before or a in group.changes}
    for id in closure(inverse.rebuilt, back.dependents) - inverse.rebuilt:
        if id in ctx.before:
            inverse.rebuilt.add(id)
    return groups.statements(inverse, back)


# -- stages and order


def _staged(drafts: list[_Draft], edges: list[dict[int, ObjectId]]) -> tuple[Step, ...]:
    """Each step in its actual stage, in topological order, with ties broken by kind and name."""
    stages: dict[int, Stage] = {}
    reasons: dict[int, str] = {}
    waiting = [len(e) for e in edges]
    users: list[list[int]] = [[] for _ in drafts]
    for number, needed in enumerate(edges):
        for other in needed:
            users[other].append(number)

    def key(number: int) -> tuple[int, tuple[int, ObjectId], int]:
        return (stages[number].value, drafts[number].order, number)

    def settle(number: int) -> None:
        home = drafts[number].step.home
        late = max(edges[number], key=lambda o: (stages[o].value, -o), default=None)
        stages[number] = home
        if late is not None and stages[late] > home:
            stages[number] = stages[late]
            need = edges[number][late]
            reasons[number] = f"waits for stage {stages[late].value}: needs {need}"

    for number in _topological(waiting, users):
        settle(number)
    heap: list[tuple[tuple[int, tuple[int, ObjectId], int], int]] = []
    left = list(waiting)
    for number, count in enumerate(left):
        if not count:
            heapq.heappush(heap, (key(number), number))
    done: list[Step] = []
    while heap:
        _, number = heapq.heappop(heap)
        needs = sorted(drafts[o].step.id for o in edges[number])
        done.append(drafts[number].step.at(stages[number], reasons.get(number, ""), needs))
        for user in users[number]:
            left[user] -= 1
            if not left[user]:
                heapq.heappush(heap, (key(user), user))
    return tuple(done)


def _topological(waiting: list[int], users: list[list[int]]) -> list[int]:
    left = list(waiting)
    ready = [n for n, count in enumerate(left) if not count]
    for number in ready:
        for user in users[number]:
            left[user] -= 1
            if not left[user]:
                ready.append(user)
    return ready
