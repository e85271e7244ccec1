"""The pipeline: read, compare, plan, apply, verify, report. The only module that sees it all."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from weedgo.staged import apply as applying
from weedgo.staged import catalog as catalogs
from weedgo.staged import db, diff, planning, report, scratch, sources, stats, undo
from weedgo.staged.db import Connection
from weedgo.staged.journal import Journal, StepRecord, new_run_id
from weedgo.staged.kinds import KINDS
from weedgo.staged.lease import Target, hold
from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    Difference,
    Event,
    ObjectId,
    Options,
    Parity,
    Plan,
    Report,
    Result,
    Stage,
    StagedError,
    Status,
    Step,
    Tally,
)

Listen = Callable[[Event], None]

# A change of one object can bring another about that no catalog announces; what a fresh
# comparison then still finds is planned again, but not for ever.
_ROUNDS = 3


def _quiet(event: Event) -> None:
    """A listener that does not care."""


def compare(source: str, target: str, options: Options | None = None) -> Difference:
    """What differs between two schemas; neither is written to.

    Args:
        source: URL of a database, or path of an SQL file.
        target: URL of a database.
        options: which objects, and where scratch databases may be made.

    Raises:
        StagedError: a side cannot be read.
    """
    options = options or Options()
    conn = db.connect(target, application="weedgo compare", read_only=True)
    try:
        sides = sources.both(source, target, conn, options, new_run_id())
        return sources.compared(sides, options)
    finally:
        conn.close()


def plan(
    source: str,
    target: str,
    options: Options | None = None,
    *,
    run: str = "",
    output: Path | None = None,
    listen: Listen = _quiet,
) -> Report:
    """What a migration would do; the target is not written to.

    Args:
        source, target, options, run: as for `migrate`.
        output: folder for the SQL by stage and the plan; None for no files.
        listen: told of the progress.

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
        planned = planning.make(sides.source, sides.target, difference, options)
        listen(Event("planned", plan=planned))
        facts = {"sizes": _sizes(conn)}
    finally:
        conn.close()
    results = tuple(
        Result(s, Status.REFUSED if s.refusal else Status.PLANNED, message=s.refusal)
        for s in planned.steps
    )
    found = Report(
        run=run,
        status="planned",
        source=_shown(source),
        target=db.redact(target),
        counts=_tallies(results),
        results=results,
        parity=_parity(difference),
        seconds=time.monotonic() - started,
        plan=planned,
        facts=facts,
    )
    if output is None:
        return found
    files = report.write(found, output, options=options, difference=difference)
    return replace(found, files=files)


def migrate(
    source: str,
    target: str,
    options: Options | None = None,
    *,
    run: str = "",
    output: Path | None = None,
    backup: bool = True,
    listen: Listen = _quiet,
) -> Report:
    """Make the target's schema equal to the source's, in stages, object by object.

    Args:
        source: URL of a database, or path of an SQL file.
        target: URL of the database to be changed.
        options: what is asked for.
        run: the id of the run; by default a new one.
        output: folder for the SQL, the reports and the backup; None for none of them.
        backup: whether the target's schema is dumped into the folder before the first change.
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
        return _Run(source, target, options, output, backup, listen, held, run).go()


@dataclass
class _Run:
    """One migration, from the reading to the report."""

    source: str
    target: str
    options: Options
    output: Path | None
    backup: bool
    listen: Listen
    held: Target
    run: str
    started: float = field(default_factory=time.monotonic)
    results: list[Result] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    saved: Path | None = None

    def go(self) -> Report:
        db.check_writable(self.held.control)
        sides, first = self._compare("reading both catalogs")
        planned = planning.make(sides.source, sides.target, first, self.options)
        self.listen(Event("planned", plan=planned))
        self.facts["sizes"] = _sizes(self.held.control)
        journal = Journal(self.held.control)
        self._reconcile(journal, first)
        after = first
        whole = planned
        for number in range(_ROUNDS if planned.steps else 0):
            if not number:
                self._keep(first, planned)
            self._apply(journal, planned)
            sides, after = self._compare("verifying: reading both catalogs again")
            if not after.changes or not self._clean():
                break
            planned = planning.make(sides.source, sides.target, after, self.options)
            if {s.id for s in planned.steps} <= {r.step.id for r in self.results}:
                break
            whole = replace(whole, steps=whole.steps + planned.steps)
        return self._report(journal, whole, first, after)

    def _compare(self, phase: str) -> tuple[sources.Sides, Difference]:
        self.listen(Event("phase", phase))
        sides = sources.both(self.source, self.target, self.held.control, self.options, self.run)
        return sides, sources.compared(sides, self.options)

    def _reconcile(self, journal: Journal, difference: Difference) -> None:
        """Steps that a killed run left open are done if nothing of them is left to do."""
        if not journal.exists():
            return
        open_ids = {c.id for c in difference.changes}

        def stands(record: StepRecord) -> bool:
            return record.object not in open_ids

        journal.reconcile(stands)

    def _keep(self, difference: Difference, planned: Plan) -> None:
        """What must be on disk before the first change: the backup, and what is to be done."""
        if self.output is None:
            return
        if self.backup:
            self.listen(Event("phase", "backing the schema up"))
            self.saved = _backup(self.target, self.held.control, self.output, self.options)
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
            source=self.source,
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
                journal.finish("interrupted")

    def _clean(self) -> bool:
        return all(r.status in (Status.DONE, Status.SKIPPED) for r in self.results)

    def _report(
        self, journal: Journal, planned: Plan, first: Difference, after: Difference
    ) -> Report:
        found = self._draft(planned, after)
        if self.results:
            journal.finish("equal" if found.status == "equal" else "incomplete")
            self.facts |= _storage(self.held.control, self.results)
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
        parity = replace(_parity(after), different=left)
        return Report(
            run=self.run,
            status=_status(self.results, parity),
            source=_shown(self.source),
            target=db.redact(self.target),
            counts=_tallies(self.results),
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
    options: Options | None = None,
    listen: Listen = _quiet,
) -> Report:
    """Undo a run, step by step backwards.

    Args:
        target: URL of the database that the run changed.
        run: its id; by default the newest with something to undo.
        stages: only the steps that ran in these stages.
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
            standing = catalogs.read(held.control)
            journal.reconcile(lambda record: record.object in standing)
        asked = stages or tuple(Stage)
        way = undo.way_back(journal, run=run or "", stages=asked)
        listen(Event("planned", plan=Plan("", "", way.steps)))
        results = undo.rollback(held, journal, options, listen, run=run or "", stages=asked)
    undone = all(r.status is Status.UNDONE for r in results)
    return Report(
        run=way.runs[0].id,
        status="equal" if undone else "incomplete",
        source="the schema before the run",
        target=db.redact(target),
        counts=_tallies(results),
        results=results,
        parity=None,
        seconds=time.monotonic() - started,
        plan=Plan("", "", way.steps),
    )


# -- figures


def _shown(source: str) -> str:
    return source if sources.is_file(source) else db.redact(source)


def _parity(difference: Difference) -> Parity:
    return Parity(
        difference.equal, difference.changes, difference.unmodelled, difference.unverified
    )


def _status(results: list[Result], parity: Parity) -> str:
    ended = {r.status for r in results}
    if Status.FAILED in ended:
        return "incomplete"
    if Status.REFUSED in ended:
        return "refused"
    if Status.WAITING in ended or parity.different or parity.unmodelled:
        return "incomplete"
    return "equal"


def _label(change: Change) -> str:
    if change.action is Action.CREATE:
        return KINDS[change.id.kind].label
    return "removals" if change.action in (Action.DROP, Action.RETIRE) else "alterations"


def _counted(step: Step) -> tuple[Change, ...]:
    """The changes of a step that count as objects: facts count only where they are all of it."""
    own = step.changes[: step.own]
    return tuple(c for c in own if not c.id.target) or own[:1]


_FIELD = {
    Status.DONE: "done",
    Status.UNDONE: "done",
    Status.FAILED: "failed",
    Status.REFUSED: "failed",
    Status.WAITING: "waiting",
    Status.SKIPPED: "skipped",
}


def _tallies(results: tuple[Result, ...] | list[Result]) -> Mapping[str, Tally]:
    labels = [*dict.fromkeys(k.label for k in KINDS.values()), "alterations", "removals"]
    found: dict[str, dict[str, int]] = {}
    for result in results:
        for change in _counted(result.step):
            tally = found.setdefault(_label(change), {"planned": 0})
            tally["planned"] += 1
            if name := _FIELD.get(result.status):
                tally[name] = tally.get(name, 0) + 1
    return {label: Tally(**found[label]) for label in labels if label in found}


_SIZES = """
SELECT n.nspname || '.' || c.relname, pg_catalog.pg_table_size(c.oid)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


def _sizes(conn: Connection) -> dict[str, int]:
    """Bytes of each table, by path."""
    return {str(name): int(size) for name, size in conn.execute(_SIZES).fetchall()}


def _storage(conn: Connection, results: list[Result]) -> dict[str, int]:
    """Bytes of what the run created: tables with their TOAST, and indexes, those of keys too."""
    done = [
        c.id
        for r in results
        if r.status is Status.DONE
        for c in r.step.changes
        if c.action is Action.CREATE
    ]
    names = {
        kind: [db.quoted(i.schema, i.name) for i in done if i.kind in members]
        for kind, members in (
            ("tables", ("table", "materialized_view")),
            ("indexes", ("index", "constraint")),
        )
    }
    query = (
        "SELECT coalesce(sum(pg_catalog.pg_table_size(pg_catalog.to_regclass(n))), 0)::bigint"
        " FROM unnest(%s::text[]) n WHERE pg_catalog.to_regclass(n) IS NOT NULL"
    )
    sizes = {}
    for kind, found in names.items():
        row = conn.execute(query.encode(), [found]).fetchone()
        sizes[f"storage_of_new_{kind}"] = int(row[0]) if row else 0
    return sizes


def _backup(url: str, conn: Connection, output: Path, options: Options) -> Path:
    """Dump the target's schema.

    Raises:
        StagedError: no pg_dump that is new enough, or it failed; the message names --no-backup.
    """
    path = output / "schema_backup.sql"
    try:
        program = scratch.find_tool(
            "pg_dump", conn.info.server_version // 10000, folders=options.tool_folders
        )
    except StagedError as error:
        raise StagedError(f"{error}; or go without a schema backup: --no-backup") from None
    done = subprocess.run(
        [
            str(program),
            "--schema-only",
            "--no-password",
            "--file",
            str(path),
            "--dbname",
            scratch.bare(url),
        ],
        env=scratch.environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = db.scrub(" ".join(done.stderr.split()), url)
        raise StagedError(f"the schema backup failed: {why}; mend that, or go without: --no-backup")
    return path


__all__ = ["Catalog", "ObjectId", "Step", "compare", "diff", "migrate", "plan", "rollback"]
