"""From a difference to an ordered plan: groups, their undo, one dependency graph over all steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from weedgo.staged import (
    anew,
    backwards,
    basetypes,
    consent,
    grouping,
    groups,
    pausing,
    retiring,
    sharding,
)
from weedgo.staged.backwards import leading, place
from weedgo.staged.groups import Group
from weedgo.staged.kinds import KINDS, overloads, staying
from weedgo.staged.kinds.base import Context, attachment
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.kinds.types import CarriedKind
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
from weedgo.staged.owners import RELATIONS


def make(
    source: Catalog,
    target: Catalog,
    difference: Difference,
    options: Options | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Plan:
    """A plan that leads from the target's catalog to the source's.

    The same difference always gives the same plan.

    Args:
        source: what is wanted.
        target: what stands.
        difference: what ``diff.compare`` found between them.
        options: as given to the comparison.
        sizes: bytes of the target's tables, by path; without them none is large.
    """
    changes = {c.id: c for c in difference.changes}
    ctx = Context(target, source, changes, options or Options(), sizes=sizes or {})
    ctx, first = pausing.paused(anew.prepared(retiring.prepared(ctx)))
    found = grouping.merged(grouping.group(ctx.changes, ctx), ctx)
    edges = grouping.edges(found, ctx)
    kept = tuple(o.id for o in difference.kept)
    taken = {name: id for id in kept for name in _taken(target.objects[id])}
    routines = tuple(target.objects[id] for id in kept if id.kind in overloads.ROUTINES)
    drafts = [
        _draft(
            group,
            ctx,
            _left_before(n, found, edges) if _succeeds(group, ctx) else frozenset(),
            _in_the_place(group, taken)
            or overloads.ambiguous(group.made, routines, ctx)
            or staying.bereft(group.gone, group.rebuilt, ctx),
        )
        for n, group in enumerate(found)
    ]
    steps = sharding.known(ordered(drafts, edges), source, target)
    return Plan(source.fingerprint, target.fingerprint, (*first, *steps), kept)


def _succeeds(group: Group, ctx: Context) -> bool:
    """Whether something is made that what left before cannot hold on to.

    A constraint, a unique index, a partition, a column of one that was, a table that had some, a
    type in the place of another, or a relation under the name of one of another kind.
    """
    return any(
        id.kind in ("constraint", "partition")
        or (id.kind == "index" and id in ctx.after and ctx.after.objects[id]["unique"])
        or (id.kind in RELATIONS and any(other in ctx.before for other in _others(id)))
        or (id.kind == "column" and _detached(table_of(id), ctx))
        or (id.kind == "table" and any(_detached(h, ctx) for h in ctx.heirs(id, before=True)))
        or _taken_over(id, group)
        for id in group.made
    )


def _taken_over(id: ObjectId, group: Group) -> bool:
    replaced = id in group.works and group.works[id].replace
    return replaced and isinstance(KINDS[id.kind], CarriedKind)


def _others(id: ObjectId) -> list[ObjectId]:
    return [id._replace(kind=kind) for kind in RELATIONS if kind != id.kind]


def _detached(table: ObjectId, ctx: Context) -> bool:
    """Whether a partition becomes a table of its own, or goes."""
    change = ctx.changes.get(attachment(table))
    return change is not None and change.after is None


def _left_before(
    number: int, found: Sequence[Group], edges: Sequence[Mapping[int, ObjectId]]
) -> frozenset[ObjectId]:
    """What is gone for sure when a group's turn comes: the steps that it needs took it away."""
    before: set[int] = set()
    todo = [number]
    while todo:
        new = edges[todo.pop()].keys() - before
        before |= new
        todo += new
    return frozenset(id for n in before for id in found[n].gone)


def _taken(obj: Object) -> Iterator[grouping.Name]:
    """The names that an object has, that of its NOT NULL constraint too."""
    yield from grouping.names(obj)
    bound = obj.get("not_null_constraint") if obj.id.kind == "column" and obj["not_null"] else None
    if bound:
        yield f"constraint of {obj.id.parent}", obj.id.schema, bound


def _in_the_place(group: Group, taken: Mapping[grouping.Name, ObjectId]) -> str:
    """Why a step is refused: what only the target has, and keeps, has the name of what comes."""
    for id, change in sorted(group.changes.items()) if taken else ():
        came = change.before is None
        found = [*(grouping.names(change.after) if came else ()), *_bound_anew(change)]
        for name in found:
            if name in taken and taken[name] != id:
                why = f"{id} cannot come: {taken[name]}, which only the target has, has its name"
                if name in _bound_anew(change):
                    why = f"{taken[name]}, which only the target has, has the name {name[2]}"
                    why = f"{why} that the NOT NULL of {id} is to have"
                return f"{why}; {staying.REMEDY}"
    return ""


def _bound_anew(change: Change) -> list[grouping.Name]:
    """The name that a column's NOT NULL constraint gets, where PostgreSQL would choose another."""
    before, after = change.before, change.after
    name = after.get("not_null_name") if after and after.id.kind == "column" else None
    if not name or (before is not None and before.get("not_null_constraint") == name):
        return []
    return [(f"constraint of {change.id.parent}", change.id.schema, name)]


def _draft(group: Group, ctx: Context, left: frozenset[ObjectId], refusal: str) -> Placed:
    main = leading(group)
    forward = groups.statements(group, ctx)
    if unmade := basetypes.refusal(group.made, group.gone, ctx):
        forward = replace(forward, refusal=forward.refusal or unmade)
    refusal = refusal or retiring.held(group.gone, ctx)
    forward = replace(forward, refusal=refusal or forward.refusal)
    backward = backwards.undo(group, ctx, left)
    kind = KINDS[main.id.kind]
    home = _leaves(main, ctx) if main.action is Action.DROP else kind.stage
    own = [c for id, c in sorted(group.changes.items()) if id != main.id and id in group.works]
    others = [c for id, c in sorted(group.changes.items()) if id not in group.works]
    changes = tuple(map(_told, (main, *own, *others)))
    action = Action.REPLACE if group.works[main.id].replace else changes[0].action
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
        consent=_asked(main.id, forward, ctx),
        undo_guards=() if forward.refusal else backward.guards,
    )
    return Placed(step, place(main))


def _asked(main: ObjectId, work: Work, ctx: Context) -> str:
    if ctx.options.allow_rewrite:
        return ""
    return consent.asked(main, work.statements, ctx.size, ctx.options.rewrite_limit)


def _told(change: Change) -> Change:
    """The change as a plan tells it."""
    return replace(change, action=Action.RETIRE) if change.aside else change


def _leaves(change: Change, ctx: Context) -> Stage:
    """The stage at which what is not wanted goes.

    Facts go at home, and so does a primary key: the table may be getting another.
    """
    kind = KINDS[change.id.kind]
    if change.aside:
        return Stage.RETIRE
    if change.before and kind.successors(change.before, ctx):
        return kind.stage
    key = change.id.kind == "constraint" and change.before and change.before["type"] == "p"
    stays = ObjectId("table", change.id.schema, change.id.parent) in ctx.after
    return kind.stage if change.id.target or (key and stays) else kind.leaves


def _stable(work: Work) -> tuple[Statement, ...]:
    """Statements whose expressions PostgreSQL will print as they stand in the catalog."""
    return tuple(replace(s, sql=stable(s.sql)) for s in work.statements)
