"""What would come of steps of which none has run, as far as it can be asked beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import psycopg

from weedgo.staged import consent, transact
from weedgo.staged.db import Connection
from weedgo.staged.model import Options, Result, Status, Step


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
        with suppress(psycopg.Error):  # It may ask of what a step before brings.
            if count := transact.count(conn, options, guard.query):
                message = guard.message.replace("{count}", str(count))
                return Result(step, Status.REFUSED, 0, 0.0, guard.sqlstate, message, guard.remedy)
    return Result(step, Status.PLANNED)
