"""What a run's progress looks like, on a terminal and elsewhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tests.unit.staged import built
from weedgo.management import live, progress
from weedgo.management.progress import Lines, State, show
from weedgo.staged.model import Event, Result, Stage, Status

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class Terminal(io.StringIO):
    """Text that takes itself for a terminal."""

    encoding: Any = "utf-8"

    def isatty(self) -> bool:
        return True


def run_of(results: Iterable[Result]) -> Iterator[Event]:
    """The events of a run with these results."""
    yield Event("phase", "reading both catalogs")
    yield Event("planned", plan=built.PLAN)
    yield Event("phase", "applying")
    for result in results:
        yield Event("step", step=result.step)
        yield Event("result", result=result)
    yield Event("phase", "verifying")


def lines_of(events: Iterable[Event], *, every_object: bool = False) -> list[str]:
    """What plain lines say of events, without the times."""
    stream = io.StringIO()
    listen = Lines(stream, every_object=every_object, now=Clock())
    for event in events:
        listen(event)
    assert CONTROL.search(stream.getvalue()) is None
    return [line.split("] ", 1)[1] for line in stream.getvalue().splitlines()]


def picture(state: State, width: int = 80, **more: Any) -> str:
    """The live table as it would stand on a terminal of that width."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, **more)
    with console.capture() as capture:
        console.print(live.LiveTable(state))
    return capture.get()


def state_after(events: Iterable[Event], clock: Clock | None = None) -> State:
    """What is known after events."""
    state = State(clock or Clock())
    for event in events:
        state.take(event)
    return state


def test_plain_lines_tell_phases_stages_and_failures() -> None:
    lines = lines_of(run_of(built.RESULTS))
    assert lines == [
        "reading both catalogs",
        "8 steps for 8 objects in 6 stages",
        "applying",
        "stage 1, sequences: 1 of 1 done",
        "refused: table public.modern: PostgreSQL 15 has no virtual columns",
        "stage 2, tables: 0 of 1 done, 1 failed",
        "stage 3, columns: 2 of 2 done",
        "stage 5, functions: 1 of 1 done",
        "stage 7, indexes: 1 of 1 done",
        "failed: constraint public.orders.orders_total_check [23514]: check constraint "
        '"orders_total_check" of relation "orders" is violated by some row',
        "stage 8, constraints: 0 of 2 done, 1 failed, 1 waiting",
        "verifying",
    ]


def test_plain_lines_name_every_object_when_asked() -> None:
    lines = lines_of(run_of(built.RESULTS[2:3]), every_object=True)
    assert "done: create column public.orders.note" in lines


def test_plain_lines_show_life_in_a_long_stage() -> None:
    clock, stream = Clock(), io.StringIO()
    listen = Lines(stream, now=clock)
    listen(Event("planned", plan=built.PLAN))
    clock.time += progress.QUIET
    listen(Event("result", result=built.RESULTS[2]))
    assert stream.getvalue().splitlines()[-1] == "[ 0:10] stage 3, columns: 1 of 2 done so far"


def test_who_blocks_is_named_without_control_codes_or_passwords() -> None:
    text = "pid 7 (\x1b[31mpsql\r\n postgresql://u:pw@h/d)"
    lines = lines_of([Event("blocked", text)])
    assert lines == ["blocked: pid 7 ( [31mpsql postgresql://u@h/d)"]


def test_nothing_to_do_is_said() -> None:
    assert lines_of([Event("planned", plan=built.EMPTY.plan)]) == ["nothing to do"]


def test_a_rollback_counts_without_a_plan() -> None:
    undone = replace(built.RESULTS[0], status=Status.UNDONE)
    state = state_after([Event("step", step=undone.step), Event("result", result=undone)])
    assert state.gauges[Stage.SEQUENCES].done == 1
    assert state.gauges[Stage.SEQUENCES].total == 1


def test_the_time_left_follows_what_was_taken() -> None:
    clock = Clock()
    state = state_after([Event("planned", plan=built.PLAN)], clock)
    assert state.left() is None
    state.take(Event("step", step=built.COLUMN))
    clock.time += 4
    state.take(Event("result", result=replace(built.RESULTS[2], elapsed=4.0)))
    # Seven steps are left, and by all that is known each takes four seconds.
    assert state.left() == pytest.approx(28)


def test_the_time_left_is_none_at_the_end() -> None:
    assert state_after(run_of(built.RESULTS)).left() == 0


def test_the_table_shows_stages_current_object_and_who_blocks() -> None:
    state = state_after(
        [
            *list(run_of(built.RESULTS))[:-1],
            Event("step", step=built.INDEX),
            Event("blocked", "pid 4711 (app, idle in transaction for 3 min)"),
        ]
    )
    text = picture(state, no_color=True)
    for part in ("7  indexes", "1/1", "1 failed", "1 waiting", "applying"):
        assert part in text
    assert "now     create index public.orders_note_idx" in text
    assert "blocked pid 4711 (app, idle in transaction for 3 min)" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_table_keeps_to_its_width(width: int) -> None:
    state = state_after(run_of(built.RESULTS))
    state.blocked = "someone " * 60
    text = picture(state, width, no_color=True, color_system=None)
    assert max(len(line) for line in text.splitlines()) <= width


def test_a_terminal_gets_the_table_and_keeps_its_last_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    with show(stream) as listen:
        for event in run_of(built.RESULTS):
            listen(event)
    last = stream.getvalue().rsplit("\x1b[2K", 1)[-1]
    assert "constraints" in last
    assert "verifying" not in last


@pytest.mark.parametrize(("verbosity", "term"), [(1, "dumb"), (2, "xterm")])
def test_plain_lines_where_a_table_would_not_do(
    verbosity: int, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    stream = Terminal()
    with show(stream, verbosity) as listen:
        listen(Event("phase", "applying"))
    assert stream.getvalue() == "[ 0:00] applying\n"


def test_silence_on_request() -> None:
    stream = Terminal()
    with show(stream, 0) as listen:
        listen(Event("phase", "applying"))
    assert stream.getvalue() == ""


def test_all_steps_in_progress_are_named_until_they_end() -> None:
    steps = [replace(built.PLAN.steps[0], id=f"step {n}") for n in range(6)]
    state = state_after([
        Event("planned", plan=built.PLAN),
        *(Event("step", step=s) for s in steps),
        Event("blocked", "waits for pid 1", step=steps[1]),
    ])  # fmt: skip
    assert "and 2 more" in picture(state, no_color=True)
    assert "blocked waits for pid 1" in picture(state, no_color=True)
    # The end of another step does not mean that this one goes on.
    state.take(Event("result", result=Result(steps[0], Status.DONE)))
    assert "and 1 more" in picture(state, no_color=True)
    assert "blocked waits for pid 1" in picture(state, no_color=True)
    state.take(Event("result", result=Result(steps[1], Status.DONE)))
    assert "blocked" not in picture(state, no_color=True)
