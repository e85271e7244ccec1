"""The use of the engine: compare, plan, migrate, roll back; the only module that sees it all."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from weedgo.staged import db, report, sources
from weedgo.staged.forecast import Forecast
from weedgo.staged.journal import new_run_id
from weedgo.staged.lease import hold
from weedgo.staged.migration import Migration
from weedgo.staged.model import Difference, Options, Report
from weedgo.staged.reversal import rollback
from weedgo.staged.sources import Source
from weedgo.staged.watch import Listen, quiet

__all__ = ["compare", "migrate", "plan", "rollback"]


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
    with closing(db.connect(target, application="weedgo compare", read_only=True)) as conn:
        return sources.unlike(source, target, conn, options, new_run_id())


def plan(
    source: Source,
    target: str,
    options: Options | None = None,
    *,
    run: str = "",
    output: Path | None = None,
    proof: bool | None = None,
    listen: Listen = quiet,
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
    run = run or new_run_id()
    conn = db.connect(target, application=f"weedgo {run} plan", read_only=True)
    with closing(conn):
        return Forecast(source, target, options, run, conn, listen, proof).go(output)


def migrate(  # noqa: PLR0913 - the whole of what a run can be asked for
    source: Source,
    target: str,
    options: Options | None = None,
    *,
    run: str = "",
    output: Path | None = None,
    backup: bool = True,
    expected: Path | None = None,
    listen: Listen = quiet,
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
        return Migration(source, target, options, output, backup, expected, listen, held, run).go()
