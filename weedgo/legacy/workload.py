"""Live traffic beside a migration: what it did, how long it waited, what failed.

    with Workload(url, sessions=8) as load:
        ...  # migrate
    load.summary

The sessions run in a process of their own, so that the migration's own computing does not count as
a pause of the database. That process ends with this one, however this one ends.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from weedgo.legacy.checksums import Ledger


class WorkloadError(RuntimeError):
    """The traffic did not start or did not report; the message is one line."""


@dataclass(frozen=True)
class Failure:
    """A statement that the server refused, or that lost its connection."""

    statement: str
    sqlstate: str
    message: str


@dataclass(frozen=True)
class Statements:
    """What became of one class of statements; times in milliseconds."""

    count: int
    failed: int
    median: float
    p99: float
    longest: float


@dataclass(frozen=True)
class Summary:
    """What the traffic did while it ran.

    Args:
        statements: by class, in order of their names.
        failures: every failed statement.
        seconds: how long the sessions ran.
        ledger: what they committed.
    """

    statements: Mapping[str, Statements]
    failures: tuple[Failure, ...]
    seconds: float
    ledger: Ledger

    @property
    def count(self) -> int:
        """How many statements were sent."""
        return sum(s.count for s in self.statements.values())

    @property
    def longest(self) -> float:
        """The longest that any statement took, in milliseconds."""
        return max((s.longest for s in self.statements.values()), default=0.0)

    @property
    def slowest(self) -> str:
        """The class of the statement that took longest."""
        return max(self.statements, key=lambda name: self.statements[name].longest, default="")


class Workload:
    """Sessions that read and write the busiest tables until told to stop.

    Args:
        url: the database; its password ends up in no argument list.
        sessions: how many connections.
        rate: transactions a second and session.
        prepared: statements are prepared by the server, which fails them once (0A000) where a
            change of a table changes their result.
    """

    def __init__(
        self, url: str, sessions: int = 8, rate: float = 40.0, *, prepared: bool = False
    ) -> None:
        self._order = {"url": url, "sessions": sessions, "rate": rate, "prepared": prepared}
        self._process: subprocess.Popen[str] | None = None
        self._summary: Summary | None = None

    def __enter__(self) -> Self:
        if self._process is None:
            self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.stop()
        else:
            self.abandon()

    def start(self) -> None:
        """Start the sessions; return when each of them has committed.

        Raises:
            WorkloadError: a session cannot work.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", "weedgo.legacy.sessions"],
            cwd=Path(__file__).parent.parent.parent,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._tell(json.dumps(self._order))
        answer = self._answer()
        if answer != {"ready": True}:
            self.abandon()
            raise WorkloadError(f"the workload does not start: {answer.get('error', answer)}")

    def stop(self) -> Summary:
        """End the sessions after their current transactions and return what they did.

        Raises:
            WorkloadError: the sessions' process is gone.
        """
        if self._summary is None:
            self._tell("stop")
            report = self._answer()
            if "statements" not in report:
                self.abandon()
                raise WorkloadError(f"the workload did not report: {report.get('error', report)}")
            self._summary = _summary(report)
            self.abandon()
        return self._summary

    def abandon(self) -> None:
        """End the sessions at once and forget what they did."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    @property
    def summary(self) -> Summary:
        """What the sessions did; they are stopped if they still run."""
        return self.stop()

    def _tell(self, line: str) -> None:
        try:
            pipe = self._pipe("stdin")
            pipe.write(line + "\n")
            pipe.flush()
        except BrokenPipeError:
            self.abandon()
            raise WorkloadError("the workload's process is gone") from None

    def _answer(self) -> dict[str, Any]:
        line = self._pipe("stdout").readline()
        answer: dict[str, Any] = json.loads(line or '{"error": "its process is gone"}')
        return answer

    def _pipe(self, name: str) -> IO[str]:
        if self._process is None:
            raise WorkloadError("the workload does not run")
        pipe: IO[str] = getattr(self._process, name)
        return pipe


def _summary(report: dict[str, Any]) -> Summary:
    failures = tuple(Failure(*failure) for failure in report["failures"])
    failed = [failure.statement for failure in failures]
    statements = {
        name: _statements(times, failed.count(name))
        for name, times in sorted(report["statements"].items())
    }
    ledger = Ledger(
        rows={t: _by_key(rows) for t, rows in report["rows"].items()},
        inserted={t: set(keys) for t, keys in report["inserted"].items()},
        deleted={t: set(keys) for t, keys in report["deleted"].items()},
        uncertain={t: _by_key(keys) for t, keys in report["uncertain"].items()},
    )
    return Summary(statements, failures, report["seconds"], ledger)


def _by_key(rows: dict[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in rows.items()}


def _statements(times: list[float], failed: int) -> Statements:
    """Figures of one class; a failed statement's time counts like any other's."""
    times = sorted(times)
    if not times:
        return Statements(0, failed, 0.0, 0.0, 0.0)
    median, p99 = (times[math.ceil(share * len(times)) - 1] for share in (0.5, 0.99))
    return Statements(len(times), failed, median, p99, times[-1])
