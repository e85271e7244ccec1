"""One migration, from the reading of both catalogs to the report."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from weedgo.staged import apply as applying
from weedgo.staged import backfill, db, figures, leftovers, report, sources, stats
from weedgo.staged.backup import back_up
from weedgo.staged.foresee import undoable
from weedgo.staged.journal import UNFINISHED, Journal, StepRecord, new_run_id
from weedgo.staged.keeping import tried
from weedgo.staged.lease import Target
from weedgo.staged.model import (
    Difference,
    Event,
    Options,
    Plan,
    Report,
    Result,
    StagedError,
    Status,
)
from weedgo.staged.sizes import of_tables
from weedgo.staged.sources import Source
from weedgo.staged.watch import Listen

# A change of one object can bring another about that no catalog announces; what a fresh
# comparison then still finds is planned again, but not for ever.
_ROUNDS = 3


@dataclass
class Migration:
    """One migration, from the reading to the report."""

    source: Source
    target: str
    options: Options
    output: Path | None
    with_backup: bool
    expected: Path | None
    listen: Listen
    held: Target
    run: str
    started: float = field(default_factory=time.monotonic)
    results: list[Result] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    saved: Path | None = None

    def go(self) -> Report:
        """Do it all; see `weedgo.staged.migrate`."""
        db.check_writable(self.held.control)
        journal = Journal(self.held.control)
        leftovers.remove(self.held, journal, self.options)
        first, planned = self._planned(journal)
        self.listen(Event("planned", plan=planned))
        self._reconcile(journal, first)
        self._sweep(journal, planned)
        try:
            whole, after = self._rounds(journal, first, planned)
            return self._report(journal, whole, first, after)
        except BaseException:
            self._interrupted(journal)
            raise

    def _interrupted(self, journal: Journal) -> None:
        """Close the run's record; what ended the run is more worth telling than that it fails."""
        if not journal.run:
            return
        with suppress(StagedError, psycopg.Error):
            if self.held.control.info.transaction_status is not TransactionStatus.IDLE:
                # It was cut off in the middle of a reading.
                self.held.control.close()
                self.held.reconnect(self.held.member)
            journal.conn = self.held.control
            journal.finish("interrupted")

    def _planned(self, journal: Journal) -> tuple[Difference, Plan]:
        """What differs, and what is to be done about it."""
        sides, first = self._compare("reading both catalogs")
        backfill.check(self.held.control, self.options, sides.source, first)
        self.options = backfill.resumed(self.options, journal.unfinished())
        self.facts["sizes"] = of_tables(self.held.control)
        planned = self._plan(sides, first)
        if self.expected is not None:
            report.check_plan(planned, self.expected)
        return first, planned

    def _plan(self, sides: sources.Sides, difference: Difference) -> Plan:
        """The plan, in which steps say so that cannot be done, or undone."""
        found = sources.planned(sides, difference, self.options, self.facts["sizes"])
        conn = self.held.control
        found = tried(found, sides, self.target, conn, self.options, self.run)
        return undoable(found, conn, self.options)

    def _rounds(
        self, journal: Journal, first: Difference, planned: Plan
    ) -> tuple[Plan, Difference]:
        """Apply, and plan again what a fresh comparison finds; all steps, and what is left."""
        whole, after = planned, first
        for number in range(_ROUNDS if planned.steps else 0):
            if not number:
                self._keep(first, planned)
            self._apply(journal, planned)
            sides, after = self._verified(journal)
            if not after.changes or not self._clean():
                break
            planned = self._plan(sides, after)
            if {s.id for s in planned.steps} <= {r.step.id for r in self.results}:
                break
            whole = replace(whole, steps=whole.steps + planned.steps)
        return whole, after

    def _compare(self, phase: str) -> tuple[sources.Sides, Difference]:
        self.listen(Event("phase", phase))
        sides = sources.both(self.source, self.target, self.held.control, self.options, self.run)
        return sides, sources.compared(sides, self.options)

    def _verified(self, journal: Journal) -> tuple[sources.Sides, Difference]:
        """Compare afresh after the steps, also if the server fails just then."""
        phase = "verifying: reading both catalogs again"
        try:
            return self._compare(phase)
        except (StagedError, psycopg.Error):
            if self.held.alive:
                raise
            self.held.reconnect(self.held.member)
            journal.conn = self.held.control
            return self._compare(phase)

    def _sweep(self, journal: Journal, planned: Plan) -> None:
        """Take away what dead runs left behind and this one has no use for."""
        if journal.exists():
            kept = [s for step in planned.steps for s in step.statements]
            leftovers.sweep(self.held.worker, self.options, kept)
            if not any(s.fill for s in kept):
                journal.forget_fills()

    def _reconcile(self, journal: Journal, difference: Difference) -> None:
        """Steps that a killed run left open are done if nothing of them is left to do."""
        if not journal.exists():
            return
        open_ids = {c.id for c in difference.changes}

        def stands(record: StepRecord) -> bool:
            return record.object not in open_ids

        journal.reconcile(stands)
        everything = not (self.options.schemas or self.options.excludes)
        last = journal.last()
        if not difference.changes and everything and last and last.status in UNFINISHED:
            # Nothing is left of what it was to do, so no later run carries it on.
            journal.finish("equal", last.id)

    def _keep(self, difference: Difference, planned: Plan) -> None:
        """What must be on disk before the first change: the backup, and what is to be done."""
        if self.output is None:
            return
        if self.with_backup:
            self.listen(Event("phase", "backing the schema up"))
            self.saved = back_up(self.target, self.held.control, self.output, self.options)
        draft = replace(self._draft(planned, difference), status="planned")
        report.write(
            draft, self.output, options=self.options, difference=difference, backup=self.saved
        )

    def _apply(self, journal: Journal, planned: Plan) -> None:
        journal.ensure()
        continues = journal.continued(self.options.follows)
        if self.results:
            continues, self.run = self.run, new_run_id()
        journal.start(
            self.run,
            source=str(self.source),
            target=self.target,
            plan=planned,
            options=self.options,
            continues=continues,
        )
        stats.record_sizes(self.held.control, self.run)
        self.listen(Event("phase", "applying"))
        try:
            self.results += applying.apply(planned, self.held, journal, self.options, self.listen)
        finally:
            journal.conn = self.held.control

    def _clean(self) -> bool:
        return all(r.status in (Status.DONE, Status.SKIPPED) for r in self.results)

    def _report(
        self, journal: Journal, planned: Plan, first: Difference, after: Difference
    ) -> Report:
        found = self._draft(planned, after)
        if self.results:
            journal.finish("equal" if found.status == "equal" else "incomplete")
            self.facts |= figures.storage(self.held.control, self.results)
            found = replace(found, facts=self.facts)
        if self.output is None:
            return found
        files = report.write(
            found, self.output, options=self.options, difference=first, backup=self.saved
        )
        return replace(found, files=files)

    def _draft(self, planned: Plan, after: Difference) -> Report:
        skipped = {c.id for r in self.results if r.status is Status.SKIPPED for c in r.step.changes}
        left = tuple(c for c in after.changes if c.id not in skipped)
        parity = replace(figures.parity(after), different=left)
        return Report(
            run=self.run,
            status=figures.status(self.results, parity),
            source=figures.shown(self.source),
            target=db.redact(self.target),
            counts=figures.tallies(self.results),
            results=tuple(self.results),
            parity=parity,
            seconds=time.monotonic() - self.started,
            plan=planned,
            facts=self.facts,
        )
