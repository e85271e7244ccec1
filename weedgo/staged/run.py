"""The pipeline: read, compare, plan, apply, verify, report. The only module that sees it all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg

from weedgo.staged import apply as applying
from weedgo.staged import (
    backfill,
    consent,
    db,
    figures,
    hints,
    leftovers,
    report,
    scratch,
    sources,
    stats,
    undo,
)
from weedgo.staged import catalog as catalogs
from weedgo.staged.backup import back_up
from weedgo.staged.journal import UNFINISHED, Journal, StepRecord, new_run_id
from weedgo.staged.lease import Target, hold
from weedgo.staged.model import (
    Action,
    Catalog,
    Difference,
    Event,
    Finding,
    Options,
    Plan,
    Report,
    Result,
    Stage,
    StagedError,
    Status,
)
from weedgo.staged.prove import prove
from weedgo.staged.sources import Source

Listen = Callable[[Event], None]

# A change of one object can bring another about that no catalog announces; what a fresh
# comparison then still finds is planned again, but not for ever.
_ROUNDS = 3


def _quiet(event: Event) -> None:
    """A listener that does not care."""


def compare(source: Source, target: str, options: Options | None = None) -> Difference:
    """What differs between two schemas; neither is written to.

    Args:
        source: URL of a database, path of an SQL file, or a schema that was worked out.
        target: URL of a database.
        options: which objects, and where scratch databases may be made.

    Raises:
        StagedError: a side cannot be read.
    """
    options = options or Options()
    conn = db.connect(target, application="weedgo compare", read_only=True)
    try:
        return sources.unlike(source, target, conn, options, new_run_id())
    finally:
        conn.close()


def plan(
    source: Source,
    target: str,
    options: Options | None = None,
    *,
    run: str = "",
    output: Path | None = None,
    proof: bool | None = None,
    listen: Listen = _quiet,
) -> Report:
    """What a migration would do; the target is not written to.

    Args:
        source, target, options, run: as for `migrate`.
        output: folder for the SQL by stage and the plan; None for no files.
        proof: whether the plan is rehearsed on an empty clone of the target; by default where a
            scratch database is possible.
        listen: told of the progress.

    Returns:
        The report; status ``planned``, or ``incomplete`` where the proof fails.

    Raises:
        StagedError: a side cannot be read, or the folder not written.
    """
    options = options or Options()
    started = time.monotonic()
    run = run or new_run_id()
    conn = db.connect(target, application=f"weedgo {run} plan", read_only=True)
    try:
        listen(Event("phase", "reading both catalogs"))
        sides = sources.both(source, target, conn, options, run)
        difference = sources.compared(sides, options)
        backfill.check(conn, options, sides.source, difference)
        options = backfill.resumed(options, Journal(conn).unfinished())
        sizes = figures.sizes(conn)
        planned = sources.planned(sides, difference, options, sizes)
        listen(Event("planned", plan=planned))
        findings: tuple[Finding, ...] | None = None
        if proof or (proof is None and (options.scratch_url or scratch.possible(conn))):
            listen(Event("phase", "proving the plan on an empty clone of the target"))
            findings = prove(sides, planned, target, conn, options, run) if planned.steps else ()
    finally:
        conn.close()
    found = Report(
        run=run,
        status="incomplete" if any(not f.holds for f in findings or ()) else "planned",
        message=_proved(findings),
        source=figures.shown(source),
        target=db.redact(target),
        counts=figures.tallies(results := _planned(planned)),
        results=results,
        parity=figures.parity(difference),
        seconds=time.monotonic() - started,
        plan=planned,
        facts={
            "sizes": sizes,
            "estimated_seconds": consent.estimate(planned, sizes),
            "rename_hints": hints.renames(difference, sides.source, sides.target),
        },
    )
    if output is None:
        return found
    files = report.write(
        found, output, options=options, difference=difference, findings=findings or ()
    )
    return replace(found, files=files)


def _planned(plan: Plan) -> tuple[Result, ...]:
    """The results of steps of which none has run."""
    return tuple(
        Result(s, Status.REFUSED, message=s.refusal)
        if s.refusal
        else Result(s, Status.WAITING, message=s.consent, remedy=consent.REMEDY)
        if s.consent
        else Result(s, Status.PLANNED)
        for s in plan.steps
    )


def _proved(findings: Sequence[Finding] | None) -> str:
    """What is to be said of the proof."""
    if findings is None:
        return "not proved: no scratch database is wanted or possible (--prove, --scratch-url)"
    failed = [f for f in findings if not f.holds]
    if not failed:
        return "proved on an empty clone of the target: it ends equal to the source"
    first = failed[0]
    return f"the proof fails in {len(failed)} points, first: {first.subject}: {first.detail}"


def migrate(  # noqa: PLR0913 - the whole of what a run can be asked for
    source: Source,
    target: str,
    options: Options | None = None,
    *,
    run: str = "",
    output: Path | None = None,
    backup: bool = True,
    expected: Path | None = None,
    listen: Listen = _quiet,
) -> Report:
    """Make the target's schema equal to the source's, in stages, object by object.

    Args:
        source: URL of a database, path of an SQL file, or a schema that was worked out.
        target: URL of the database to be changed.
        options: what is asked for.
        run: the id of the run; by default a new one.
        output: folder for the SQL, the reports and the backup; None for none of them.
        backup: whether the target's schema is dumped into the folder before the first change.
        expected: folder of a plan written before; nothing else than that plan is carried out.
        listen: told of the progress.

    Returns:
        The report; its ``exit`` is the command's exit status.

    Raises:
        StagedError: wrong arguments, an unreachable or unsuitable server, another run in
            progress, an unwritable folder: nothing was changed.
    """
    options = options or Options()
    run = run or new_run_id()
    if output is not None:
        report.prepare(output)
    with hold(target, run) as held:
        return _Run(source, target, options, output, backup, expected, listen, held, run).go()


@dataclass
class _Run:
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
        db.check_writable(self.held.control)
        journal = Journal(self.held.control)
        leftovers.remove(self.held, journal, self.options)
        sides, first = self._compare("reading both catalogs")
        backfill.check(self.held.control, self.options, sides.source, first)
        self.options = backfill.resumed(self.options, journal.unfinished())
        sizes = self.facts["sizes"] = figures.sizes(self.held.control)
        planned = sources.planned(sides, first, self.options, sizes)
        if self.expected is not None:
            report.check_plan(planned, self.expected)
        self.listen(Event("planned", plan=planned))
        self._reconcile(journal, first)
        self._sweep(journal, planned)
        after = first
        whole = planned
        for number in range(_ROUNDS if planned.steps else 0):
            if not number:
                self._keep(first, planned)
            self._apply(journal, planned)
            sides, after = self._compare("verifying: reading both catalogs again")
            if not after.changes or not self._clean():
                break
            planned = sources.planned(sides, after, self.options, sizes)
            if {s.id for s in planned.steps} <= {r.step.id for r in self.results}:
                break
            whole = replace(whole, steps=whole.steps + planned.steps)
        return self._report(journal, whole, first, after)

    def _compare(self, phase: str) -> tuple[sources.Sides, Difference]:
        self.listen(Event("phase", phase))
        sides = sources.both(self.source, self.target, self.held.control, self.options, self.run)
        return sides, sources.compared(sides, self.options)

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
        continues = journal.continued()
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
        ended = False
        try:
            self.results += applying.apply(planned, self.held, journal, self.options, self.listen)
            ended = True
        finally:
            journal.conn = self.held.control
            if not ended:
                # The target may be gone, and what ended the run is more worth telling.
                with suppress(StagedError, psycopg.Error):
                    journal.finish("interrupted")

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


def rollback(
    target: str,
    *,
    run: str | None = None,
    stages: tuple[Stage, ...] | None = None,
    objects: Sequence[str] = (),
    only_plan: bool = False,
    options: Options | None = None,
    listen: Listen = _quiet,
) -> Report:
    """Undo a run, step by step backwards.

    Args:
        target: URL of the database that the run changed.
        run: its id; by default the newest with something to undo.
        stages: only the steps that ran in these stages.
        objects: only the steps of objects that these patterns match.
        only_plan: change nothing, and tell what would be undone and what cannot be.
        options: timeouts and retries.
        listen: told of the progress.

    Raises:
        StagedError: nothing to undo, no such run, or another run in progress.
    """
    started = time.monotonic()
    options = options or Options()
    this = new_run_id()
    with hold(target, this) as held:
        journal = Journal(held.control)
        if journal.exists():
            journal.ensure()
            leftovers.remove(held, journal, options)
            leftovers.sweep(held.worker, options)
            journal.forget_fills()
            standing = catalogs.read(held.control)
            journal.reconcile(lambda record: _still_done(record, standing))
        asked = stages or tuple(Stage)
        way = undo.way_back(journal, run=run or "", stages=asked, objects=objects)
        listen(Event("planned", plan=Plan("", "", way.steps)))
        results = undo.foreseen(held, way, options)
        if not only_plan:
            results = undo.rollback(
                held, journal, options, listen, run=run or "", stages=asked, objects=objects
            )
    return Report(
        run=way.runs[0].id,
        status=_undone(results, only_plan=only_plan),
        source="the schema before the run",
        target=db.redact(target),
        counts=figures.tallies(results),
        results=results,
        parity=None,
        seconds=time.monotonic() - started,
        plan=Plan("", "", way.steps),
    )


def _undone(results: Sequence[Result], *, only_plan: bool) -> str:
    """The status of a rollback."""
    ended = {r.status for r in results}
    if only_plan:
        return "refused" if Status.REFUSED in ended else "planned"
    return "equal" if ended <= {Status.UNDONE} else "incomplete"


def _still_done(record: StepRecord, standing: Catalog) -> bool:
    """Whether what a step did is there after a rollback of it was killed."""
    there = record.object in standing
    return there != (record.action in (Action.DROP, Action.RETIRE, Action.RENAME))
