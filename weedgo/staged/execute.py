"""One step at a time: guards, phases, locks and retries, and what is left when it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

import psycopg

from weedgo.staged import builds, leftovers, transact
from weedgo.staged.db import Connection, one_line
from weedgo.staged.effort import (
    PASSING,
    Effort,
    Phase,
    RefusedError,
    in_the_way,
    message,
    passes,
    phases_of,
)
from weedgo.staged.fill import Filler, UnfilledError
from weedgo.staged.journal import Journal, Query
from weedgo.staged.lease import Member, Target
from weedgo.staged.model import Options, Result, Statement, Status, Step
from weedgo.staged.remedies import ending, remedy
from weedgo.staged.turn import BRIEF, Turn
from weedgo.staged.watch import Listen, Watcher

# How often one step may lose its connection and go on.
LOSSES = 3


class Executor:
    """Runs steps on a connection of the target and records what became of them.

    Args:
        member: the connection.
        target: held for the run.
        journal: attached to the run's steps.
        options: timeouts and retries.
        listen: told of blockers.
        watcher: looks on while statements wait.
        stop: set when the user wants all to end.
    """

    def __init__(
        self,
        member: Member,
        target: Target,
        journal: Journal,
        options: Options,
        listen: Listen,
        watcher: Watcher,
        stop: threading.Event,
    ) -> None:
        self.member = member
        self.target = target
        self.journal = journal
        self.options = options
        self.listen = listen
        self.watcher = watcher
        self._stop = stop
        self._mutex = threading.Lock()
        self._at_work = False
        self.turn = Turn(member, target, options, watcher, self._stop)

    def stop(self) -> None:
        """Have the step in progress end now, undone where it is half done.

        For other threads, again and again: what is cancelled between two statements goes on.
        """
        self._stop.set()
        with self._mutex, suppress(psycopg.Error):
            if self._at_work:
                control = self.target.control
                control.execute("SELECT pg_catalog.pg_cancel_backend(%s)", [self.member.pid])

    def run(self, step: Step, *, redone: bool = False) -> Result:
        """Run one step to its end.

        Args:
            redone: a crash of the server may have taken it away, in whole or in part.

        Raises:
            StagedError: the target is lost for good.
            KeyboardInterrupt: after the statement was cancelled and the step recorded.
        """
        if self.member.lost:
            self._reconnect()
        effort = Effort(step, self.options, redone=redone, stop=self._stop)
        if redone:
            effort.phases = self.journal.status(step)[1]
        phases = phases_of(step)
        try:
            with self._cancellable():
                result = self._run(phases, effort)
        except KeyboardInterrupt:
            self._interrupted(phases, effort)
            raise
        recorded = effort.recorded or (phases and phases[-1][-1].transactional)
        if result.status is not Status.DONE or not recorded:
            self.journal.outcome(result)
        if self.member.lost:
            self._reconnect()
        return result

    @contextmanager
    def _cancellable(self) -> Iterator[None]:
        """For as long as `stop` may cancel statements."""
        with self._mutex:
            self._at_work = True
        try:
            yield
        finally:
            with self._mutex:
                self._at_work = False

    def crashed(self) -> bool:
        """Whether the server has crashed since this was asked last."""
        crashed, self.target.restarted = self.target.restarted, False
        return crashed

    def settle(self) -> None:
        """Make sure that the lease and the journal are at hand after the last step."""
        if not self.target.alive:
            self._reconnect()

    def run_together(self, steps: Sequence[Step]) -> list[Result] | None:
        """Run steps in one transaction: on what nobody else can be using, or on one table.

        Returns:
            Their results, or None if any failed; nothing of them has happened then.
        """
        queries: list[Query] = []
        ends: list[int] = []
        for step in steps:
            queries += [(s.sent, []) for s in step.statements]
            ends.append(len(queries))
            queries.append(self.journal.completion(step))
        try:
            options = replace(self.options, lock_timeout=min(BRIEF, self.options.lock_timeout))
            kind = transact.class_of([s for step in steps for s in step.statements])
            cursors = transact.transaction(self.member.conn, options, queries, kind=kind)
        except psycopg.Error:
            if self.member.lost:
                self._reconnect()
            if not self.journal.kept(steps[-1]):
                return None
            return [Result(step, Status.DONE, 1) for step in steps]
        except KeyboardInterrupt:
            self._reconnect()
            raise
        rows = [cursors[end].fetchone() for end in ends]
        times = [float(row[0]) if row else 0.0 for row in rows]
        pairs = zip(steps, times, strict=True)
        return [Result(step, Status.DONE, 1, seconds) for step, seconds in pairs]

    def _run(self, phases: Sequence[Phase], effort: Effort) -> Result:
        while True:
            began = time.monotonic()
            try:
                self._advance(phases, effort)
                return effort.result(Status.DONE)
            except RefusedError as refused:
                return effort.result(Status.REFUSED, refused.sqlstate, str(refused), refused.remedy)
            except UnfilledError as left:
                return self._refused(phases, effort, left)
            except psycopg.Error as error:
                if self._stop.is_set():
                    raise KeyboardInterrupt from error
                if self.member.lost:
                    decided = self._lost(phases, effort, error)
                    if decided:
                        return decided
                elif not passes(error) or not effort.again(time.monotonic() - began):
                    return self._failed(phases, effort, error)

    def _advance(self, phases: Sequence[Phase], effort: Effort) -> None:
        """Do what is left of a step."""
        if effort.phases == 0:
            self._guard(effort)
        for phase in phases[effort.phases :]:
            if self._stop.is_set():
                raise KeyboardInterrupt
            if phase[0].transactional:
                self._together(phase, effort, last=phase is phases[-1])
            elif not (effort.redone and builds.stands(self.member.conn, phase[0])):
                conn = self.member.conn
                self._by_itself(phase[0], effort)
                self._note(conn, effort, last=phase is phases[-1])
            effort.phases += 1

    def _note(self, conn: Connection, effort: Effort, *, last: bool) -> None:
        """Record a statement outside transactions, on the connection that has run it.

        What a crash of the server takes away, it takes from the end: never the work alone.
        """
        if last:
            query = self.journal.ending(effort.result(Status.DONE))
        else:
            query = self.journal.progression(effort.step, effort.phases + 1)
        conn.execute(query[0].encode(), query[1], prepare=True)
        effort.recorded = last

    def _guard(self, effort: Effort) -> None:
        for guard in effort.step.guards:
            try:
                count = transact.count(self.member.conn, self.options, guard.query)
            except psycopg.errors.LockNotAvailable:
                effort.blockers = self.turn.holders(effort.step.statements, reading=True)
                raise
            except (psycopg.ProgrammingError, psycopg.DataError):
                if effort.step.undo:
                    raise
                continue  # An undo asks of what it brings back itself.
            except psycopg.OperationalError as error:
                if not _elsewhere(error):
                    raise
                continue
            if count:
                raise RefusedError(guard, count)

    def _together(self, phase: Phase, effort: Effort, *, last: bool) -> None:
        """Statements of one phase, in one transaction that also records them."""
        step, done = effort.step, effort.phases + 1
        if last:
            record = self.journal.completion(step, effort.attempts, effort.elapsed)
        else:
            record = self.journal.progression(step, done)
        queries: list[Query] = [*((s.sent, []) for s in phase), record]
        conn = self.member.conn
        if not transact.wanted(phase):
            transact.transaction(conn, self.options, queries)
            return
        with self.watcher.watching(conn.info.backend_pid, step) as watch:
            try:
                self.turn.take(phase, queries, watch)
            except psycopg.errors.LockNotAvailable:
                effort.blockers = watch.blockers or self.turn.holders(phase)
                raise
            except psycopg.Error:
                effort.blockers = watch.blockers
                raise

    def _by_itself(self, statement: Statement, effort: Effort) -> None:
        if statement.fill:
            self._fill(statement, effort)
        else:
            self._alone(statement, effort)

    def _fill(self, statement: Statement, effort: Effort) -> None:
        """Batches, each of which commits: an attempt that got on is not one that waited in vain."""
        self.journal.intent(effort.step, effort.attempts)
        conn = self.member.conn
        filler = Filler(conn, self.journal, self.options, self.listen)
        with self.watcher.watching(conn.info.backend_pid, effort.step) as watch:
            try:
                filler.fill(statement, effort.step)
            except psycopg.Error:
                effort.blockers = watch.blockers
                if filler.batches:
                    effort.attempts, effort.waited = 1, 0.0
                raise

    def _refused(self, phases: Sequence[Phase], effort: Effort, left: UnfilledError) -> Result:
        kept = self._clean_up(phases, effort) + self._sweep(effort)
        advice = "give the expression a value for every row, then run again"
        return effort.result(Status.REFUSED, "23502", f"{left}{kept}", advice)

    def _alone(self, statement: Statement, effort: Effort) -> None:
        """A statement outside transactions: its waits hold up nobody, so it may wait longer."""
        index = builds.built(statement)
        invalid = self.journal.intent(effort.step, effort.attempts, index or ("", ""))
        conn = self.member.conn
        limit = self.options.wait_timeout - effort.waited
        with self.watcher.watching(conn.info.backend_pid, effort.step, limit) as watch:
            try:
                if index and invalid:
                    builds.drop(conn, index)
                with self._timed(conn):
                    conn.execute(statement.sent.encode())
            except psycopg.Error:
                effort.blockers, effort.overdue = watch.blockers, watch.cancelled
                raise

    @contextmanager
    def _timed(self, conn: Connection) -> Iterator[None]:
        """Bound a statement outside transactions, where that is asked for."""
        limit = transact.milliseconds(self.options.timeout("build"))
        if limit == "0ms":
            yield
            return
        query = "SELECT pg_catalog.set_config('statement_timeout', %s, false)"
        conn.execute(query, [limit])
        try:
            yield
        finally:
            with suppress(psycopg.Error):
                conn.execute(query, ["0"])

    def _failed(self, phases: Sequence[Phase], effort: Effort, error: psycopg.Error) -> Result:
        left = self._clean_up(phases, effort)
        state = error.sqlstate or ""
        if not (effort.overdue or passes(error) or state in PASSING):
            left += self._sweep(effort)
        if effort.overdue or passes(error):
            what, advice = in_the_way(effort, error), ending(effort.blockers)
        else:
            what = message(error)
            advice = remedy(error, effort.step, self.target.control.info.user)
        return effort.result(Status.FAILED, state, what + left, advice)

    def _clean_up(self, phases: Sequence[Phase], effort: Effort) -> str:
        """Take away what a failed step left half done; what could not be, in words."""
        return _left(builds.clean_up(self.member.conn, self.options, phases, effort.phases))

    def _sweep(self, effort: Effort) -> str:
        """Take away the helpers of a step that no other attempt is likely to end."""
        statements = effort.step.statements
        if not any(s.fill for s in statements):
            return ""
        with suppress(psycopg.Error):
            return _left(leftovers.sweep_after(self.member.conn, self.options, statements))
        return ""

    def _lost(self, phases: Sequence[Phase], effort: Effort, error: psycopg.Error) -> Result | None:
        """After a lost connection: what is known of the step, or None to go on with it."""
        self._reconnect()
        effort.losses += 1
        status, done = self.journal.status(effort.step)
        if status == self.journal.done:
            return effort.result(Status.DONE)
        if self.target.restarted:
            # What was committed last may be gone.
            effort.redone, effort.phases = True, done
        effort.phases = max(effort.phases, done)
        statement = phases[effort.phases][0]
        if not statement.transactional and builds.stands(self.member.conn, statement):
            effort.phases += 1
        if effort.phases == len(phases):
            return effort.result(Status.DONE)
        known = statement.transactional or statement.fill or builds.recognised(statement)
        if known and effort.losses <= LOSSES:
            effort.attempts += 1
            return None
        return effort.result(
            Status.FAILED, error.sqlstate or "08006",
            f"connection lost: {one_line(error)}",
            "run again; the next run sees from the catalog what was done",
        )  # fmt: skip

    def _reconnect(self) -> None:
        self.target.reconnect(self.member)
        self.journal.conn = self.target.control
        if self.target.restarted:
            self.journal.forget_done()

    def _interrupted(self, phases: Sequence[Phase], effort: Effort) -> None:
        """After Ctrl-C: nothing of the step goes on in the server, and the journal says so."""
        self._reconnect()
        if self.journal.kept(effort.step):
            return
        left = self._clean_up(phases, effort)
        message = f"interrupted by the user{left}"
        self.journal.outcome(effort.result(Status.FAILED, "57014", message, "run again to go on"))


def _left(things: Sequence[str]) -> str:
    """What a failed step leaves behind, in words."""
    return f" ({' and '.join(things)} is left; the next run removes it)" if things else ""


def _elsewhere(error: psycopg.Error) -> bool:
    """Whether rows are not to be read: a foreign partition's, of a server that does not answer."""
    lacking = isinstance(error, psycopg.errors.ObjectNotInPrerequisiteState)
    unreached = isinstance(error, psycopg.errors.SqlclientUnableToEstablishSqlconnection)
    return lacking or unreached or str(error.sqlstate).startswith("HV")
