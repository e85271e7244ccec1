"""Proof of a plan: rehearsed on an empty clone of the target, which must then equal the source."""

from __future__ import annotations

from weedgo.staged import catalog as catalogs
from weedgo.staged import rehearsal
from weedgo.staged.db import Connection
from weedgo.staged.model import Finding, ObjectId, Options, Plan, Step
from weedgo.staged.sources import Sides, again, compared


def prove(
    sides: Sides, plan: Plan, target: str, conn: Connection, options: Options, run: str
) -> tuple[Finding, ...]:
    """Rehearse a plan on a clone of the target's schema, without its rows.

    What only rows can refuse (a NULL, a duplicate) is not found so; the steps' guards count that.

    Args:
        sides: what the plan was made from.
        plan: the plan.
        target: URL of the target; the clone is made on its server, or on the one of the options.
        conn: a connection to the target.
        options: those of the plan.
        run: names the scratch database.

    Returns:
        A finding for each step, and one for each object that is not as in the source afterwards.

    Raises:
        StagedError: no scratch database can be made.
    """
    standing = sides.standing or sides.target
    with rehearsal.clone(standing, target, conn, options, run, "proof") as (clone, unlike):
        findings = [_rehearsed(step, clone, options) for step in plan.steps]
        left = compared(again(sides, catalogs.read(clone), options), options)
    excused = unlike | _not_done(plan, options)
    findings += [
        Finding("equal afterwards", str(c.id), holds=False, detail=f"would still need {c.action}")
        for c in left.changes
        if c.id not in excused and c.id.of not in excused
    ]
    return tuple(findings)


def _rehearsed(step: Step, clone: Connection, options: Options) -> Finding:
    check = "step rehearsed"
    if step.refusal or step.stage not in options.stages:
        return Finding(check, step.id, holds=True, detail=step.refusal or "stage not asked for")
    fault = rehearsal.rehearse(step, clone)
    return Finding(check, step.id, holds=fault is None, detail=str(fault or ""))


def _not_done(plan: Plan, options: Options) -> set[ObjectId]:
    """What the plan itself leaves undone."""
    left = {s.id for s in plan.steps if s.refusal or s.stage not in options.stages}
    for step in plan.steps:
        if left.intersection(step.needs):
            left.add(step.id)
    return {c.id for s in plan.steps if s.id in left for c in s.changes}
