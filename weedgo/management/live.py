"""The live table of a run's stages, on a terminal; the only module that needs rich."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from weedgo.management.progress import Gauge, Listener, State
from weedgo.staged.report import words

PER_SECOND = 8
LABEL = 7
# Steps side by side that are named.
MOST = 4


class LiveTable:
    """A picture of the state, drawn anew each time that rich asks for it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._spinner = Spinner("line")
        self.over = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The whole of it: heading, stages, and what is going on."""
        parts: list[RenderableType] = []
        if not self.over:
            parts.append(self._heading(options.max_width))
        if self._state.gauges:
            parts += [Text(), self._stages(), Text()]
        if not self.over:
            parts += self._now(options.max_width)
        yield Group(*parts)

    def _heading(self, width: int) -> RenderableType:
        state = self._state
        left = state.left()
        times = words.clock(state.elapsed)
        if left:
            times = f"{times}, about {words.clock(max(left, 1))} left"
        grid = Table.grid(expand=True, padding=(0, 1))
        grid.add_column(width=1)
        grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        grid.add_column(justify="right", no_wrap=True)
        title = Text(words.short(state.phase, width), style="bold")
        if state.tally:
            title.append(f", {state.tally}", style="not bold")
        grid.add_row(self._spinner, title, Text(times, style="dim"))
        return grid

    def _stages(self) -> RenderableType:
        troubled = any(g.failed or g.waiting for g in self._state.gauges.values())
        table = Table.grid(expand=True, padding=(0, 2, 0, 0))
        table.add_column(justify="right", width=2)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1)
        # As wide as it will be, so that the bars keep their length.
        most = max(gauge.total for gauge in self._state.gauges.values())
        table.add_column(justify="right", no_wrap=True, min_width=2 * len(f"{most:,}") + 1)
        if troubled:
            table.add_column(justify="right", no_wrap=True)
            table.add_column(justify="right", no_wrap=True)
        for stage, gauge in sorted(self._state.gauges.items()):
            if not gauge.total:
                continue
            row: list[RenderableType] = [
                Text(str(stage.value)),
                Text(stage.name.lower()),
                _bar(gauge),
                _figures(gauge),
            ]
            if troubled:
                row += [
                    _flag(gauge.failed, "failed", "red"),
                    _flag(gauge.waiting, "waiting", "yellow"),
                ]
            table.add_row(*row)
        return table

    def _now(self, width: int) -> list[RenderableType]:
        state = self._state
        room = max(width - LABEL - 1, 20)
        lines: list[RenderableType] = []
        running = list(state.running.values())
        for number, step in enumerate(running[:MOST]):
            label = "" if number else "now"
            lines += _lines(label, f"{step.main.action} {step.main.id}", room, "cyan")
        if len(running) > MOST:
            lines += _lines("", f"and {len(running) - MOST} more", room, "cyan")
        if state.progress:
            lines += _lines("filling", state.progress, room, "cyan")
        if state.blocked:
            lines += _lines("blocked", state.blocked, room, "yellow")
        if state.last_failure is not None:
            failed = state.last_failure
            subject = f"{failed.step.main.id}: {words.redact(failed.message)}"
            lines += _lines("failed", subject, room, "red")
        return lines


def _bar(gauge: Gauge) -> ProgressBar:
    bad = gauge.failed or gauge.waiting
    finished = "red" if gauge.failed else "yellow" if bad else "green"
    return ProgressBar(
        total=max(gauge.total, 1),
        completed=gauge.over,
        complete_style="red" if gauge.failed else "cyan",
        finished_style=finished,
    )


def _figures(gauge: Gauge) -> Text:
    complete = gauge.total and gauge.done == gauge.total
    return Text(f"{gauge.done:,}/{gauge.total:,}", style="green" if complete else "")


def _flag(number: int, what: str, style: str) -> Text:
    return Text(f"{number:,} {what}" if number else "", style=style)


def _lines(label: str, text: str, room: int, style: str) -> list[RenderableType]:
    """A label and its text, which may take a second line and is cut after that."""
    rows = textwrap.wrap(words.short(text, 2 * room - 10), room, max_lines=2, placeholder="…")
    heads = [label, *[""] * len(rows)]
    return [
        Text.assemble((head.ljust(LABEL + 1), style), row)
        for head, row in zip(heads, rows, strict=False)
    ]


@contextmanager
def table(stream: TextIO, *, colour: bool = True) -> Iterator[Listener]:
    """Show the live table on a terminal while the context lasts, and leave its last state there.

    Yields:
        What the run tells its events to.
    """
    console = Console(file=stream, no_color=not colour or None, highlight=False)
    state = State()
    picture = LiveTable(state)
    with Live(
        picture,
        console=console,
        refresh_per_second=PER_SECOND,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        try:
            yield state.take
        finally:
            picture.over = True
