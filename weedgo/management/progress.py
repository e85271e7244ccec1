"""What a run is doing, while it does it: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from weedgo.staged.model import Event, Plan, Result, Stage, Status, Step
from weedgo.staged.report import words

Listener = Callable[[Event], None]
Clock = Callable[[], float]
# Long enough not to fill a log, short enough to see that it lives.
QUIET = 10.0
BAD = (Status.FAILED, Status.REFUSED)


@dataclass
class Gauge:
    """How far one stage is, in objects."""

    total: int = 0
    steps: int = 0
    ended: int = 0
    done: int = 0
    failed: int = 0
    waiting: int = 0
    seconds: float = 0.0

    @property
    def over(self) -> int:
        """Objects whose step has ended, whatever its end."""
        return self.done + self.failed + self.waiting

    def take(self, result: Result) -> None:
        """Count the end of a step."""
        objects = len(result.step.counted)
        if result.status == Status.SKIPPED:
            self.total -= objects
            self.steps -= 1
            return
        self.ended += 1
        self.seconds += result.elapsed
        if result.status in BAD:
            self.failed += objects
        elif result.status == Status.WAITING:
            self.waiting += objects
        else:
            self.done += objects


@dataclass
class State:
    """What is known of a run at a moment; it prints nothing."""

    now: Clock = time.monotonic
    phase: str = "starting"
    gauges: dict[Stage, Gauge] = field(default_factory=dict)
    running: dict[str, Step] = field(default_factory=dict)
    progress: str = ""
    blocked: str = ""
    last_failure: Result | None = None
    started: float = 0.0
    applying: float = 0.0
    _waiting: Step | None = None

    def __post_init__(self) -> None:
        self.started = self.now()

    def take(self, event: Event) -> None:
        """Learn from an event."""
        if event.what == "phase":
            self.phase, self.blocked = event.text, ""
        elif event.what == "planned" and event.plan is not None:
            self._planned(event.plan)
        elif event.what == "step":
            if event.step:
                self.running[event.step.id] = event.step
            self.progress = ""
            self.applying = self.applying or self.now()
        elif event.what == "progress":
            self.progress = words.line(event.text)
            self._goes_on(event.step)
        elif event.what == "blocked":
            self.blocked = words.redact(words.line(event.text))
            self._waiting = event.step
        elif event.what == "result" and event.result is not None:
            self._ended(event.result)

    def _planned(self, plan: Plan) -> None:
        for stage in Stage:
            steps = plan.stage(stage)
            if steps:
                objects = sum(len(step.counted) for step in steps)
                self.gauges[stage] = Gauge(total=objects, steps=len(steps))

    def _ended(self, result: Result) -> None:
        # A rollback's steps come without a plan before them.
        gauge = self.gauges.setdefault(result.step.stage, Gauge())
        gauge.take(result)
        gauge.total = max(gauge.total, gauge.over)
        self.running.pop(result.step.id, None)
        self.progress = ""
        self._goes_on(result.step)
        if result.status in BAD:
            self.last_failure = result

    def _goes_on(self, step: Step | None) -> None:
        """Whoever was in a step's way is so no more; another step's may still be."""
        others = {id for id in self.running if step is None or id != step.id}
        if self._waiting is None or self._waiting.id not in others:
            self.blocked, self._waiting = "", None

    @property
    def tally(self) -> str:
        """How many objects are over, of how many; empty before the plan is known."""
        total = sum(gauge.total for gauge in self.gauges.values())
        over = sum(gauge.over for gauge in self.gauges.values())
        return f"{over:,} of {words.count(total, 'object')}" if total else ""

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self.now() - self.started

    def left(self) -> float | None:
        """Seconds until all steps have ended, or None before there is anything to judge by.

        A stage's own steps say how long its others take; for stages that have not begun, those
        of all others do.
        """
        ended = sum(gauge.ended for gauge in self.gauges.values())
        if not ended or not self.applying:
            return None
        spent = sum(gauge.seconds for gauge in self.gauges.values())
        mean = spent / ended
        own = sum(
            (gauge.seconds / gauge.ended if gauge.ended else mean)
            * max(gauge.steps - gauge.ended, 0)
            for gauge in self.gauges.values()
        )
        # Between steps time passes too: what really passed, shared out over what steps took.
        # Less than that where steps go on side by side.
        overhead = (self.now() - self.applying) / spent if spent else 1.0
        return own * overhead


class Lines:
    """Progress as plain lines: one when a stage ends, one for every failure and every wait."""

    def __init__(
        self, stream: TextIO, *, every_object: bool = False, now: Clock = time.monotonic
    ) -> None:
        self._stream = stream
        self._every_object = every_object
        self._state = State(now)
        self._told = now()
        self._over: set[Stage] = set()
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Learn from an event and print what is worth a line."""
        with self._lock:
            self._state.take(event)
            if event.what == "phase":
                self._print(event.text)
            elif event.what == "planned":
                self._planned()
            elif event.what == "progress":
                if self._state.now() - self._told >= QUIET:
                    self._print(f"filling {self._state.progress}")
            elif event.what == "blocked":
                self._print(f"blocked: {self._state.blocked}")
            elif event.what == "result" and event.result is not None:
                self._result(event.result)

    def _planned(self) -> None:
        gauges = self._state.gauges
        objects = sum(gauge.total for gauge in gauges.values())
        steps = sum(gauge.steps for gauge in gauges.values())
        if steps:
            stages = words.count(len(gauges), "stage")
            self._print(
                f"{words.count(steps, 'step')} for {words.count(objects, 'object')} in {stages}"
            )
        else:
            self._print("nothing to do")

    def _result(self, result: Result) -> None:
        step = result.step
        if result.status in BAD:
            state = f" [{result.sqlstate}]" if result.sqlstate else ""
            why = words.line(words.redact(result.message))
            subject = f"{words.line(str(step.main.id))}{state}"
            self._print(f"{result.status}: {subject}: {why}".rstrip(": "))
        elif self._every_object:
            self._print(f"{result.status}: {step.main.action} {words.line(str(step.main.id))}")
        gauge = self._state.gauges[step.stage]
        if gauge.steps > 0 and gauge.ended >= gauge.steps and step.stage not in self._over:
            self._over.add(step.stage)
            self._print(f"{words.stage(step.stage)}: {told(gauge)}")
        elif gauge.total and self._state.now() - self._told >= QUIET:
            self._print(f"{words.stage(step.stage)}: {told(gauge)} so far")

    def _print(self, text: str) -> None:
        self._told = self._state.now()
        # A reader that went away (`| head`) must not end a migration.
        with contextlib.suppress(BrokenPipeError):
            self._stream.write(f"[{words.clock(self._state.elapsed):>5}] {text}\n")
            self._stream.flush()


def told(gauge: Gauge) -> str:
    """A stage's figures in words."""
    parts = [f"{gauge.done:,} of {gauge.total:,} done"]
    if gauge.failed:
        parts.append(f"{gauge.failed:,} failed")
    if gauge.waiting:
        parts.append(f"{gauge.waiting:,} waiting")
    return ", ".join(parts)


@contextlib.contextmanager
def show(stream: TextIO, verbosity: int = 1, *, colour: bool = True) -> Iterator[Listener]:
    """Show a run's progress while the context lasts.

    Args:
        stream: a terminal gets a live table, anything else plain lines.
        verbosity: Django's: 0 shows nothing, 2 and more name every object on plain lines.
        colour: whether a terminal gets colours.

    Yields:
        What the run tells its events to.
    """
    if verbosity == 0:
        yield lambda _: None
    elif stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown") and verbosity == 1:
        from weedgo.management import live

        with live.table(stream, colour=colour) as listen:
            yield listen
    else:
        yield Lines(stream, every_object=verbosity > 1)
