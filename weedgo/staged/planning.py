"""From a difference to an ordered plan: groups, their undo, one dependency graph over all steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from weedgo.staged import groups
from weedgo.staged.graph import components
from weedgo.staged.groups import Group, absorbed, closure, in_the_way, owners_of, work_of
from weedgo.staged.kinds import KINDS, ORDER
from weedgo.staged.kinds.base import Context
from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    Difference,
    Object,
    ObjectId,
    Options,
    Plan,
    Stage,
    Statement,
    Step,
    Work,
)
from weedgo.staged.normal import stable
from weedgo.staged.ordering import Placed, ordered

_Name = tuple[str, str, str]

# Kinds that share a namespace of their schema; what is both a relation and a type is in both.
_RELATIONS = frozenset(
    {
        "table",
        "view",
        "materialized_view",
        "foreign_table",
        "sequence",
        "index",
        "composite_type",
    }
)
_TYPES = frozenset(
    {
        "table",
        "view",
        "materialized_view",
        "foreign_table",
        "composite_type",
        "enum",
        "domain",
        "range_type",
        "base_type",
    }
)
_ROUTINES = frozenset({"function", "aggregate"})


def make(
    source: Catalog, target: Catalog, difference: Difference, options: Options | None = None
) -> Plan:
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
    steps = ordered([_draft(group, ctx) for group in found], _edges(found, ctx))
    kept = tuple(o.id for o in difference.kept)
    return Plan(source.fingerprint, target.fingerprint, steps, kept)


# -- groups


@dataclass
class _Groups:
    """Groups under way, and which of them has each object."""

    found: list[Group] = field(default_factory=list)
    owner: dict[ObjectId, Group] = field(default_factory=dict)

    def open(self, change: Change, work: Work) -> None:
        """A group for a change."""
        group = Group({change.id: change}, {change.id: work})
        self.found.append(group)
        self.owner[change.id] = group

    def follow(self, root: ObjectId, change: Change) -> None:
        """Another change, which follows from the root's."""
        self.owner[root].changes[change.id] = change
        self.owner[change.id] = self.owner[root]

    def take_away(self, id: ObjectId, away: ObjectId) -> None:
        """An object that has to be away for a change; whatever else is done to it joins in."""
        mine = self.owner[id]
        mine.rebuilt.add(away)
        other = self.owner.get(away)
        if other is not None and other is not mine:
            mine.absorb(other)
            self.found = [g for g in self.found if g is not other]
            for member in (*other.changes, *other.rebuilt):
                self.owner[member] = mine
        self.owner[away] = mine


def _group(changes: Mapping[ObjectId, Change], ctx: Context) -> list[Group]:
    """One group for each change, merged where one takes away what another changes too."""
    roots = {id: _root(id, changes, ctx) for id in changes}
    groups_ = _Groups()
    for id, change in changes.items():
        if roots[id] == id:
            groups_.open(change, work_of(change, ctx))
    for id, root in roots.items():
        if root != id:
            groups_.follow(root, changes[id])
    works = [
        (id, group.works.get(id, Work()))
        for id, group in groups_.owner.items()
        if id in group.works or not absorbed(changes[id], ctx)
    ]
    for id, work in works:
        for away in sorted(in_the_way(changes[id], work, ctx)):
            groups_.take_away(id, away)
    return groups_.found


def _root(id: ObjectId, changes: Mapping[ObjectId, Change], ctx: Context) -> ObjectId:
    """The change that brings this one about: itself, or that of what it belongs to."""
    while True:
        change = changes[id]
        parent = None
        if change.action is Action.DROP and not _references(change):
            parents = (
                o for o in owners_of(id, ctx) if o in changes and changes[o].action is Action.DROP
            )
            parent = next(parents, None)
        parent = parent or absorbed(change, ctx)
        if parent is None or parent not in changes or parent == id:
            return id
        id = parent


def _references(change: Change) -> bool:
    """A foreign key ties two tables: it goes before either, never by itself."""
    return (
        change.id.kind == "constraint"
        and change.before is not None
        and change.before["type"] == "f"
    )


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
    place = {id: number for number, group in enumerate(found) for id in group.made}
    place |= {id: number for number, group in enumerate(found) for id in group.changes}
    gone = {n: id for g in found for id in g.gone for n in _names(ctx.before.get(id))}
    edges: list[dict[int, ObjectId]] = [{} for _ in found]
    for number, group in enumerate(found):
        for id in group.made:
            for need in _before_making(id, group, gone, ctx):
                other = place.get(need, number)
                if other != number:
                    edges[number].setdefault(other, need)
    for number, group in enumerate(found):
        for id in group.gone:
            for dependent in ctx.dependents(id):
                other = place.get(dependent, number)
                if other != number and number not in edges[other]:
                    edges[number].setdefault(other, dependent)
    _by_replacement(found, place, edges, ctx)
    _by_rank(found, edges)
    return edges


def _by_replacement(
    found: list[Group],
    place: Mapping[ObjectId, int],
    edges: list[dict[int, ObjectId]],
    ctx: Context,
) -> None:
    """A column that is about to leave a type leaves it before the type is replaced."""
    for number, group in enumerate(found):
        for id, work in group.works.items():
            for dependent in ctx.dependents(id) if work.replace else ():
                other = place.get(dependent, number)
                if other != number and id not in ctx.after.needed(dependent):
                    edges[number].setdefault(other, dependent)


def _by_rank(found: list[Group], edges: list[dict[int, ObjectId]]) -> None:
    """What would act on other changes is made after them, and goes before them.

    Default privileges touch whatever is created, event triggers fire on every statement.
    """
    ranks = [min(_rank(id) for id in group.changes) for group in found]
    for number, group in enumerate(found):
        if not ranks[number]:
            continue
        leaving = all(id in group.gone or id.target for id in group.changes)
        mine = next(iter(group.changes))
        for other, rank in enumerate(ranks):
            if rank >= ranks[number]:
                continue
            if leaving and KINDS[mine.kind].leaves is not Stage.RETIRE:
                edges[other].setdefault(number, mine)
            elif found[other].made or ranks[number] > 1:
                edges[number].setdefault(other, next(iter(found[other].changes)))


def _rank(id: ObjectId) -> int:
    return KINDS[id.target if id.target in KINDS else id.kind].rank


def _before_making(
    id: ObjectId, group: Group, gone: Mapping[_Name, ObjectId], ctx: Context
) -> Iterable[ObjectId]:
    """What must stand, or be gone, before an object is made."""
    if id.kind == "owner" and id not in group.works:
        return  # What is made belongs to the right role from the start.
    yield from ctx.after.needed(id)
    if id in group.works:
        yield from group.works[id].needs
    # The old one leaves before the new one of its name comes.
    if id not in ctx.before:
        yield from (gone[n] for n in _names(ctx.after.get(id)) if n in gone)


def _names(obj: Object | None) -> Iterable[_Name]:
    """The names that an object takes, each in its namespace."""
    if obj is None:
        return
    id = obj.id
    if id.kind in _RELATIONS or (id.kind == "constraint" and obj["type"] in ("p", "u", "x")):
        yield "relation", id.schema, id.name
    if id.kind == "constraint" and obj["type"] == "p":
        yield "primary key", id.schema, id.parent
    if id.kind in _TYPES:
        yield "type", id.schema, id.name
    if id.kind in _ROUTINES:
        yield "routine", id.schema, id.name
    if id.kind == "column" and obj["identity"]:
        yield "relation", obj["identity_sequence"][0], obj["identity_sequence"][1]


# -- steps


def _draft(group: Group, ctx: Context) -> Placed:
    main = _main(group)
    forward = groups.statements(group, ctx)
    backward = _backward(group, ctx)
    kind = KINDS[main.id.kind]
    home = _leaves(main, ctx) if main.action is Action.DROP else kind.stage
    own = [c for id, c in sorted(group.changes.items()) if id != main.id and id in group.works]
    others = [c for id, c in sorted(group.changes.items()) if id not in group.works]
    changes = (main, *own, *others)
    action = Action.REPLACE if group.works[main.id].replace else main.action
    step = Step(
        id=f"{action} {main.id}",
        changes=changes,
        statements=_stable(forward),
        undo=() if forward.refusal else _stable(backward),
        home=home,
        stage=home,
        guards=forward.guards,
        hazards=forward.hazards,
        refusal=forward.refusal,
        no_undo=forward.no_undo or backward.refusal,
        rebuilt=tuple(sorted(group.rebuilt)),
        own=1 + len(own),
    )
    obj = main.after or main.before
    relation = main.id.parent or (obj.attrs.get("table") if obj else "") or main.id.name
    position = obj.info.get("position", 0) if obj else 0
    return Placed(step, (ORDER[main.id.kind], main.id.schema, relation, position, main.id))


def _leaves(change: Change, ctx: Context) -> Stage:
    """The stage at which what is not wanted goes.

    Facts go at home, and so does a primary key: the table may be getting another.
    """
    kind = KINDS[change.id.kind]
    key = change.id.kind == "constraint" and change.before and change.before["type"] == "p"
    stays = ObjectId("table", change.id.schema, change.id.parent) in ctx.after
    return kind.stage if change.id.target or (key and stays) else kind.leaves


def _stable(work: Work) -> tuple[Statement, ...]:
    """Statements whose expressions PostgreSQL will print as they stand in the catalog."""
    return tuple(replace(s, sql=stable(s.sql)) for s in work.statements)


def _main(group: Group) -> Change:
    """The change that a step is named for: the one that the others follow."""

    def rank(change: Change) -> tuple[bool, bool, bool, int, ObjectId]:
        id = change.id
        return (id not in group.works, bool(id.target), id in group.rebuilt, ORDER[id.kind], id)

    return min(group.changes.values(), key=rank)


def _roots_back(group: Group, back: Context) -> dict[ObjectId, Change]:
    """The changes of the way back that bring the others about.

    They are those of the way there, save that an index which a constraint took over leads: it
    does not come back with the constraint, the constraint goes with it.
    """
    inverse = {id: c.inverse() for id, c in group.changes.items()}
    absorbed = {id: groups.absorbed(c, back) for id, c in inverse.items()}
    leading = {
        id
        for id, c in inverse.items()
        if id.kind == "index" and c.action is Action.CREATE and id in absorbed.values()
    }
    roots = {id for id in group.works if absorbed[id] not in leading} | leading
    return {id: c for id, c in inverse.items() if id in roots}


def _backward(group: Group, ctx: Context) -> Work:
    """The undo: the same group the other way round.

    Going back can need more out of the way than going forward did (a view that only grew). What
    later steps made does not count: they are undone before.
    """
    back = ctx.inverse()
    roots = _roots_back(group, back)
    works = {id: work_of(change, back) for id, change in roots.items()}
    inverse = Group({id: c.inverse() for id, c in group.changes.items()}, works, set(group.rebuilt))
    for id, change in roots.items():
        away = in_the_way(change, works[id], back)
        inverse.rebuilt |= {a for a in away if a in ctx.before or a in group.changes}
    for id in closure(inverse.rebuilt, back.dependents) - inverse.rebuilt:
        if id in ctx.before:
            inverse.rebuilt.add(id)
    return groups.statements(inverse, back)
