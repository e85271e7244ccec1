"""What only the target has, and keeps, tried against a plan before it is carried out.

A view, a check or a function that is made again around a change may not stand what it reads by
then. No catalog says so, but PostgreSQL does, on an empty clone of the target: such steps are
refused by the plan.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from weedgo.staged import catalog as catalogs
from weedgo.staged import rehearsal, scratch
from weedgo.staged.db import Connection
from weedgo.staged.graph import closure
from weedgo.staged.kinds.base import attachment
from weedgo.staged.kinds.overloads import ROUTINES
from weedgo.staged.kinds.staying import REMEDY
from weedgo.staged.model import (
    Catalog,
    Change,
    DropMode,
    Object,
    ObjectId,
    Options,
    Plan,
    StagedError,
    Step,
)
from weedgo.staged.rehearsal import Fault
from weedgo.staged.sources import Sides

# What a clone says of roles may not be so of the target.
_OF_ROLES = ("42501", "0LP01", "28")


# Facts about others that compute something, and what changes without those that read it.
_FACTS = ("default", "publication_table", "partition")
_HOLDERS = ("schema", "table", "foreign_table")


def tried(
    plan: Plan, sides: Sides, target: str, conn: Connection, options: Options, run: str
) -> Plan:
    """The plan, in which steps are refused that what only the target has does not stand.

    Where nothing of that is made again, or no scratch database is possible, nothing is tried.

    Args:
        plan: the plan.
        sides: what it was made from.
        target, conn: the target.
        options: those of the plan.
        run: names the scratch database.
    """
    if options.drop is not DropMode.KEEP or not (_touched(plan, sides) or _rivals(plan, sides)):
        return plan
    if not (options.scratch_url or scratch.possible(conn)):
        return plan
    refusals: Mapping[str, str] = {}
    with suppress(StagedError):
        refusals = _refusals(plan, sides, target, conn, options, run)
    steps = (replace(s, refusal=refusals[s.id], undo=()) if s.id in refusals else s
             for s in plan.steps)  # fmt: skip
    return replace(plan, steps=tuple(steps))


def _refusals(
    plan: Plan, sides: Sides, target: str, conn: Connection, options: Options, run: str
) -> Mapping[str, str]:
    """Why steps are refused, by their ids."""
    standing = sides.standing or sides.target
    whole = replace(options, schemas=(), excludes=())
    found: dict[str, str] = {}
    left: set[str] = set()
    with rehearsal.clone(standing, target, conn, whole, run, "trial") as (clone, lacking):
        for step in plan.steps:
            if step.refusal or left.intersection(step.needs):
                left.add(step.id)
                continue
            fault = rehearsal.rehearse(step, clone)
            if fault is None:
                continue
            left.add(step.id)
            if why := _blamed(fault, step, plan, sides, lacking):
                found[step.id] = why
        rivals = _rivals(plan, sides)
        if rivals:
            made = [s for s in plan.steps if s.id not in left]
            found |= _otherwise(made, rivals, sides, catalogs.read(clone))
    return found


def _touched(plan: Plan, sides: Sides) -> bool:
    """Whether anything that only the target has is made again, or reads what changes."""
    kept = frozenset(plan.kept)
    return any(_readers(step, kept, sides) for step in plan.steps)


def _readers(step: Step, kept: frozenset[ObjectId], sides: Sides) -> list[ObjectId]:
    """What is kept and made again by a step, or reads what the step changes."""
    changed = (c.id for c in step.changes if c.before and _matters(c))
    found = kept.intersection(step.rebuilt).union(
        *(kept & sides.target.dependents.get(id, frozenset()) for id in changed)
    )
    found |= kept.intersection(_row_columns(step, sides)) if kept else frozenset()
    found |= kept.intersection(_kin(step, sides))
    return sorted(id for id in found if not id.target or id.kind in _FACTS)


def _row_columns(step: Step, sides: Sides) -> Iterable[ObjectId]:
    """The columns of tables whose rows are written in what a step makes."""
    for id in _made(step):
        for table in sides.source.needed(id):
            if table.kind == "table" and table.name not in (id.parent, id.name):
                columns = sides.target.members.get(("column", table.schema, table.name), ())
                yield from (c.id for c in columns)


def _kin(step: Step, sides: Sides) -> Iterable[ObjectId]:
    """The other partitions of tables that get one, and the columns that heirs' columns are of."""
    for change in step.changes:
        id, after = change.id, change.after
        if id.kind == "partition" and after:
            whole = ObjectId("table", *after["of"])
            yield from (attachment(heir) for heir in sides.target.families.get(whole, ()))
        if id.kind == "column" and after:
            table = sides.target.get(ObjectId("table", id.schema, id.parent))
            for schema, parent in (table.get("ancestors") or ()) if table else ():
                yield id._replace(schema=schema, parent=parent)


def _matters(change: Change) -> bool:
    """Whether what reads an object could notice that it changes."""
    if change.id.target or change.id.kind in _HOLDERS:
        return False
    retyped = {"type", "collation", "generated", "expression"} & set(change.attributes)
    return change.id.kind != "column" or change.after is None or bool(retyped)


def _blamed(
    fault: Fault, step: Step, plan: Plan, sides: Sides, lacking: Collection[ObjectId]
) -> str:
    """Why a step is refused; empty where what only the target has is not to blame."""
    kept = _readers(step, frozenset(plan.kept), sides)
    if not kept or str(fault.error.sqlstate).startswith(_OF_ROLES):
        return ""
    used = closure([*step.rebuilt, *(c.id for c in step.changes)], sides.target.needed)
    if not used.isdisjoint(lacking):
        return ""  # It may stand where nothing is lacking.
    text = fault.statement.sql
    named = [id for id in kept if _says(text, id)] or kept
    those = ", ".join(map(str, named[:3]))
    return (
        f"{those}, which only the target has, would not stand the change: {fault.brief}; {REMEDY}"
    )


def _says(text: str, id: ObjectId) -> bool:
    return bool(re.search(rf'[ ."]{re.escape(id.name.partition("(")[0])}[ ".(]', text))


# -- calls that what only the target has would take


def _rivals(plan: Plan, sides: Sides) -> Mapping[ObjectId, ObjectId]:
    """Routines that only the target has, by those of the source that leave them their calls.

    Calls are printed with casts, so that others than those of any type find just what they mean.
    """
    kept: dict[tuple[str, str], list[ObjectId]] = {}
    for id in plan.kept:
        if id.kind in ROUTINES:
            kept.setdefault(_named(sides.target.get(id)), []).append(id)
    if not kept:
        return {}
    routines = (o for o in sides.source if o.id.kind in ROUTINES and _of_any_type(o))
    found = {o.id: other for o in routines for other in kept.get(_named(o), ())}
    called = {n for step in plan.steps for id in _made(step) for n in sides.source.needed(id)}
    return {id: other for id, other in found.items() if id in called}


def _named(routine: Object | None) -> tuple[str, str]:
    assert routine is not None
    return routine.id.schema, str(routine.get("proname") or routine.id.name.partition("(")[0])


def _of_any_type(routine: Object) -> bool:
    return bool(re.search(r"\bany[a-z]*|\bVARIADIC\b", str(routine.get("arguments"))))


def _made(step: Step) -> Iterable[ObjectId]:
    return {*(c.id for c in step.changes if c.after), *step.rebuilt}


def _otherwise(
    steps: Iterable[Step], rivals: Mapping[ObjectId, ObjectId], sides: Sides, there: Catalog
) -> Mapping[str, str]:
    """Steps whose objects would call what only the target has in the place of the source's."""
    found = {}
    for step in steps:
        for id in sorted(_made(step)):
            meant = sides.source.needed(id) & rivals.keys() - there.needed(id)
            taken = {rivals[n] for n in meant} & there.needed(id)
            for rival in sorted(taken):
                why = f"{id} would call {rival}, which only the target has"
                found[step.id] = f"{why}, in the place of {min(meant)}; {REMEDY}"
    return found
