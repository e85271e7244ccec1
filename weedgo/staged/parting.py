"""In which order what goes in one transaction goes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from weedgo.staged.graph import closure
from weedgo.staged.kinds import ORDER, inheritance
from weedgo.staged.kinds.base import Context, attachment
from weedgo.staged.model import ObjectId
from weedgo.staged.owners import RELATIONS, owners_of

KEYS = ("constraint", "index")
_TYPES = ("enum", "domain", "composite_type", "range_type", "collation")


def needed(leaving: set[ObjectId], ctx: Context) -> Callable[[ObjectId], Iterable[ObjectId]]:
    """What each object that goes needs, and the functions of what goes with it."""
    more: dict[ObjectId, set[ObjectId]] = {}
    for id in leaving:
        if id.kind == "partition":
            _detached(id, leaving, more, ctx)
        if id.kind == "constraint":
            for above in inheritance.checks_above(id, ctx.before) & leaving:
                more.setdefault(above, set()).add(id)
        for owner in owners_of(id, ctx):
            if owner in leaving:
                kinds = ("function", *(RELATIONS if id.kind == "column" else ()))
                called = {n for n in ctx.before.needed(id) if n.kind in kinds and n != owner}
                # One that needs the table itself goes after what calls it, but before the table.
                called -= {n for n in called if owner in closure([n], ctx.before.needed)}
                more.setdefault(owner, set()).update(called)
    return lambda leaves: ctx.before.needed(leaves) | more.get(leaves, set())


def _detached(
    id: ObjectId, leaving: set[ObjectId], more: dict[ObjectId, set[ObjectId]], ctx: Context
) -> None:
    """What goes after a partition is detached, and what before."""
    # Columns: of its whole, and of its own if it returns.
    tables = (id.of, ObjectId("table", *ctx.before.objects[id]["of"]))
    columns = {c.id for t in tables for c in ctx.of("column", t, before=True)}
    more.setdefault(id, set()).update(columns)
    own = [o for kind in KEYS for o in ctx.of(kind, id.of, before=True) if o.get("above")]
    if id not in ctx.after:
        # What it has of the whole table's is its own once it is detached.
        more[id].update(o.id for o in own)
        return
    for part in own:
        line = [ObjectId(*above) for above in part.get("line") or ()]
        for whole in line:
            # With which its part goes, as long as it is one.
            more.setdefault(whole, set()).add(id)
        if not leaving.intersection(line):
            more[id].add(part.id)


def detached(id: ObjectId, of: ObjectId, ctx: Context) -> bool:
    """Whether something is a partition's, which is detached before its whole changes.

    Args:
        id: the object.
        of: what of the whole it depends on.
        ctx: of the changes.
    """
    table = _table(id, ctx)
    if (back := ctx.rejoining(table)) and back.after:
        return _table(of, ctx) == ObjectId("table", *back.after["of"])
    link = ctx.changes.get(attachment(table))
    if link is None or link.before is None or link.after is not None or table not in ctx.after:
        return False
    return _table(of, ctx) == ObjectId("table", *link.before["of"])


def ordered(
    ids: Iterable[ObjectId],
    needs: Callable[[ObjectId], Iterable[ObjectId]],
    *,
    reverse: bool = False,
) -> list[ObjectId]:
    """Topological order, stable: what is needed first (last, in reverse)."""
    inside = sorted(ids, key=lambda i: (ORDER[i.kind], i))
    members = set(inside)
    done: list[ObjectId] = []
    seen: set[ObjectId] = set()

    def visit(id: ObjectId) -> None:
        if id in seen:
            return
        seen.add(id)
        for need in sorted(needs(id), key=lambda i: (ORDER[i.kind], i)):
            if need in members:
                visit(need)
        done.append(id)

    for id in inside:
        visit(id)
    return done[::-1] if reverse else done


def _table(id: ObjectId, ctx: Context) -> ObjectId:
    obj = ctx.before.get(id)
    relation = id.parent or (obj.relation if obj else "") or id.name
    return ObjectId("table", id.schema, relation)


def left_behind(
    gone: Collection[ObjectId], made: Collection[ObjectId], ctx: Context
) -> set[ObjectId]:
    """Types and collations that go once all that is made anew or altered has left them.

    Args:
        gone, made: in the step.
    """
    names = {(id.schema, id.name) for id in made if id.kind in _TYPES}
    found: set[ObjectId] = set()
    for id in gone:
        change = ctx.changes.get(id)
        aside = change is not None and change.aside
        if id.kind not in _TYPES or (id.schema, id.name) in names or aside:
            continue
        if any(d in made and d.kind in ("column", *_TYPES) for d in ctx.dependents(id)):
            found.add(id)
    return found
