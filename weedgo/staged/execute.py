"""One step at a time: guards, phases, locks and retries, and what is left when it fails."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import psycopg
from psycopg import errors, sql
from psycopg.rows import TupleRow

from weedgo.staged.db import Connection, one_line
from weedgo.staged.journal import Journal, Query
from weedgo.staged.lease import Target
from weedgo.staged.model import Guard, ObjectId, Options, Result, Statement, Status, Step
from weedgo.staged.remedies import remedy
from weedgo.staged.watch import Blocker, Listen, Watch, Watcher, holding

# A lock not had in time, a deadlock, a serialization failure, an object in use.
RETRIED = ("55P03", "40P01", "40001", "55006")
LOST = 3
"""How often one step may lose its connection and begin again."""

# Weakest first; what conflicts with writers begins at SHARE.
_LOCKS = (
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE",
    "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
)  # fmt: skip
_IDENT = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_BUILD = re.compile(
    rf"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?({_IDENT})"
    rf"\s+ON\s+(?:ONLY\s+)?({_IDENT})\.({_IDENT})",
    re.IGNORECASE,
)


class RefusedError(Exception):
    """A guard counted rows."""

    def __init__(self, guard: Guard, count: int) -> None:
        super().__init__(guard.message.replace("{count}", str(count)))
        self.remedy = guard.remedy


@dataclass
class Effort:
    """What one step has cost so far: attempts, time, and who was in the way."""

    options: Options
    began: float = field(default_factory=time.monotonic)
    attempts: int = 1
    losses: int = 0
    waited: float = 0.0
    phases: int = 0
    blockers: tuple[Blocker, ...] = ()
    overdue: bool = False

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.began

    def again(self, spent: float) -> bool:
        """Whether to try once more after an attempt that waited in vain; pauses if so."""
        self.waited += spent
        if self.attempts > self.options.retries or self.waited >= self.options.wait_timeout:
            return False
        pause = min(0.05 * 2 ** min(self.attempts, 12), 5.0) * random.uniform(0.5, 1.0)  # noqa: S311
        pause = min(pause, self.options.wait_timeout - self.waited)
        time.sleep(pause)
        self.waited += pause
        self.attempts += 1
        return True


class Executor:
    """Runs steps on the target's worker connection and records what became of them.

    Args:
        target: held for the run.
        journal: attached to the run's steps.
        options: timeouts and retries.
        listen: told of blockers.
    """

    def __init__(self, target: Target, journal: Journal, options: Options, listen: Listen) -> None:
        self.target = target
        self.journal = journal
        self.options = options
        self.watcher = Watcher(target, listen)

    def close(self) -> None:
        """End the watching."""
        self.watcher.close()

    def run(self, step: Step) -> Result:
        """Run one step to its end.

        Raises:
            StagedError: the target is lost for good.
            KeyboardInterrupt: after the statement was cancelled and the step recorded.
        """
        effort = Effort(self.options)
        try:
            result = self._run(step, effort)
        except KeyboardInterrupt:
            self._interrupted(step, effort)
            raise
        if result.status is not Status.DONE or not _ends_in_transaction(step):
            self.journal.outcome(result)
        return result

    def run_together(self, steps: Sequence[Step]) -> list[Result] | None:
        """Run steps on objects that nobody else can be using in one transaction.

        Returns:
            Their results, or None if any failed; nothing of them has happened then.
        """
        queries: list[Query] = []
        for step in steps:
            queries += [(s.sql, []) for s in step.statements]
            queries.append(self.journal.completion(step))
        try:
            times = self._transact(queries, count=len(steps))
        except psycopg.Error:
            if self.target.worker_lost:
                self._reconnect()
            if self.journal.status(steps[-1])[0] != self.journal.done:
                return None
            times = [0.0] * len(steps)
        except KeyboardInterrupt:
            self._reconnect()
            raise
        pairs = zip(steps, times, strict=True)
        return [Result(step, Status.DONE, 1, seconds) for step, seconds in pairs]

    def _run(self, step: Step, effort: Effort) -> Result:
        phases = _phases(step)
        while True:
            began = time.monotonic()
            try:
                if effort.phases == 0:
                    self._guard(step)
                for phase in phases[effort.phases :]:
                    self._phase(step, phase, effort, last=phase is phases[-1])
                    effort.phases += 1
                return Result(step, Status.DONE, effort.attempts, effort.elapsed)
            except RefusedError as refused:
                return Result(step, Status.REFUSED, effort.attempts, effort.elapsed, "",
                              str(refused), refused.remedy)  # fmt: skip
            except psycopg.Error as error:
                if self.target.worker_lost:
                    decided = self._lost(step, phases, effort, error)
                    if decided:
                        return decided
                elif not self._retry(error, effort, time.monotonic() - began):
                    return self._failed(step, phases, effort, error)

    def _guard(self, step: Step) -> None:
        # Counting must not wait behind others, nor overlook rows that a policy hides.
        limits = _limits(self.options, "row_security")
        for guard in step.guards:
            queries: list[Query] = [
                ("BEGIN READ ONLY", []),
                (limits, []),
                (guard.query, []),
                ("COMMIT", []),
            ]
            row = _pipelined(self.target.worker, queries)[2].fetchone()
            if row and row[0]:
                raise RefusedError(guard, int(row[0]))

    def _phase(self, step: Step, phase: Sequence[Statement], effort: Effort, *, last: bool) -> None:
        if not phase[0].transactional:
            self.journal.intent(step, effort.attempts)
            for statement in phase:
                self._alone(step, statement, effort)
            self.journal.progress(step, effort.phases + 1)
            return
        queries = self._lock_first(phase) + [(s.sql, []) for s in phase]
        if last:
            queries.append(self.journal.completion(step, effort.attempts, effort.elapsed))
        else:
            queries.append(self.journal.progression(step, effort.phases + 1))
        tables = [s.table for s in phase if s.table]
        if not tables:
            self._transact(queries)
            return
        pid = self.target.worker.info.backend_pid
        with self.watcher.watching(pid, step) as watch:
            try:
                self._transact(queries)
            except errors.LockNotAvailable:
                effort.blockers = watch.blockers or self._holders(pid, tables)
                raise
            except psycopg.Error:
                effort.blockers = watch.blockers
                raise

    def _transact(self, queries: Sequence[Query], *, count: int = 0) -> list[float]:
        """One transaction in one round trip; the seconds that its completions returned."""
        limits: Query = (_limits(self.options), [])
        cursors = _pipelined(self.target.worker, [("BEGIN", []), limits, *queries, ("COMMIT", [])])
        if not count:
            return []
        rows = [c.fetchone() for c, (_, args) in zip(cursors[2:-1], queries, strict=True) if args]
        return [float(row[0]) for row in rows if row]

    def _lock_first(self, phase: Sequence[Statement]) -> list[Query]:
        """LOCK statements where a transaction needs several locks: all under one deadline."""
        modes: dict[ObjectId, set[str]] = {}
        for s in phase:
            if s.table and s.lock and s.table.kind == "table":
                modes.setdefault(s.table, set()).add(s.lock)
        strong = [t for t, m in modes.items() if any(_LOCKS.index(x) >= 4 for x in m)]
        if (len(modes) < 2 and all(len(m) < 2 for m in modes.values())) or not strong:
            return []
        queries: list[Query] = []
        for table in sorted(modes):
            mode = max(modes[table], key=_LOCKS.index)
            lock = sql.SQL("LOCK TABLE ONLY {} IN {} MODE").format(
                sql.Identifier(table.schema, table.name), sql.SQL(mode)
            )
            queries += [(lock.as_string(None), []), (_remaining(self.options), [])]
        return queries

    def _alone(self, step: Step, statement: Statement, effort: Effort) -> None:
        """A statement outside transactions; its waits hold up nobody, so it may wait longer."""
        conn = self.target.worker
        index = _built(statement)
        if index and _index_state(conn, index) == "invalid":
            conn.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(*index)))
        limit = self.options.wait_timeout - effort.waited
        with self.watcher.watching(conn.info.backend_pid, step, limit) as watch:
            try:
                conn.execute(statement.sql.encode())
            except psycopg.Error:
                self._gave_up(watch, effort)
                raise

    def _gave_up(self, watch: Watch, effort: Effort) -> None:
        effort.blockers = watch.blockers
        effort.overdue = watch.cancelled

    def _retry(self, error: psycopg.Error, effort: Effort, spent: float) -> bool:
        return error.sqlstate in RETRIED and effort.again(spent)

    def _holders(self, pid: int, tables: Sequence[ObjectId]) -> tuple[Blocker, ...]:
        try:
            return holding(self.target.control, pid, tables)
        except psycopg.Error:
            return ()

    def _failed(
        self,
        step: Step,
        phases: Sequence[Sequence[Statement]],
        effort: Effort,
        error: psycopg.Error,
    ) -> Result:
        left = self._clean_up(phases[effort.phases])
        if effort.phases:
            self._compensate(step)
        message = _message(error)
        advice = remedy(error, step, self.target.control.info.user)
        if error.sqlstate in RETRIED or effort.overdue:
            message = _waited(step, effort, error)
            advice = _ending(effort.blockers)
        return Result(step, Status.FAILED, effort.attempts, effort.elapsed,
                      error.sqlstate or "", message + left, advice)  # fmt: skip

    def _clean_up(self, phase: Sequence[Statement]) -> str:
        """Drop the invalid index that a failed build left; what could not be dropped, in words."""
        for statement in phase:
            index = _built(statement)
            if index is None:
                continue
            conn = self.target.worker
            try:
                if _index_state(conn, index) == "invalid":
                    conn.execute(_set("lock_timeout", max(self.options.lock_timeout, 1.0)))
                    conn.execute(
                        sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(*index))
                    )
            except psycopg.Error:
                return f" (the invalid index {'.'.join(index)} is left; the next run removes it)"
            finally:
                if not conn.closed:
                    conn.execute("SET lock_timeout = 0")
        return ""

    def _compensate(self, step: Step) -> None:
        """Take back the phases that a step which makes a new object has committed already."""
        if step.main.before is not None or step.no_undo:
            return
        for statement in step.undo:
            try:
                if statement.transactional:
                    self._transact([(statement.sql, [])])
                else:
                    self.target.worker.execute(statement.sql.encode())
            except psycopg.Error:
                continue

    def _lost(
        self,
        step: Step,
        phases: Sequence[Sequence[Statement]],
        effort: Effort,
        error: psycopg.Error,
    ) -> Result | None:
        """After a lost connection: what is known of the step, or None to go on with it."""
        self._reconnect()
        effort.losses += 1
        status, done = self.journal.status(step)
        if status == self.journal.done:
            return Result(step, Status.DONE, effort.attempts, effort.elapsed)
        phase = phases[effort.phases]
        known = phase[0].transactional or all(map(_built, phase))
        if known and all(self._stands(s) for s in phase):
            done = effort.phases + 1
        effort.phases = max(effort.phases, done)
        if effort.phases == len(phases):
            return Result(step, Status.DONE, effort.attempts, effort.elapsed)
        if known and effort.losses <= LOST:
            effort.attempts += 1
            return None
        return Result(
            step, Status.FAILED, effort.attempts, effort.elapsed, error.sqlstate or "08006",
            f"connection lost: {one_line(error)}",
            "run again; the next run sees from the catalog what was done",
        )  # fmt: skip

    def _stands(self, statement: Statement) -> bool:
        index = _built(statement)
        return index is not None and _index_state(self.target.worker, index) == "valid"

    def _reconnect(self) -> None:
        self.target.reconnect()
        self.journal.conn = self.target.control

    def _interrupted(self, step: Step, effort: Effort) -> None:
        """After Ctrl-C: nothing of the step goes on in the server, and the journal says so."""
        self._reconnect()
        phases = _phases(step)
        if self.journal.status(step)[0] == self.journal.done:
            return
        left = self._clean_up(phases[min(effort.phases, len(phases) - 1)]) if phases else ""
        self.journal.outcome(
            Result(step, Status.FAILED, effort.attempts, effort.elapsed, "57014",
                   f"interrupted by the user{left}", "run again to continue")
        )  # fmt: skip


def _phases(step: Step) -> list[list[Statement]]:
    """Statements that share a transaction, or stand alone, in order."""

    def key(pair: tuple[int, Statement]) -> tuple[int, int]:
        number, s = pair
        return s.phase, -1 if s.transactional else number

    pairs = enumerate(step.statements)
    return [[s for _, s in group] for _, group in groupby(pairs, key)]


def _ends_in_transaction(step: Step) -> bool:
    return bool(step.statements) and step.statements[-1].transactional


def _milliseconds(seconds: float) -> str:
    return f"{max(0, round(seconds * 1000))}ms"


def _set(name: str, seconds: float) -> sql.Composed:
    return sql.SQL("SET {} = {}").format(sql.Identifier(name), _milliseconds(seconds))


def _limits(options: Options, *off: str) -> str:
    """The transaction's timeouts, and switches to be off in it."""
    settings = {"lock_timeout": _milliseconds(max(options.lock_timeout, 0.001))}
    settings["statement_timeout"] = _milliseconds(options.statement_timeout)
    settings |= dict.fromkeys(off, "off")
    calls = (
        sql.SQL("pg_catalog.set_config({}, {}, true)").format(name, value)
        for name, value in settings.items()
    )
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls)).as_string(None)


def _remaining(options: Options) -> str:
    """What is left of the lock timeout since the transaction began, for the next lock."""
    return (
        sql.SQL(
            "SELECT pg_catalog.set_config('lock_timeout', greatest(1, {}"
            " - extract(epoch from clock_timestamp() - now()) * 1000)::int::text, true)"
        )
        .format(round(options.lock_timeout * 1000))
        .as_string(None)
    )


def _pipelined(conn: Connection, queries: Sequence[Query]) -> list[psycopg.Cursor[TupleRow]]:
    """Send queries in one round trip; the first error is raised after a rollback."""
    cursors: list[psycopg.Cursor[TupleRow]] = []
    error: psycopg.Error | None = None
    try:
        with conn.pipeline():
            try:
                cursors.extend(conn.execute(text.encode(), args or None) for text, args in queries)
            except psycopg.Error as first:
                error = first
    except psycopg.Error as first:
        error = error or first
    if error is not None:
        _rollback(conn)
        raise error
    return cursors


def _rollback(conn: Connection) -> None:
    if conn.closed:
        return
    try:
        conn.rollback()
    except psycopg.Error:
        conn.close()


def _built(statement: Statement) -> tuple[str, str] | None:
    """Schema and name of the index that a statement builds concurrently."""
    found = _BUILD.match(statement.sql)
    return (_plain(found[2]), _plain(found[1])) if found else None


def _plain(identifier: str) -> str:
    if identifier.startswith('"'):
        return identifier[1:-1].replace('""', '"')
    return identifier.lower()


def _index_state(conn: Connection, index: tuple[str, str]) -> str:
    """Whether an index is valid, invalid or absent."""
    row = conn.execute(
        "SELECT i.indisvalid AND i.indisready FROM pg_catalog.pg_index i"
        " JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND c.relkind = 'i'",
        index,
    ).fetchone()
    return "absent" if row is None else "valid" if row[0] else "invalid"


def _message(error: psycopg.Error) -> str:
    text = error.diag.message_primary or one_line(error)
    hint = error.diag.message_hint
    return f"{text} ({hint})" if hint else text


def _waited(step: Step, effort: Effort, error: psycopg.Error) -> str:
    tables = ", ".join(dict.fromkeys(t for t, _ in step.locks)) or step.main.id.path
    what = "was cancelled after waiting" if effort.overdue else "could not get its locks"
    if error.sqlstate in ("40P01", "40001"):
        what = _message(error)
    text = f"{tables}: {what}, {effort.attempts} attempts in {effort.elapsed:.0f} s"
    return text + (
        "; in the way: " + "; ".join(map(str, effort.blockers)) if effort.blockers else ""
    )


def _ending(blockers: Sequence[Blocker]) -> str:
    pids = [b.pid for b in blockers if b.pid]
    if not pids:
        return "run again at a quieter time, or raise --retries or --wait-timeout"
    calls = ", ".join(f"pg_terminate_backend({pid})" for pid in pids)
    return f"run again when these sessions have ended, or end them: SELECT {calls}"
