"""What would come of steps of which none has run, as far as it can be asked beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

import psycopg

from weedgo.staged import consent, transact
from weedgo.staged.db import Connection
from weedgo.staged.model import Guard, Options, Plan, Result, Status, Step


def foreseen(steps: Iterable[Step], conn: Connection, options: Options) -> tuple[Result, ...]:
    """The result of each step: planned, waiting for leave, or refused with the reason.

    Args:
        steps: of a plan or of a way back.
        conn: to the target, in autocommit; rows are counted there, as they are now.
        options: how long counting may take.
    """
    return tuple(_of(step, conn, options) for step in steps)


def _of(step: Step, conn: Connection, options: Options) -> Result:
    if step.refusal:
        return Result(step, Status.REFUSED, message=step.refusal)
    if step.consent:
        return Result(step, Status.WAITING, message=step.consent, remedy=consent.REMEDY)
    for guard in step.guards:
        if message := _answered(guard, conn, options):
            return Result(step, Status.REFUSED, 0, 0.0, guard.sqlstate, message, guard.remedy)
    return Result(step, Status.PLANNED)


def undoable(plan: Plan, conn: Connection, options: Options) -> Plan:
    """The plan, in which steps say so that the rows of now would not let be undone.

    Args:
        plan: of a migration.
        conn: to the target, in autocommit.
        options: how long counting may take.
    """
    return replace(plan, steps=tuple(_judged(step, conn, options) for step in plan.steps))


def _judged(step: Step, conn: Connection, options: Options) -> Step:
    if step.no_undo or step.refusal:
        return step
    for guard in step.undo_guards:
        if guard.beforehand and (message := _answered(guard, conn, options)):
            return replace(step, no_undo=f"{message}; {guard.remedy}")
    return step


def _answered(guard: Guard, conn: Connection, options: Options) -> str:
    """What a guard objects to; empty for nothing, or where it cannot be asked yet."""
    with suppress(psycopg.Error):  # It may ask of what a step before brings.
        if count := transact.count(conn, options, guard.query):
            return guard.message.replace("{count}", str(count))
    return ""
