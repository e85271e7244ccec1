"""What `--drop retire` keeps: which objects are retired, and under which names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from weedgo.staged.db import Connection
from weedgo.staged.graph import closure
from weedgo.staged.grouping import root_of
from weedgo.staged.kinds import KINDS
from weedgo.staged.kinds.base import Context
from weedgo.staged.kinds.clauses import table_of
from weedgo.staged.kinds.retirement import HOLDERS, LENGTH, PREFIX, WORDS
from weedgo.staged.model import Action, Catalog, Change, DropMode, ObjectId

_ON_INDEX = ("p", "u", "x")


def known(conn: Connection, catalog: Catalog) -> Catalog:
    """The catalog with the names that retired objects have taken already."""
    rows = conn.execute(_KNOWN).fetchall()
    return replace(catalog, retired=frozenset(str(row[0]) for row in rows))


_KNOWN = r"""
SELECT c.relname::text FROM pg_catalog.pg_class c
 WHERE c.relnamespace = pg_catalog.to_regnamespace('retired')
UNION SELECT t.typname::text FROM pg_catalog.pg_type t
 WHERE t.typnamespace = pg_catalog.to_regnamespace('retired')
UNION SELECT p.proname::text FROM pg_catalog.pg_proc p
 WHERE p.pronamespace = pg_catalog.to_regnamespace('retired')
UNION SELECT format('%s.%s.%s', n.nspname, c.relname, a.attname) FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE a.attname LIKE 'weedgo\_retired\_%'
"""


def prepared(ctx: Context) -> Context:
    """The context with what is to be retired marked and named, where the options say so."""
    if ctx.options.drop is not DropMode.RETIRE:
        return ctx
    roots = {id: root_of(id, ctx.changes, ctx) for id in ctx.changes}
    aside = {id for id, root in roots.items() if id == root and _holds(ctx.changes[id])}
    aside |= {id for id, root in roots.items() if _copied(id, root, ctx)}
    going = {id for id, root in roots.items() if root in aside or id in aside}
    needed = closure(going, ctx.before.needed) - aside
    aside |= {i for i in needed if i.kind in WORDS and roots.get(i) == i and _leaves(i, ctx)}
    marked = {i: replace(c, aside=True) if i in aside else c for i, c in ctx.changes.items()}
    ctx = replace(ctx, changes=marked)
    # Statistics move nowhere with their table: they are dropped.
    others = (i for i in ctx.changes if i not in aside and i.kind != "statistics")
    others = (i for i in others if not _loses(i, ctx))
    followers = {i for i in others if root_of(i, marked, ctx) in aside}
    marked |= {i: replace(marked[i], aside=True) for i in followers}
    ctx = replace(ctx, changes=marked)
    return replace(ctx, retired=_named(sorted(aside), followers, ctx))


_CALLING = ("constraint", "default", "index", "policy", "rule", "trigger")


def _loses(id: ObjectId, ctx: Context) -> bool:
    """Whether a part of a table calls a function of which the one that stands goes for another."""
    called = (ctx.changes.get(n) for n in ctx.before.needed(id) if n.kind == "function")
    return id.kind in _CALLING and any(
        c.before and c.after and KINDS["function"].alter(c.before, c.after, ctx).replace
        for c in called
        if c is not None
    )


def _copied(id: ObjectId, root: ObjectId, ctx: Context) -> bool:
    """Whether a column goes as its table is made anew, which takes its values over."""
    stays = root in ctx.before and root in ctx.after
    return id.kind == "column" and stays and root == table_of(id) and _holds(ctx.changes[id])


def _holds(change: Change) -> bool:
    """Whether an object that goes holds what its definition would not bring back."""
    before = change.before
    if change.action is not Action.DROP or change.id.kind not in HOLDERS or before is None:
        return False
    return change.id.kind != "column" or not before["generated"]


def _leaves(id: ObjectId, ctx: Context) -> bool:
    return ctx.changes[id].action is Action.DROP


def held(gone: Iterable[ObjectId], ctx: Context) -> str:
    """Why something cannot go: what is retired needs it, and it cannot be retired itself.

    Args:
        gone: what goes in one step.
        ctx: of the run.
    """
    for id in sorted(gone):
        moved = id.target or id.kind == "schema" or ctx.changes[id].aside
        if ctx.options.drop is not DropMode.RETIRE or moved:
            continue
        users = (d for d in sorted(ctx.dependents(id)) if not _without(d, id, ctx))
        kept = next((d for d in users if d in ctx.changes and ctx.changes[d].aside), None)
        if kept is not None:
            why = f"{id} cannot go: {kept}, which is retired, needs it"
            return f"{why}; keep it in the source, or let both go with --drop drop"
    return ""


def _without(user: ObjectId, id: ObjectId, ctx: Context) -> bool:
    """Whether what is retired does without something: as a part of it, it is one no more."""
    obj = ctx.before.get(user)
    above = obj.get("above") if obj is not None else None
    if user.target or user.kind in _REPLACED:
        return True
    return above is not None and ObjectId(*above) == id


# What goes from what is retired, where it has to, and comes back with that.
_REPLACED = ("default", "statistics")

Names = tuple[tuple[ObjectId, str], ...]


def _named(
    aside: Iterable[ObjectId], followers: Iterable[ObjectId], ctx: Context
) -> Mapping[ObjectId, Names]:
    """For each retired object its new name and those of its parts that cannot keep theirs."""
    taken = set(ctx.before.retired)
    parts: dict[ObjectId, list[ObjectId]] = {}
    for id in sorted(followers):
        if _is_relation(id, ctx):
            parts.setdefault(root_of(id, ctx.changes, ctx), []).append(id)
    found: dict[ObjectId, Names] = {}
    for id in aside:
        if id.kind == "column":
            found[id] = ((id, _column_name(id, taken)),)
            continue
        own = [*parts.get(id, ()), *_identities(id, ctx)]
        found[id] = tuple((part, _free(part, taken, ctx)) for part in (id, *own))
    return found


def _is_relation(id: ObjectId, ctx: Context) -> bool:
    obj = ctx.before.get(id)
    key = id.kind == "constraint" and obj is not None and obj["type"] in _ON_INDEX
    return key or id.kind in ("index", "sequence")


def _identities(table: ObjectId, ctx: Context) -> list[ObjectId]:
    """The sequences of a table's identity columns."""
    columns = ctx.of("column", table, before=True) if table.kind == "table" else []
    return [ObjectId("sequence", *c["identity_sequence"][:2]) for c in columns if c["identity"]]


def _free(id: ObjectId, taken: set[str], ctx: Context) -> str:
    """A name that nothing has in the object's schema or among the retired: its own if it can be."""
    obj = ctx.before.get(id)
    own = str(obj.get("proname") or id.name) if obj else id.name
    name, number = own, 1
    while name in taken or (name != own and _stands(id, name, ctx)):
        number += 1
        name = f"{_cut(own, LENGTH - 1 - len(str(number)))}_{number}"
    taken.add(name)
    return id.name if name == own else name


def _stands(id: ObjectId, name: str, ctx: Context) -> bool:
    kinds = (*WORDS, "index", "view", "materialized_view", "foreign_table")
    return any(ObjectId(kind, id.schema, name) in ctx.before for kind in kinds)


def _column_name(id: ObjectId, taken: set[str]) -> str:
    table, number = f"{id.schema}.{id.parent}.", 1
    name = PREFIX + _cut(id.name, LENGTH - len(PREFIX))
    while table + name in taken:
        number += 1
        end = f"_{number}"
        name = PREFIX + _cut(id.name, LENGTH - len(PREFIX) - len(end)) + end
    taken.add(table + name)
    return name


def _cut(name: str, length: int) -> str:
    return name.encode()[:length].decode(errors="ignore")
