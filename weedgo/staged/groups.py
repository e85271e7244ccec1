"""What must be replaced together: one transaction that puts back all that it took away.

A change of one object can need others out of its way: a column's type under a view, a function's
result under a default. The group of a change is the closure of those others; it is taken away in
the order of dependence, the change is made, and everything is put back as the source has it (or,
where only the target has it, as it was).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from weedgo.staged import parting
from weedgo.staged.graph import closure
from weedgo.staged.kinds import (
    KINDS,
    exchange,
    expressions,
    families,
    keys,
    moves,
    overloads,
    partitions,
    retirement,
    staying,
)
from weedgo.staged.kinds.base import Context, attachment
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.kinds.types import CarriedKind
from weedgo.staged.model import Action, Change, Object, ObjectId, Statement, Work
from weedgo.staged.owners import RELATIONS, owners_of

_KEYS = parting.KEYS
_READERS = (*_KEYS, "statistics")


@dataclass
class Group:
    """Changes that make one step, and the objects that are taken away and put back for them."""

    changes: dict[ObjectId, Change]
    works: dict[ObjectId, Work]
    rebuilt: set[ObjectId] = field(default_factory=set)

    @property
    def made(self) -> set[ObjectId]:
        """What stands differently or anew after it."""
        changed = {id for id, c in self.changes.items() if c.action is not Action.DROP}
        return changed | {id for id in self.rebuilt if id not in self.changes}

    @property
    def gone(self) -> set[ObjectId]:
        """What does not stand any more after it."""
        return {id for id, c in self.changes.items() if c.action is Action.DROP}

    def absorb(self, other: Group) -> None:
        """Take another group's changes in."""
        self.changes.update(other.changes)
        self.works.update(other.works)
        self.rebuilt |= other.rebuilt


def work_of(change: Change, ctx: Context) -> Work:
    """What the change's kind answers."""
    kind = KINDS[change.id.kind]
    if change.before is None and change.after is not None:
        return kind.create(change.after, ctx)
    if change.after is None and change.before is not None:
        go = retirement.away if change.aside else kind.drop
        return go(change.before, ctx)
    assert change.before is not None
    assert change.after is not None
    if change.action is Action.REPLACE:
        return Work(replace=True)
    return kind.alter(change.before, change.after, ctx)


def _aside(id: ObjectId, ctx: Context) -> bool:
    change = ctx.changes.get(id)
    return change is not None and change.aside


def absorbed(change: Change, ctx: Context) -> ObjectId | None:
    """The object whose own change brings this one about, if there is one."""
    moved = moves.carrier(change, ctx.moves, ctx.before, ctx.after)
    return moved or KINDS[change.id.kind].absorbed(change, ctx)


def in_the_way(change: Change, work: Work, ctx: Context) -> set[ObjectId]:
    """What has to be taken away for a change."""

    def hanging(id: ObjectId) -> Iterable[ObjectId]:
        found = KINDS[id.kind].hanging(id, ctx)
        return (d for d in found if not parting.detached(d, id, ctx))

    if work.replace:
        return closure({*work.rebuild, *hanging(change.id)}, hanging) - {change.id}
    start = work.rebuild
    if change.action is Action.DROP:
        start = start | _bound(change.id, ctx)
    return closure(start, hanging) - {change.id}


def _bound(id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """What holds on to an object that goes, though nothing else about it changes.

    A foreign key stays the same while the key that it goes by is exchanged for another.
    """
    obj = ctx.before.get(id)
    above = obj.get("above") if obj else None
    if above and ObjectId(*above) in ctx.after:
        return frozenset()  # a partition's own: what holds on to the whole holds on to it
    found = frozenset(
        d
        for d in ctx.dependents(id)
        if (d in ctx.after or (_refers(d, ctx) and staying.kept(d, ctx)))
        and not d.target
        and (d not in ctx.changes or (d.kind == "constraint" and id.kind in _KEYS))
        and not _moves_on(d, ctx)
        # What stays the same leaves a collation with what it has that from.
        and (id.kind != "collation" or id in ctx.after.needed(d))
    )
    found |= _outlasting(id, ctx)
    return found | keys.perhaps_bound(obj, ctx) if obj and ctx.backward else found


def _moves_on(id: ObjectId, ctx: Context) -> bool:
    """Whether a partition, or its part of an index or key, leaves its whole as it is."""
    obj = ctx.before.get(id)
    table = id.name if id.kind == "table" else id.parent or (obj.get("table") if obj else None)
    link = (ctx.whole or ctx.changes).get(attachment(ObjectId("table", id.schema, table or "")))
    if link is None or id.kind not in ("table", *_KEYS):
        return False
    # On the way back the whole one may have gone with all its parts.
    gone = link.before is not None and link.after is None and not ctx.backward
    apart = partitions.leaves(link) or (gone and not families.grows(_whole(link), ctx))
    return id.kind == "table" or (apart and bool(obj and obj.get("above")))


def _whole(link: Change) -> ObjectId:
    return partitions.parent(link.before or link.after)  # type: ignore[arg-type]


def _outlasting(id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
    """Views over a relation that goes for one of another kind under its name."""
    others = (ObjectId(kind, id.schema, id.name) for kind in RELATIONS if kind != id.kind)
    if id.kind not in RELATIONS or not any(other in ctx.after for other in others):
        return frozenset()
    parts = (id, *(column.id for column in ctx.of("column", id, before=True)))
    found = (d for part in parts for d in ctx.dependents(part))
    return frozenset(d for d in found if d.kind in ("view", "materialized_view") and d in ctx.after)


def statements(group: Group, ctx: Context, between: Work | None = None) -> Work:
    """The group's statements: those that take away, those that change, those that put back.

    Args:
        group: of changes.
        ctx: of all of them.
        between: what else is done when all has been taken away.
    """
    if len(group.works) == 1 and not group.rebuilt and _follow(group, ctx) and between is None:
        ((id, work),) = group.works.items()
        return work if not work.replace else _replaced(group.changes[id], work, ctx)
    turned = _turned(group, ctx.grouped())
    removed = group.rebuilt | {id for id, w in group.works.items() if w.replace} | turned
    removed = {id for id in removed if _standing(id, ctx) and not _comes(id, group)}
    ctx = ctx.grouped(removed - group.gone, group.changes)
    last = parting.left_behind(group.gone, group.made, ctx)
    done = _late(_taken_away(last, group, ctx))
    done = done.then(_taken_away((removed | group.gone) - last, group, ctx))
    done = done.then(between or Work())
    retired = _retired(group, ctx)
    held = any(
        isinstance(KINDS[id.kind], CarriedKind) for id, w in group.works.items() if w.replace
    )
    done = done if held else done.then(retired)
    order = parting.ordered(group.made, lambda i: _needed(i, removed, ctx) | _asked(i, group))
    for id in order:
        done = done.then(_construct(id, group, removed, ctx))
        if id in turned:
            done = done.then(_facts(id, group, ctx))
    for work in group.works.values():
        if work.replace:
            done = done.then(Work(guards=work.guards, hazards=work.hazards, no_undo=work.no_undo))
    # Where types are replaced it may hold values of theirs until they have been.
    done = done.then(retired) if held else done
    return replace(
        done,
        statements=_in_order(done.statements),
        refusal=done.refusal
        or staying.unfounded(group.rebuilt, ctx)
        or _loss(group.rebuilt - group.gone, ctx),
    )


def _retired(group: Group, ctx: Context) -> Work:
    """All that is retired, which gives up its names."""
    done, retired = Work(), [id for id in group.works if _aside(id, ctx)]
    for id in parting.ordered(retired, ctx.before.needed, reverse=True):
        done = done.then(work_of(group.changes[id], ctx))
    return done


def _late(done: Work) -> Work:
    """What goes when all else has been done, also what was set aside for a moment has gone."""
    return replace(done, statements=tuple(replace(s, late=True) for s in done.statements))


def _taken_away(leaving: set[ObjectId], group: Group, ctx: Context) -> Work:
    """All that goes, for good or to be made anew."""
    done = Work()
    order = parting.ordered(leaving, parting.needed(leaving, ctx), reverse=True)
    if ctx.backward:
        # By which key one goes that was made anew is not known: before them all.
        order.sort(key=lambda gone: not _refers(gone, ctx))
    for id in order:
        if _aside(id, ctx):
            continue  # It does not go with the others.
        if not _implied(id, leaving, ctx) and not _absorbed(id, group, ctx):
            obj = _standing(id, ctx)
            assert obj is not None
            done = done.then(KINDS[id.kind].drop(obj, ctx))
    return done


def _asked(id: ObjectId, group: Group) -> frozenset[ObjectId]:
    """What stands before a table is attached, or its key or index is, by its own work's needs."""
    needs = group.works[id].needs if id in group.works else frozenset()
    if id.kind == "partition":
        return frozenset(n for n in needs if n.kind != id.kind)
    kinds = {"column": ("column",), **dict.fromkeys(_KEYS, (*_KEYS, "partition"))}
    return frozenset(n for n in needs if n.kind in kinds.get(id.kind, ()))


def _needed(id: ObjectId, removed: Collection[ObjectId], ctx: Context) -> frozenset[ObjectId]:
    """What an object and what it brings with it need."""
    own = ctx.after.needed(id) or ctx.before.needed(id)
    inline = KINDS[id.kind].inline(id, ctx) if id in removed else ()
    called = exchange.called(id, ctx) if id in removed else frozenset()
    called |= expressions.after_rows(id, ctx) if id in removed else frozenset()
    called |= staying.succeeding(id, ctx) | overloads.followed(id, ctx)
    called |= casting(id, own, ctx)
    return own.union(called, *(ctx.after.needed(i) for i in inline)) - {id}


def casting(id: ObjectId, needs: Collection[ObjectId], ctx: Context) -> frozenset[ObjectId]:
    """The casts by which an object calls functions: without them its text means something else."""
    called = (ctx.after.dependents.get(n, ()) for n in needs if n.kind == "function")
    casts = (c for some in called for c in some if c.kind == "cast")
    return frozenset(c for c in casts if c != id and id not in ctx.after.needed(c))


def _refers(id: ObjectId, ctx: Context) -> bool:
    obj = _standing(id, ctx)
    return id.kind == "constraint" and obj is not None and obj["type"] == "f"


def _follow(group: Group, ctx: Context) -> bool:
    """Whether whatever else is in the group comes about by its one change."""
    others = (c for id, c in group.changes.items() if id not in group.works)
    return all(c.action is Action.DROP or absorbed(c, ctx) for c in others)


def _comes(id: ObjectId, group: Group) -> bool:
    change = group.changes.get(id)
    return change is not None and change.action is Action.CREATE


def _in_order(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """By phase; what is late comes last, and what was made first then goes last."""
    early = [s for s in statements if not s.late]
    late = [s for s in reversed(statements) if s.late]
    found = sorted((*early, *late), key=lambda s: s.phase)
    # What is made ready beforehand has phases below zero.
    first = min((s.phase for s in found), default=0)
    return tuple(replace(s, phase=s.phase - min(first, 0)) for s in found)


def _loss(taken: Iterable[ObjectId], ctx: Context) -> str:
    """Why a group is not carried out: it would take away what holds rows or values."""
    for id in sorted(taken):
        obj = ctx.before.get(id)
        if obj is None or id.kind not in ("table", "sequence", "column"):
            continue
        if KINDS[id.kind].keeps(obj, ctx):
            continue
        if id.kind == "column" and (obj["generated"] or not _holds(id, ctx)):
            continue
        return (
            f"{id} would have to be dropped and made again, and lose what it holds; "
            "name what is the same with --rename, or move its values by hand first"
        )
    return ""


def _holds(column: ObjectId, ctx: Context) -> bool:
    return ObjectId("table", column.schema, column.parent) in ctx.before


def _replaced(change: Change, work: Work, ctx: Context) -> Work:
    kind = KINDS[change.id.kind]
    assert change.before is not None
    assert change.after is not None
    ctx = ctx.grouped({change.id})
    done = kind.drop(change.before, ctx).then(kind.create(change.after, ctx))
    done = done.then(Work(guards=work.guards, hazards=work.hazards, no_undo=work.no_undo))
    return replace(done, statements=_in_order(done.statements))


def _construct(id: ObjectId, group: Group, removed: set[ObjectId], ctx: Context) -> Work:
    kind = KINDS[id.kind]
    change = group.changes.get(id)
    if id in removed or (change and change.action is Action.CREATE):
        wanted = ctx.after.get(id) or ctx.before.get(id)
        if wanted is not None and _left_of_a_whole(wanted, ctx):
            return Work()
        if wanted is None or (id not in removed and absorbed(change, ctx)):  # type: ignore[arg-type]
            return Work()
        return kind.create(wanted, ctx)
    if change is None or change.before is None or change.after is None:
        return Work()
    return work_of(change, ctx)


def _left_of_a_whole(part: Object, ctx: Context) -> bool:
    """Whether it is a kept partition's part of what is another whole by now, which covers it."""
    above = ObjectId(*part.get("above") or ("", "", ""))
    return above in ctx.changes and staying.kept(part.id, ctx)


def _turned(group: Group, ctx: Context) -> set[ObjectId]:
    """What could be altered by itself, online, but is replaced inside one transaction."""
    altered = (c for i, c in group.changes.items() if i in group.works and c.before and c.after)
    online = (c for c in altered if not group.works[c.id].replace)
    return {c.id for c in online if work_of(c, ctx).replace}


def _facts(id: ObjectId, group: Group, ctx: Context) -> Work:
    """What is known of an object that was made anew, and does not change otherwise."""
    done = Work()
    for fact in sorted(KINDS[id.kind].hanging(id, ctx)):
        if fact.target and fact not in group.made and (wanted := ctx.after.get(fact)):
            done = done.then(KINDS[fact.kind].create(wanted, ctx))
    return done


def _standing(id: ObjectId, ctx: Context) -> Object | None:
    """The object as it stands; one that only the target has stands on the way back too."""
    return ctx.before.get(id) or ctx.after.get(id)


def _implied(id: ObjectId, leaving: set[ObjectId], ctx: Context) -> bool:
    """Whether the object goes by itself with what it belongs to."""
    owners = [owner for owner in owners_of(id, ctx) if owner in leaving]
    if _holds_on(id, owners, leaving, ctx) or _leads_to(id, owners, leaving, ctx):
        return False
    if (obj := _standing(id, ctx)) is not None and exchange.holding(obj, ctx):
        return False
    return bool(owners) and not (_outlives(id, leaving, ctx) and _set_aside(owners, ctx))


def _holds_on(
    id: ObjectId, owners: Collection[ObjectId], leaving: set[ObjectId], ctx: Context
) -> bool:
    """Whether a part of a table needs a view or function that needs the table: it goes first."""
    if id.kind not in ("policy", "rule", "trigger", "default", *_READERS):
        return False
    kinds = (*RELATIONS, "function")
    needs = [n for n in ctx.before.needed(id) if n in leaving and n.kind in kinds]
    if id.kind in ("policy", "rule"):
        columns = (n for n in ctx.before.needed(id) if n.kind == "column")
        tables = {*needs, *(t for c in columns if (t := table_of(c)) in leaving)}
        if tables - set(owners):
            return True  # Either table may go before the other.
    return any(
        owner in closure([need], ctx.before.needed)
        for need in needs if need not in owners
        for owner in owners
    )  # fmt: skip


def _leads_to(
    id: ObjectId, owners: Collection[ObjectId], leaving: set[ObjectId], ctx: Context
) -> bool:
    """Whether a foreign key leads to what leaves another table, which may go before its columns."""
    if not _refers(id, ctx) or any(owner.kind != "column" for owner in owners):
        return False
    others = ctx.before.needed(id) & leaving
    return any((n.schema, n.parent) != (id.schema, id.parent) for n in others if n.parent)


def _outlives(id: ObjectId, leaving: set[ObjectId], ctx: Context) -> bool:
    """Whether it would hold on to a function that goes, as long as its old table stands."""
    calling = id.kind in ("trigger", "rule", "policy", "default", *_READERS)
    functions = (n for n in ctx.before.needed(id) if n.kind == "function" and n in leaving)
    return calling and not all(_aside(n, ctx) for n in functions)


def _set_aside(owners: Iterable[ObjectId], ctx: Context) -> bool:
    """Whether a table stays under way: the old one until its rows are copied, or a retired one."""
    tables = (table_of(o) if o.kind == "column" else o for o in owners)
    return any(exchange.remade(table, ctx) or _aside(table, ctx) for table in tables)


def _absorbed(id: ObjectId, group: Group, ctx: Context) -> bool:
    """Whether the object goes by another change of its group."""
    change = group.changes.get(id)
    if change is None or id in group.works or (id in group.rebuilt and id.kind in _KEYS):
        return False
    return absorbed(change, ctx) is not None


__all__ = [
    "Group",
    "Statement",
    "absorbed",
    "in_the_way",
    "statements",
    "work_of",
]
