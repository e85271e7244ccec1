"""What a migration would do, and the proof of it; the target is not written to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from weedgo.staged import backfill, consent, db, figures, hints, report, scratch, sources
from weedgo.staged.db import Connection
from weedgo.staged.foresee import foreseen, undoable
from weedgo.staged.journal import Journal
from weedgo.staged.keeping import tried
from weedgo.staged.model import (
    Difference,
    Event,
    Finding,
    Options,
    Plan,
    Report,
)
from weedgo.staged.prove import prove
from weedgo.staged.sizes import of_tables
from weedgo.staged.sources import Source
from weedgo.staged.watch import Listen


@dataclass
class Forecast:
    """One plan, from the reading of both catalogs to the report."""

    source: Source
    target: str
    options: Options
    run: str
    conn: Connection
    listen: Listen
    proof: bool | None
    started: float = field(default_factory=time.monotonic)

    def go(self, output: Path | None) -> Report:
        """Plan, prove and report; see `weedgo.staged.plan`."""
        self.listen(Event("phase", "reading both catalogs"))
        sides = sources.both(self.source, self.target, self.conn, self.options, self.run)
        difference = sources.compared(sides, self.options)
        backfill.check(self.conn, self.options, sides.source, difference)
        self.options = backfill.resumed(self.options, Journal(self.conn).unfinished())
        sizes = of_tables(self.conn)
        planned = sources.planned(sides, difference, self.options, sizes)
        planned = tried(planned, sides, self.target, self.conn, self.options, self.run)
        planned = undoable(planned, self.conn, self.options)
        self.listen(Event("planned", plan=planned))
        findings = self._findings(sides, planned)
        facts = {
            "sizes": sizes,
            "estimated_seconds": consent.estimate(planned, sizes),
            "rename_hints": hints.renames(difference, sides.source, sides.target),
        }
        found = replace(self._report(planned, difference, findings), facts=facts)
        if output is None:
            return found
        files = report.write(
            found, output, options=self.options, difference=difference, findings=findings or ()
        )
        return replace(found, files=files)

    def _findings(self, sides: sources.Sides, planned: Plan) -> tuple[Finding, ...] | None:
        """What the proof finds; None where there is none."""
        wanted = self.proof
        if wanted is None:
            wanted = bool(self.options.scratch_url) or scratch.possible(self.conn)
        if not wanted:
            return None
        self.listen(Event("phase", "proving the plan on an empty clone of the target"))
        if not planned.steps:
            return ()
        return prove(sides, planned, self.target, self.conn, self.options, self.run)

    def _report(
        self, planned: Plan, difference: Difference, findings: tuple[Finding, ...] | None
    ) -> Report:
        results = foreseen(planned.steps, self.conn, self.options)
        return Report(
            run=self.run,
            status="incomplete" if any(not f.holds for f in findings or ()) else "planned",
            message=_proved(findings) + _waiting(planned),
            source=figures.shown(self.source),
            target=db.redact(self.target),
            counts=figures.tallies(results),
            results=results,
            parity=figures.parity(difference),
            seconds=time.monotonic() - self.started,
            plan=planned,
        )


def _proved(findings: Sequence[Finding] | None) -> str:
    """What is to be said of the proof."""
    if findings is None:
        return "not proved: no scratch database is wanted or possible (--prove, --scratch-url)"
    failed = [f for f in findings if not f.holds]
    if not failed:
        return "proved on an empty clone of the target: it ends equal to the source"
    first = failed[0]
    more = " (all are in VALIDATION_REPORT.md)" if len(failed) > 1 else ""
    points = f"{len(failed)} point{'s' if len(failed) > 1 else ''}{more}"
    return f"the proof fails in {points}, first: {first.subject}: {first.detail}"


def _waiting(plan: Plan) -> str:
    """How many steps the proof rehearsed that will not be done without leave."""
    number = sum(bool(s.consent) for s in plan.steps)
    if not number:
        return ""
    return f"; {number} {'step waits' if number == 1 else 'steps wait'} for --allow-rewrite"
