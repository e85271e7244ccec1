"""What one step costs: its phases, its attempts, its time, who was in the way, and its result."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import psycopg

from weedgo.staged import transact
from weedgo.staged.db import one_line
from weedgo.staged.model import Guard, Options, Result, Statement, Status, Step
from weedgo.staged.watch import Blocker

# A lock not had in time, a deadlock, a serialization failure, an object in use.
RETRIED = ("55P03", "40P01", "40001", "55006")
# What the next run gets over, going on where this one stopped.
PASSING = (*RETRIED, "57014", "57P01", "57P02", "57P03", "53100", "53200", "53300")
LONGEST_PAUSE = 5.0
# Two who change the same row of a system catalog; PostgreSQL has no SQLSTATE of its own for it.
_CONCURRENT = ("tuple concurrently updated", "tuple concurrently deleted")

Phase = Sequence[Statement]


class RefusedError(Exception):
    """A guard counted rows."""

    def __init__(self, guard: Guard, count: int) -> None:
        super().__init__(guard.message.replace("{count}", str(count)))
        self.remedy = guard.remedy
        self.sqlstate = guard.sqlstate


@dataclass
class Effort:
    """What one step has cost so far: attempts, time, and who was in the way."""

    step: Step
    options: Options
    began: float = field(default_factory=time.monotonic)
    attempts: int = 1
    losses: int = 0
    waited: float = 0.0
    phases: int = 0
    redone: bool = False
    blockers: tuple[Blocker, ...] = ()
    overdue: bool = False
    recorded: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the user wants it to end."""

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.began

    def again(self, spent: float) -> bool:
        """Whether to try once more after an attempt that waited in vain; pauses if so.

        Raises:
            KeyboardInterrupt: the user wants it to end.
        """
        self.waited += spent
        left = self.options.wait_timeout - self.waited
        if self.attempts > self.options.retries or left <= 0:
            return False
        pause = min(0.05 * 2 ** min(self.attempts, 10), LONGEST_PAUSE)
        # Not a secret: so that two who are in each other's way do not meet again.
        pause = min(left, pause * random.uniform(0.5, 1.0))  # noqa: S311
        if self.stop.wait(pause):
            raise KeyboardInterrupt
        self.waited += pause
        self.attempts += 1
        return True

    def result(
        self, status: Status, sqlstate: str = "", message: str = "", remedy: str = ""
    ) -> Result:
        """The step's result as of now."""
        step, spent = self.step, self.elapsed
        return Result(step, status, self.attempts, spent, sqlstate, message, remedy)


def phases_of(step: Step) -> list[list[Statement]]:
    """Statements that share a transaction, or stand alone, in order."""

    def key(pair: tuple[int, Statement]) -> tuple[int, int]:
        number, s = pair
        return s.phase, -1 if s.transactional else number

    return [[s for _, s in group] for _, group in groupby(enumerate(step.statements), key)]


def passes(error: psycopg.Error) -> bool:
    """Whether what failed is likely to succeed when it is tried again."""
    return error.sqlstate in RETRIED or (error.diag.message_primary or "") in _CONCURRENT


def message(error: psycopg.Error) -> str:
    """What PostgreSQL says of an error, with its hint."""
    text = error.diag.message_primary or one_line(error)
    hint = error.diag.message_hint
    return f"{text} ({hint})" if hint else text


def in_the_way(effort: Effort, error: psycopg.Error) -> str:
    """A failure for want of locks, with who held them."""
    tables = [t.path for t in transact.wanted(effort.step.statements)]
    where = ", ".join(tables) or effort.step.main.id.path
    what = message(error)
    if effort.overdue:
        what = "cancelled because it waited too long"
    elif error.sqlstate == "55P03" and error.diag.message_primary:
        what = "its lock was not to be had"
    text = f"{where}: {what} ({effort.attempts} attempts in {effort.elapsed:.0f} s)"
    return text + "".join(f"; in the way: {b}" for b in effort.blockers)
