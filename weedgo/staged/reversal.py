"""Taking a run back, from the journal to the report."""

from __future__ import annotations

import time
from collections.abc import Sequence

from weedgo.staged import catalog as catalogs
from weedgo.staged import db, figures, leftovers, undo
from weedgo.staged.foresee import foreseen
from weedgo.staged.journal import Journal, StepRecord, new_run_id
from weedgo.staged.lease import Target, hold
from weedgo.staged.model import Action, Catalog, Event, Options, Plan, Report, Result, Stage, Status
from weedgo.staged.sizes import of_tables
from weedgo.staged.watch import Listen, quiet


def rollback(
    target: str,
    *,
    run: str | None = None,
    stages: tuple[Stage, ...] | None = None,
    objects: Sequence[str] = (),
    only_plan: bool = False,
    options: Options | None = None,
    listen: Listen = quiet,
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
    with hold(target, new_run_id()) as held:
        journal = Journal(held.control)
        _settle(held, journal, options)
        asked = stages or tuple(Stage)
        way = undo.way_back(journal, run=run or "", stages=asked, objects=objects)
        way = undo.asking(way, held, options)
        sizes = of_tables(held.control)
        listen(Event("planned", plan=Plan("", "", way.steps)))
        if only_plan:
            results = foreseen(way.steps, held.worker, options)
        else:
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
        facts={"sizes": sizes},
        seconds=time.monotonic() - started,
        plan=Plan("", "", way.steps),
    )


def _settle(held: Target, journal: Journal, options: Options) -> None:
    """Settle what killed runs left behind, so that the journal says what stands."""
    if not journal.exists():
        return
    journal.ensure()
    leftovers.remove(held, journal, options)
    leftovers.sweep(held.worker, options)
    journal.forget_fills()
    standing = catalogs.read(held.control)
    journal.reconcile(lambda record: _still_done(record, standing))


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
