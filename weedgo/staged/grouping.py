"""Which changes make one step, and which step must come before which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from weedgo.staged import calls
from weedgo.staged.graph import closure, components
from weedgo.staged.groups import Group, absorbed, casting, in_the_way, work_of
from weedgo.staged.kinds import (
    KINDS,
    exchange,
    inheritance,
    overloads,
    parts,
    rowtypes,
    staying,
    types,
    whole_rows,
)
from weedgo.staged.kinds.base import Context
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage, Work
from weedgo.staged.owners import owners_of

Name = tuple[str, str, str]

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


_BEFORE_ALL = ("partition", "policy", "rule", "trigger")


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
        self.owner[id].rebuilt.add(away)
        self.join(id, away)
        self.owner[away] = self.owner[id]

    def join(self, id: ObjectId, comrade: ObjectId) -> None:
        """All that is done to an object, in the group of another."""
        mine, other = self.owner[id], self.owner.get(comrade)
        if other is None or other is mine:
            return
        mine.absorb(other)
        self.found = [g for g in self.found if g is not other]
        for member in (*other.changes, *other.rebuilt):
            self.owner[member] = mine


def group(changes: Mapping[ObjectId, Change], ctx: Context) -> list[Group]:
    """One group for each change, merged where one takes away what another changes too."""
    roots = {id: root_of(id, changes, ctx) for id in changes}
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
    for one in list(groups_.found):
        anew = {id for id, work in one.works.items() if work.replace}
        for id in sorted(anew | one.rebuilt):
            for part in sorted(KINDS[id.kind].inline(id, ctx)):
                groups_.join(id, part)
    return groups_.found


def root_of(id: ObjectId, changes: Mapping[ObjectId, Change], ctx: Context) -> ObjectId:
    """The change that brings this one about: itself, or that of what it belongs to."""
    while True:
        change, parent = changes[id], None
        if change.action is Action.DROP:
            parent = parts.root(change, ctx)  # It is renamed, whatever it belongs to.
        if parent is None and change.action is Action.DROP and not _references(change):
            parents = [
                o for o in owners_of(id, ctx) if o in changes and changes[o].action is Action.DROP
            ]
            parent = _leaving_first(parents, ctx)
        parent = parent or absorbed(change, ctx)
        if parent is None or parent not in changes or parent == id:
            return id
        id = parent


def _leaving_first(owners: list[ObjectId], ctx: Context) -> ObjectId | None:
    """Of owners that go the one that takes along what they share: none before it is gone."""
    first = next(iter(owners), None)
    while later := next((o for o in owners if first and first in ctx.before.needed(o)), None):
        if first is None or first.kind != "column":
            break
        first = later
    return first


def _references(change: Change) -> bool:
    """A foreign key ties two tables: it goes before either, never by itself."""
    return (
        change.id.kind == "constraint"
        and change.before is not None
        and change.before["type"] == "f"
    )


def merged(found: list[Group], ctx: Context) -> list[Group]:
    """Groups that need each other become one, until none do."""
    while True:
        cycles = [c for c in components(len(found), edges(found, ctx)) if len(c) > 1]
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


def edges(found: list[Group], ctx: Context) -> list[dict[int, ObjectId]]:
    """For each group the groups that must run before it, and for which object."""
    place = {id: number for number, group in enumerate(found) for id in group.made}
    place |= {id: number for number, group in enumerate(found) for id in group.changes}
    gone = {n: id for g in found for id in g.changes for n in _given_up(id, ctx)}
    arrows: list[dict[int, ObjectId]] = [{} for _ in found]
    inherited = set(inheritance.ordered(ctx))
    for number, group in enumerate(found):
        for id in sorted(group.made):
            for need in sorted(_before_making(id, group, gone, ctx)):
                other = place.get(need, number)
                if other == number or (id, need) in inherited or _joins_later(id, need, ctx):
                    continue
                if not _takes_type_on(need, group, found[other], ctx):
                    arrows[number].setdefault(other, need)
    _by_inheritance(inherited, place, arrows)
    _by_listing(found, place, arrows, ctx)
    _by_dependence(found, place, arrows, inherited, ctx)
    _by_replacement(found, place, arrows, ctx)
    _by_succession(found, place, arrows, ctx)
    calls.add(found, place, arrows, ctx)
    _by_rank(found, arrows)
    return arrows


def _joins_later(id: ObjectId, need: ObjectId, ctx: Context) -> bool:
    """Whether what is needed is its whole's, to which a table comes only after it has changed."""
    if not {id.kind, need.kind} <= {"table", "column"}:
        return False
    table, whole = (i if i.kind == "table" else table_of(i) for i in (id, need))
    return table in ctx.heirs(whole) and exchange.joins(table, ctx)


def _takes_type_on(table: ObjectId, columns: Group, group: Group, ctx: Context) -> bool:
    """Whether a standing table becomes one of a type, for which it has its columns first."""
    if table.kind != "table" or table not in group.works or table not in ctx.before:
        return False
    first = group.works[table].needs & columns.changes.keys()
    return any(id.kind == "column" and table_of(id) == table for id in first)


def _by_inheritance(
    inherited: Iterable[tuple[ObjectId, ObjectId]],
    place: Mapping[ObjectId, int],
    arrows: list[dict[int, ObjectId]],
) -> None:
    """What an heir has of its own comes before its parent's, and goes after it."""
    for first, then in sorted(inherited):
        one, other = place.get(first), place.get(then)
        if one is not None and other is not None and one != other:
            arrows[other].setdefault(one, first)


def _by_listing(
    found: list[Group],
    place: Mapping[ObjectId, int],
    arrows: list[dict[int, ObjectId]],
    ctx: Context,
) -> None:
    """What names all columns of a table's rows fits the table only while it has just those."""
    for number, group in enumerate(found):
        for id in sorted(i for i in group.made if i in ctx.before):
            for column in _listed_first(id, ctx):
                other = place.get(column, number)
                if other != number:
                    arrows[number].setdefault(other, column)
                    arrows[other].setdefault(number, id)


def _by_dependence(
    found: list[Group],
    place: Mapping[ObjectId, int],
    arrows: list[dict[int, ObjectId]],
    inherited: Collection[tuple[ObjectId, ObjectId]],
    ctx: Context,
) -> None:
    """What goes waits until nothing needs it any more."""
    for number, group in enumerate(found):
        for id in sorted(group.gone):
            for dependent in sorted(ctx.dependents(id) | _cast_by(id, ctx)):
                other = place.get(dependent, number)
                if other == number or (id, dependent) in inherited:
                    continue
                # Its rows may belong to what stays: it is detached before it is dropped. What is on
                # a table and needs a view or function of that table goes before both, in one step.
                first = dependent.kind in _BEFORE_ALL or id.kind in ("function", "view")
                first |= id.kind == "column" and _passes_on(dependent, ctx)
                if number not in arrows[other] or first:
                    arrows[number].setdefault(other, dependent)


def _passes_on(id: ObjectId, ctx: Context) -> bool:
    """Whether a key or index passes on to other columns: it would go with one of the old."""
    return id.kind in ("constraint", "index") and id in ctx.before and id in ctx.after


def _cast_by(id: ObjectId, ctx: Context) -> set[ObjectId]:
    """What a cast is called by: it stands as long as any of that does, for the way back, too."""
    functions = (n for n in ctx.before.needed(id) if n.kind == "function" and id.kind == "cast")
    return {d for f in functions for d in ctx.dependents(f) if d.kind not in ("cast", "function")}


def _by_replacement(
    found: list[Group],
    place: Mapping[ObjectId, int],
    arrows: list[dict[int, ObjectId]],
    ctx: Context,
) -> None:
    """Columns leave a type before it is replaced; what comes upon others comes after."""
    for number, group in enumerate(found):
        for id, work in group.works.items():
            for dependent in sorted(ctx.dependents(id)) if work.replace else ():
                other = place.get(dependent, number)
                change = ctx.changes.get(dependent)
                if change is not None and change.aside:
                    continue
                if other != number and id not in ctx.after.needed(dependent):
                    arrows[number].setdefault(other, dependent)
        anew = {id for id, work in group.works.items() if work.replace}
        for id in sorted(anew | group.rebuilt):
            for newcomer in sorted(types.newcomers(id, ctx)):
                other = place.get(newcomer, number)
                if other != number:
                    arrows[other].setdefault(number, id)


def _by_succession(
    found: list[Group],
    place: Mapping[ObjectId, int],
    arrows: list[dict[int, ObjectId]],
    ctx: Context,
) -> None:
    """What goes has gone before its successor comes."""
    for number, group in enumerate(found):
        for id in sorted(group.gone & group.works.keys()):
            old = ctx.before.get(id)
            for successor in sorted(KINDS[id.kind].successors(old, ctx)) if old else ():
                other = place.get(successor, number)
                if other != number:
                    arrows[other].setdefault(number, id)


def _by_rank(found: list[Group], arrows: list[dict[int, ObjectId]]) -> None:
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
                arrows[other].setdefault(number, mine)
            elif found[other].made or ranks[number] > 1:
                arrows[number].setdefault(other, next(iter(found[other].changes)))


def _rank(id: ObjectId) -> int:
    return KINDS[id.target if id.target in KINDS else id.kind].rank


def _before_making(
    id: ObjectId, group: Group, gone: Mapping[Name, ObjectId], ctx: Context
) -> Iterable[ObjectId]:
    """What must stand, or be gone, before an object is made."""
    if id.kind == "owner" and id not in group.works:
        return  # What is made belongs to the right role from the start.
    yield from ctx.after.needed(id)
    yield from casting(id, ctx.after.needed(id), ctx)
    yield from _checked_first(id, ctx)
    yield from _listed_first(id, ctx)
    yield from staying.succeeding(id, ctx)
    yield from overloads.followed(id, ctx)
    yield from rowtypes.first(id, ctx)
    yield from whole_rows.first(id, ctx)
    yield from inheritance.retyped_above(id, ctx)
    if id in group.works:
        yield from group.works[id].needs
    # The old one leaves before the new one of its name comes.
    yield from (gone[n] for n in names(ctx.after.get(id)) if gone.get(n, id) != id)


def _checked_first(id: ObjectId, ctx: Context) -> Iterable[ObjectId]:
    """New checks of the domains that an object comes to use: most uses would be in their way."""
    for need in ctx.after.needed(id) - ctx.before.needed(id):
        if need.kind != "domain" or id.kind not in ("column", "domain", "composite_type"):
            continue
        for check in ctx.of("domain_constraint", need):
            if check.id not in ctx.before and id not in closure([check.id], ctx.after.needed):
                yield check.id


def _listed_first(id: ObjectId, ctx: Context) -> Iterable[ObjectId]:
    """Columns that come or go of tables whose rows an object has from functions: it names all."""
    if id.kind not in ("view", "materialized_view", "function"):
        return
    for need in ctx.after.needed(id):
        result = ctx.after.objects[need].get("result") if need.kind == "function" else ""
        for table in ctx.after.needed(need) if result else ():
            if table.kind != "table" or table.name not in result:
                continue
            columns = (*ctx.of("column", table), *ctx.of("column", table, before=True))
            found = (ctx.changes.get(c.id) for c in columns)
            yield from (c.id for c in found if c and not (c.before and c.after))


def _given_up(id: ObjectId, ctx: Context) -> Iterable[Name]:
    """The names that an object has before, and not after."""
    kept = set(names(ctx.after.get(id)))
    return (n for n in names(ctx.before.get(id)) if n not in kept)


def names(obj: Object | None) -> Iterable[Name]:
    """The names that an object takes, each in its namespace."""
    if obj is None:
        return
    id = obj.id
    if id.kind in _RELATIONS or (id.kind == "constraint" and obj["type"] in ("p", "u", "x")):
        yield "relation", id.schema, id.name
    if id.kind == "constraint" and obj["type"] == "p":
        yield "primary key", id.schema, id.parent
    if id.kind == "constraint" or (id.kind == "trigger" and obj.get("constraint")):
        yield f"constraint of {id.parent}", id.schema, id.name
    if id.kind in _TYPES:
        yield "type", id.schema, id.name
    if id.kind in _ROUTINES:
        yield "routine", id.schema, id.name
    if id.kind == "column" and obj["identity"]:
        yield "relation", obj["identity_sequence"][0], obj["identity_sequence"][1]
