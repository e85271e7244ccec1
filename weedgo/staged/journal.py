"""The journal of runs in the target: schema ``weedgo_migration``.

It serves reports and rollback. Nothing in it decides what a second run does: that is planned
again from the catalogs. A transactional step writes its outcome in its own transaction, so the
journal and the schema cannot disagree about it; any other step leaves an intent before and an
outcome after, and where a kill came between them the catalog decides (`Journal.reconcile`).
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from weedgo.staged import entries
from weedgo.staged.db import Connection, describe, one_line, redact
from weedgo.staged.entries import Query
from weedgo.staged.history import UNFINISHED, History
from weedgo.staged.model import Options, Plan, Result, StagedError, Status, Step
from weedgo.staged.records import RunRecord, StepRecord, new_run_id, run_by

__all__ = ["UNFINISHED", "Journal", "Query", "RunRecord", "StepRecord", "new_run_id"]

ENGINE = "1"
SCHEMA = "weedgo_migration"


def _layout(name: str) -> bytes:
    return files("weedgo.staged").joinpath("sql", f"{name}.sql").read_bytes()


class Journal(History):
    """The journal in one target database; steps that run side by side may share it.

    Args:
        conn: an autocommit connection that holds the run's lease.
    """

    done = Status.DONE.value
    """What a step that ended well is recorded as."""

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self._seq: dict[str, int] = {}
        self.run = ""
        self._unwritten: list[list[Any]] = []
        self._writing = threading.Lock()

    def forget_fills(self) -> None:
        """Forget what a run before had begun to fill in."""
        if self.fills():
            self.conn.execute("DELETE FROM weedgo_migration.backfill WHERE finished IS NULL")

    def ensure(self) -> None:
        """Create the journal where there is none.

        Raises:
            StagedError: a schema of that name holds something else, or the role may not create it.
        """
        try:
            if not self.exists():
                with self.conn.transaction():
                    self.conn.execute(_layout("journal"))
            if not self.fills():
                self.conn.execute(_layout("backfill"))
            if not self.complete():
                self.conn.execute(_LATER)
        except psycopg.Error as error:
            raise StagedError(
                f"the journal schema {SCHEMA} cannot be created: {error.diag.message_primary}; "
                "give the role CREATE on the database, or rename the schema in the way"
            ) from None

    def start(
        self,
        run: str,
        *,
        source: str,
        target: str,
        plan: Plan,
        options: Options,
        continues: str | None = None,
    ) -> None:
        """Record a run and all its steps as planned; the journal must exist.

        Args:
            run: its id.
            source, target: URLs or descriptions; passwords are taken out here.
            continues: the unfinished run that this one carries on.
        """
        row = {
            "id": run,
            "source": describe(source),
            "target": redact(target),
            "options": Jsonb(entries.options(options), dumps=entries.dumps),
            "source_fingerprint": plan.source_fingerprint,
            "target_fingerprint": plan.target_fingerprint,
            "host": socket.gethostname(),
            "user": run_by(),
            "pid": os.getpid(),
            "engine": ENGINE,
            "continues": continues,
        }
        with self.conn.transaction():
            self.conn.execute("SET LOCAL synchronous_commit = on")
            self.conn.execute(_SUPERSEDE, [continues])
            self.conn.execute(_START, row)
            with self.conn.cursor().copy(entries.COPY) as copy:
                copy.set_types(entries.COPY_TYPES)
                for seq, step in enumerate(plan.steps, 1):
                    copy.write_row(tuple(entries.row(run, seq, step)))
        self.attach(run, plan.steps)

    def attach(self, run: str, steps: Sequence[Step]) -> None:
        """Write outcomes of these steps, in this order, to a run that is recorded already."""
        self.run = run
        self._seq = {step.id: seq for seq, step in enumerate(steps, 1)}

    def place(self, step: Step) -> tuple[str, int]:
        """Run and number of the step's row."""
        return self.run, self._seq[step.id]

    def failure(self, result: Result) -> str:
        """What a step is recorded as whose own transaction did not say so."""
        return result.status.value

    def intent(self, step: Step, attempts: int = 1, index: Sequence[str] = ("", "")) -> bool:
        """Record that a step begins, before something that cannot be taken back by a rollback.

        Args:
            index: schema and name of an index that the step is about to build.

        Returns:
            Whether an invalid index of that name is in the way.
        """
        row = self.conn.execute(
            _INTENT, [attempts, *self.place(step), *index], prepare=True
        ).fetchone()
        return bool(row and row[0])

    def completion(self, step: Step, attempts: int = 1, before: float = 0.0) -> Query:
        """The statement that records a step as done, to be run in the step's own transaction.

        Steps that share a transaction are timed one after another.

        Args:
            before: seconds that the step spent before this transaction.
        """
        return _DONE, [self.done, attempts, before, *self.place(step)]

    def outcome(self, result: Result) -> None:
        """Record what became of a step whose own transaction did not say so.

        What cannot be written now (a full disk, a lost connection) is written later.
        """
        self._unwritten.append(self._outcome(result))
        with suppress(psycopg.Error):
            self._flush()

    def ending(self, result: Result) -> Query:
        """The statement that records what became of a step, for use on its own connection."""
        return _OUTCOME, self._outcome(result)

    def forget_done(self) -> None:
        """After a crash of the server: what was done and not written yet has to be looked at."""
        with self._writing:
            self._unwritten = [values for values in self._unwritten if values[0] != self.done]

    def _flush(self) -> None:
        with self._writing:
            while self._unwritten:
                self.conn.execute(_OUTCOME, self._unwritten[0], prepare=True)
                del self._unwritten[0]

    def _outcome(self, r: Result) -> list[Any]:
        return [
            self.failure(r), r.attempts, r.elapsed, r.elapsed, r.sqlstate, r.message, r.remedy,
            *self.place(r.step),
        ]  # fmt: skip

    def progression(self, step: Step, phases: int) -> Query:
        """The statement that records how many phases of a step are done, for use in the last."""
        return (
            "UPDATE weedgo_migration.step SET status = 'running', phases = %s"
            " WHERE run = %s AND seq = %s",
            [phases, *self.place(step)],
        )

    def status(self, step: Step) -> tuple[str, int]:
        """What the journal says of a step of the current run: status and phases done."""
        row = self.conn.execute(
            "SELECT status, phases FROM weedgo_migration.step WHERE run = %s AND seq = %s",
            self.place(step),
        ).fetchone()
        return (str(row[0]), int(row[1])) if row else ("", 0)

    def kept(self, step: Step) -> bool:
        """Whether the journal has a step as done."""
        return self.status(step)[0] == self.done

    def finish(self, status: str, run: str = "") -> None:
        """Close a run: equal, incomplete, failed, interrupted or undone.

        Commits durably, and with it all that was committed before.

        Raises:
            StagedError: the journal cannot be written; the schema is as the steps left it.
        """
        try:
            self._flush()
            with self.conn.transaction():
                self.conn.execute("SET LOCAL synchronous_commit = on")
                self.conn.execute(_FINISH, [status, run or self.run])
        except psycopg.Error as error:
            raise StagedError(
                f"the end of run {run or self.run} could not be written to the journal: "
                f"{one_line(error)}; run again"
            ) from None

    def reconcile(self, stands: Callable[[StepRecord], bool]) -> list[StepRecord]:
        """Settle what killed runs left open; only under the lease, before a new run starts.

        Args:
            stands: says from the catalog whether all that the step was to do is there.

        Returns:
            The steps that had been left running, with the status that they now have.
        """
        if not self.exists():
            return []
        status = {run.id: run.status for run in self.runs()}
        begun = [s for run in status for s in self.steps(run, "running")]
        for step in begun:
            # A run that had ended was being rolled back.
            gone = "interrupted" if status[step.run] == "running" else "undone"
            self.conn.execute(
                "UPDATE weedgo_migration.step SET status = %s, finished = clock_timestamp(),"
                " message = 'the process was killed' WHERE run = %s AND seq = %s",
                ["done" if stands(step) else gone, step.run, step.seq],
            )
        for run, was in status.items():
            if was == "running":
                self.finish("interrupted", run)
        numbers = {(s.run, s.seq) for s in begun}
        now = [s for run in {s.run for s in begun} for s in self.steps(run)]
        return [s for s in now if (s.run, s.seq) in numbers]


# What journals of earlier versions lack.
_LATER = """
ALTER TABLE weedgo_migration.step
    ADD COLUMN IF NOT EXISTS undo_guards jsonb NOT NULL DEFAULT '[]';
ALTER TABLE weedgo_migration.run
    ADD COLUMN IF NOT EXISTS client_user text NOT NULL DEFAULT ''
"""

# The clock of the steps before in the same transaction, so that each is timed by itself.
_DONE = """
UPDATE weedgo_migration.step
   SET status = %s, attempts = %s, sqlstate = '', message = '', remedy = '',
       started = coalesce(nullif(current_setting('weedgo.clock', true), '')::timestamptz, now()),
       finished = clock_timestamp(),
       elapsed = %s + extract(epoch from clock_timestamp()
           - coalesce(nullif(current_setting('weedgo.clock', true), '')::timestamptz, now()))
 WHERE run = %s AND seq = %s
RETURNING elapsed, set_config('weedgo.clock', finished::text, true)
"""

_SUPERSEDE = """
UPDATE weedgo_migration.run SET status = 'incomplete', finished = clock_timestamp()
 WHERE id = %s AND status = 'running'
"""

_START = """
INSERT INTO weedgo_migration.run
    (id, status, source, target, options, source_fingerprint, target_fingerprint,
     client_host, client_user, client_pid, engine, continues)
VALUES (%(id)s, 'running', %(source)s, %(target)s, %(options)s, %(source_fingerprint)s,
        %(target_fingerprint)s, %(host)s, %(user)s, %(pid)s, %(engine)s, %(continues)s)
"""

_FINISH = """
UPDATE weedgo_migration.run SET status = %s, finished = clock_timestamp() WHERE id = %s
"""

_INTENT = """
UPDATE weedgo_migration.step
   SET status = 'running', attempts = %s, finished = NULL, started = clock_timestamp()
 WHERE run = %s AND seq = %s
RETURNING EXISTS (
    SELECT FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = %s AND c.relname = %s AND c.relkind = 'i'
       AND NOT (i.indisvalid AND i.indisready))
"""

_OUTCOME = """
UPDATE weedgo_migration.step
   SET status = %s, attempts = %s, elapsed = %s,
       started = coalesce(started, clock_timestamp() - make_interval(secs => %s)),
       finished = clock_timestamp(), sqlstate = %s, message = %s, remedy = %s
 WHERE run = %s AND seq = %s
"""
