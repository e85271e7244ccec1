"""Applying the seed's migration, beside psql that runs the same stage files."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import TIMES, Line, Section, in_turn, line, psql, say, seconds, timed
from tests.servers import Server, server
from weedgo.legacy.demo import FILES
from weedgo.staged import db, migrate, plan
from weedgo.staged.model import Event, Options


@dataclass(frozen=True)
class Seed:
    """The seed's two databases.

    Args:
        legacy: URL of the schema that is wanted.
        current: URL of the database to be migrated, which stays as it is.
        target: its server.
    """

    legacy: str
    current: str
    target: Server

    @contextlib.contextmanager
    def copy(self) -> Iterator[str]:
        """A copy of the current database."""
        url = self.target.create_database("bench", db.parameters(self.current)["dbname"])
        try:
            yield url
        finally:
            self.target.drop_database(url)


@contextlib.contextmanager
def seed() -> Iterator[Seed]:
    """The seed's databases on the embedded servers, as the demo has them."""
    servers = {"legacy": server("16"), "current": server("18")}
    urls = {name: where.create_database("bench") for name, where in servers.items()}
    try:
        for name, files in FILES.items():
            for file in files:
                psql(servers[name], urls[name], "-f", str(file))
        yield Seed(urls["legacy"], urls["current"], servers["current"])
    finally:
        for name, url in urls.items():
            servers[name].drop_database(url)


class Phases:
    """Listens to a migration and knows how long each part of it took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._name = ""
        self._began = 0.0

    def __call__(self, event: Event) -> None:
        if event.what == "phase":
            self.end()
            self._name, self._began = event.text, time.perf_counter()

    def end(self) -> None:
        """The last part is over."""
        if self._name:
            spent = time.perf_counter() - self._began
            self.seconds[self._name] = self.seconds.get(self._name, 0.0) + spent
        self._name = ""


def standard(rounds: int) -> Section:
    """The whole seed migration."""
    say("apply: loading the seed's databases")
    with seed() as found, tempfile.TemporaryDirectory() as folder:
        planned = plan(found.legacy, found.current, proof=False, output=Path(folder))
        assert planned.plan is not None
        steps = len(planned.plan.steps)
        statements = sum(len(s.statements) for s in planned.plan.steps)
        whole: list[float] = []
        say(f"apply: {steps} steps")
        measured = in_turn(rounds, {
            "ours": partial(_ours, found, whole),
            "psql": partial(_psql, found, Path(folder) / "run_all.sql"),
        })  # fmt: skip
    psql_s = "psql with the same stage files"
    peer = {"ours": measured["ours"], psql_s: measured["psql"]}
    lines = [
        line("apply, with the journal", psql_s, peer, f"≤ 1.5{TIMES}", 1.5),
        Line("the whole migration: read, compare, plan, apply, verify", "", seconds(whole[1:]), "",
             "", "seconds", max(whole) < 60),
    ]  # fmt: skip
    setting = (
        f"The seed's legacy schema (PostgreSQL {server('16').version}) into its current database "
        f"(PostgreSQL {server('18').version}) with all its rows: {steps} steps, {statements} "
        "statements, many of them one by one outside transactions."
    )
    return Section("apply", "Applying the seed migration", setting, lines)


def _ours(found: Seed, whole: list[float]) -> float:
    """Seconds that the engine applies."""
    phases = Phases()
    with found.copy() as target:
        run: Callable[[], object] = partial(
            migrate, found.legacy, target, Options(), backup=False, listen=phases
        )
        whole.append(timed(run))
    return phases.seconds["applying"]


def _psql(found: Seed, script: Path) -> float:
    """Seconds that psql takes for the same statements."""
    with found.copy() as target:
        return timed(partial(psql, found.target, target, "-f", str(script)))
