"""Measuring ours and its peers in turn; medians, ratios, and the document that holds them."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from tests.servers import Server

TIMES = "\u00d7"
# What a server that is not for tests has.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Line:
    """One comparison: a figure of ours beside one of a peer's.

    Args:
        what, peer: what was done, and what else did it.
        ours, theirs: the medians, as they are shown.
        ratio: ours by theirs, or whatever the bar is about, as it is shown.
        bar: what is to be reached.
        holds: whether it is.
    """

    what: str
    peer: str
    ours: str
    theirs: str
    ratio: str
    bar: str = ""
    holds: bool = True


@dataclass(frozen=True)
class Section:
    """What one benchmark found.

    Args:
        name: of the benchmark, as the command takes it.
        title: for the document.
        setting: what was measured, with versions and sizes.
        lines: the comparisons.
        notes: what else is to be known.
    """

    name: str
    title: str
    setting: str
    lines: Sequence[Line]
    notes: Sequence[str] = field(default_factory=tuple)

    def markdown(self) -> str:
        """The section of the document."""
        rows = [
            f"| {x.what} | {x.ours} | {x.peer} | {x.theirs} | {x.ratio} | {x.bar}{_verdict(x)} |"
            for x in self.lines
        ]
        head = "| what | ours | beside it | its figure | ratio | bar |\n|---|---|---|---|---|---|"
        notes = "".join(f"\n\n{note}" for note in self.notes)
        return f"## {self.title}\n\n{self.setting}\n\n{head}\n" + "\n".join(rows) + notes


def _verdict(line: Line) -> str:
    if not line.bar:
        return ""
    return " (holds)" if line.holds else " (missed)"


def in_turn(rounds: int, actions: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Run every action once a round, in another order each time; what each returned.

    A first round, in which caches fill, does not count.
    """
    found: dict[str, list[float]] = {name: [] for name in actions}
    names = list(actions)
    for number in range(rounds + 1):
        for name in names if number % 2 else reversed(names):
            value = actions[name]()
            if number:
                found[name].append(value)
    return found


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def line(
    what: str, peer: str, found: Mapping[str, Sequence[float]], bar: str, limit: float
) -> Line:
    """A comparison of seconds: ours by the peer's, which must not be above the limit."""
    ours, theirs = median(found["ours"]), median(found[peer])
    ratio = ours / theirs
    return Line(
        what, peer, seconds(found["ours"]), seconds(found[peer]), f"{ratio:.2f}{TIMES}",
        bar, ratio <= limit,
    )  # fmt: skip


def seconds(values: Sequence[float]) -> str:
    """A median with the range around it."""
    return f"{median(values):.3f} s ({min(values):.3f}-{max(values):.3f})"


def pg_dump(server: Server, url: str) -> None:
    """Dump the schema of a database to nowhere, with the server's own pg_dump."""
    subprocess.run([str(server.pg_dump), "-s", "-f", "/dev/null", "-d", url], check=True)


def psql(server: Server, url: str, *arguments: str) -> None:
    """Run psql without its start-up files; the first error ends it."""
    subprocess.run(
        [str(server.psql), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-d", url,
         *arguments],
        check=True, capture_output=True,
    )  # fmt: skip


def write(sections: Sequence[Section], command: str) -> None:
    """Put sections into the document; those of other benchmarks stay as they are."""
    text = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    parts = re.findall(r"<!-- (\S+) -->\n(.*?)\n<!-- end -->", text, re.DOTALL)
    standing: dict[str, str] = dict(parts)
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    for section in sections:
        standing[section.name] = f"{section.markdown()}\n\nMeasured {now} by `{command}`; {host()}."
    body = "\n\n".join(f"<!-- {n} -->\n{part}\n<!-- end -->" for n, part in standing.items())
    DOCUMENT.write_text(f"{_HEAD}\n\n{body}\n", encoding="utf-8")


_HEAD = """# Benchmarks

Written by `make bench`, not by hand. Every figure stands beside that of a peer which was measured
in the same run, in turn with ours; medians of the rounds, with the range. Machines differ and are
shared: the ratios count. Our interpreter is started before the clock is."""


def host() -> str:
    """What the figures were measured on."""
    load = " ".join(f"{x:.1f}" for x in os.getloadavg())
    return (
        f"Python {platform.python_version()}, psycopg {version('psycopg')}, "
        f"{os.cpu_count()} cores, load {load} at the end"
    )


def say(text: str) -> None:
    """Tell what is going on."""
    sys.stderr.write(f"{text}\n")
