"""What traffic notices of a migration: failed statements and the longest pause."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks.applying import Seed, seed
from tests.benchmarks.measure import Line, Section, psql, say
from weedgo.legacy.workload import Summary, Workload
from weedgo.staged import migrate, plan
from weedgo.staged.model import Options, Plan

SESSIONS = 8
RATE = 40.0
OPTIONS = Options()
# A second of traffic before and after whatever is done to the database.
ROOM = 1.0


def standard(rounds: int) -> Section:
    """The demo's traffic: without a migration, with ours, with everything in one transaction."""
    say("pause: loading the seed's databases")
    with seed() as found, tempfile.TemporaryDirectory() as folder:
        planned = plan(found.legacy, found.current, proof=False)
        assert planned.plan is not None
        naive = Path(folder) / "naive.sql"
        naive.write_text(in_one(planned.plan), encoding="utf-8")
        broken: list[str] = []
        ways: dict[str, Callable[[str], object]] = {
            "none": lambda _: time.sleep(3.0),
            "ours": lambda url: migrate(found.legacy, url, OPTIONS, backup=False),
            "naive": lambda url: _naive(found, url, naive, broken),
        }
        summaries: dict[str, list[Summary]] = {name: [] for name in ways}
        for number in range(rounds):
            say(f"pause: round {number + 1} of {rounds}")
            for name, way in ways.items():
                summaries[name].append(_under_traffic(found, way))
    return _section(summaries, rounds, broken)


def _naive(found: Seed, url: str, script: Path, broken: list[str]) -> None:
    """All in one transaction; if the server refuses (a deadlock, say), its word is noted."""
    try:
        psql(found.target, url, "-1", "-f", str(script))
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode().strip().splitlines() or [str(error.returncode)]
        broken.append(said[0].split("ERROR:")[-1].strip())


def in_one(planned: Plan) -> str:
    """All statements of a plan for one transaction, in which nothing can be done concurrently."""
    statements = (s.sql.replace(" CONCURRENTLY", "") for p in planned.steps for s in p.statements)
    return "SET check_function_bodies = off;\n" + ";\n".join(statements) + ";\n"


def _under_traffic(found: Seed, way: Callable[[str], object]) -> Summary:
    with found.copy() as target:
        load = Workload(target, SESSIONS, RATE)
        load.start()
        with load:
            time.sleep(ROOM)
            way(target)
            time.sleep(ROOM)
        return load.summary


def _section(
    summaries: Mapping[str, Sequence[Summary]], rounds: int, broken: Sequence[str]
) -> Section:
    limit = 1000 * OPTIONS.lock_timeout + 100
    failed = {name: sum(len(s.failures) for s in found) for name, found in summaries.items()}
    longest = {name: [s.longest for s in found] for name, found in summaries.items()}
    sent = sum(s.count for s in summaries["ours"])
    pick: Callable[[str], Sequence[str]] = partial(_shown, longest)
    lines = []
    for peer, name in (("none", "no migration"), ("naive", "psql, all in one transaction")):
        ours, theirs, ratio = pick(peer)
        lines.append(
            Line("longest pause of a statement", name, ours, theirs, ratio,
                 f"≤ {limit:.0f} ms each time", max(longest["ours"]) <= limit)
        )  # fmt: skip
        lines.append(
            Line("failed statements", name, str(failed["ours"]), str(failed[peer]), "", "0",
                 not failed["ours"])
        )  # fmt: skip
    setting = (
        f"The demo's traffic ({SESSIONS} sessions of {RATE:.0f} transactions a second, in a "
        f"process of its own) on the seed's current database while it is migrated, {rounds} times; "
        f"{sent:,} statements beside ours. A pause is the time of a statement or a commit."
    )
    notes = (
        [f"In one transaction it was rolled back {len(broken)} times: {broken[0]}."]
        if broken
        else []
    )
    return Section("pause", "Pause under load", setting, lines, notes)


def _shown(longest: Mapping[str, Sequence[float]], peer: str) -> tuple[str, str, str]:
    ours, theirs = longest["ours"], longest[peer]
    ratio = median(ours) / median(theirs)
    return _milliseconds(ours), _milliseconds(theirs), f"{ratio:.2f}\u00d7"


def _milliseconds(values: Sequence[float]) -> str:
    return f"{median(values):.0f} ms (at most {max(values):.0f})"
