"""What comes of comparing, of a step, of a check, and of a whole run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from weedgo.staged.model.objects import Change, Object, ObjectId, Unmodelled
from weedgo.staged.model.steps import Plan, Step


class Status(StrEnum):
    """Where a step stands."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    WAITING = "waiting"
    REFUSED = "refused"
    SKIPPED = "skipped"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a step."""

    step: Step
    status: Status
    attempts: int = 0
    elapsed: float = 0.0
    sqlstate: str = ""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of a verification: what was asked, whether it holds, and why not."""

    check: str
    subject: str
    holds: bool
    detail: str = ""


@dataclass(frozen=True)
class Difference:
    """What two catalogs do not share."""

    changes: tuple[Change, ...]
    equal: int
    kept: tuple[Object, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    unverified: tuple[ObjectId, ...] = ()


@dataclass(frozen=True)
class Tally:
    """How many objects of one kind a run planned and where they ended."""

    planned: int = 0
    done: int = 0
    failed: int = 0
    waiting: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class Parity:
    """What a fresh comparison of both catalogs says after the run."""

    equal: int
    different: tuple[Change, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    unverified: tuple[ObjectId, ...] = ()

    @property
    def percent(self) -> float:
        """Share of the source's objects that the target has alike, 0 to 100."""
        total = self.equal + len(self.different) + len(self.unmodelled)
        return 100.0 if not total else 100.0 * self.equal / total


@dataclass(frozen=True)
class Report:
    """All that is to be told of a run.

    ``status`` is one of equal, incomplete, refused, planned, error; ``counts`` is keyed by the
    kinds' labels (sequences, tables, columns, …), in the order of the stages.
    """

    run: str
    status: str
    source: str
    target: str
    counts: Mapping[str, Tally]
    results: tuple[Result, ...]
    parity: Parity | None
    seconds: float
    plan: Plan | None = None
    message: str = ""
    files: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exit(self) -> int:
        """Exit status of the command: 0 done, 1 something asked for is not done, 2 error."""
        return {"equal": 0, "planned": 0, "incomplete": 1, "refused": 1}.get(self.status, 2)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens during a run, for whoever shows progress.

    ``what`` is one of: phase (a part of the run begins; ``text`` names it), planned (the plan is
    known), step (a step begins), progress (how far the step is), blocked (a lock is waited for;
    ``text`` names the sessions), result (a step ended).
    """

    what: str
    text: str = ""
    plan: Plan | None = None
    step: Step | None = None
    result: Result | None = None
