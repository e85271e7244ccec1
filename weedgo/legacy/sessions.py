"""The process that holds the workload's sessions; `weedgo.legacy.workload` starts it.

It reads its order as a line of JSON on standard input, answers ``{"ready": true}`` when every
session has committed once, runs until the next line or the end of standard input, and answers with
what was done.
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import Connection, sql

from weedgo.legacy import traffic
from weedgo.legacy.checksums import Written

SEED = 20251123


@dataclass
class Record:
    """What one session did; no other session writes it."""

    statements: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    rows: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    inserted: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    deleted: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    uncertain: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))


class Session:
    """One connection of the workload, and what it may write.

    Args:
        url: the database.
        number: which of the sessions this is, from 0.
        of: how many there are; each updates rows that no other touches.
        prepared: whether statements are prepared by the server.
    """

    def __init__(self, url: str, number: int, of: int, *, prepared: bool = False) -> None:
        self.number, self.of, self.url, self.prepared = number, of, url, prepared
        self.record = Record()
        self.random = random.Random(SEED + number)  # noqa: S311
        self.marks: dict[str, int] = {}
        self._pending: list[tuple[str, str, int, dict[str, Any]]] = []
        self._name = "connect"
        self._connection: Connection[Any] | None = None

    def run(self, transaction: traffic.Transaction) -> None:
        """Run one transaction; a failure is recorded and ends only that."""
        self._pending.clear()
        try:
            connection = self._connected()
            transaction(self)
            with self._timed("commit"):
                connection.commit()
        except psycopg.Error as error:
            self._fail(error)
            return
        for write in self._pending:
            self._note(*write)

    def query(self, name: str, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Send one statement of a class, time it, and return its rows."""
        connection = self._connected()
        with self._timed(name):
            cursor = connection.execute(query.encode(), arguments)
            return cursor.fetchall() if cursor.description else []

    def write(self, kind: str, table: str, query: str, *arguments: Any) -> int | None:
        """Send a statement that writes one row; it counts once it is committed.

        Args:
            kind: ``insert``, ``update`` or ``delete``.
            table: ``schema.table``.
            query: returns the key, then the columns written, as text.

        Returns:
            The row's key; None if there is no such row.
        """
        connection = self._connected()
        with self._timed(f"{kind} {table.split('.', 1)[1]}"):
            cursor = connection.execute(query.encode(), arguments)
            row = cursor.fetchone()
        if row is None:
            return None
        columns = [column.name for column in cursor.description or ()]
        self._pending.append((kind, table, row[0], dict(zip(columns[1:], row[1:], strict=True))))
        return int(row[0])

    def own(self, table: str) -> int:
        """A random key of a row that only this session updates."""
        step = traffic.WRITTEN[table].slice
        keys = max(self.marks[table] // (step * self.of), 1)
        return step * (self.number + self.of * self.random.randrange(keys))

    def placed(self, table: str) -> int | None:
        """The key of a row that this session inserted; None while there is none."""
        keys = self.record.inserted[table]
        return self.random.choice(keys) if keys else None

    def any(self, table: str) -> int:
        """A random key of any row that stood at the start."""
        return self.random.randint(1, max(self.marks[table], 1))

    def measure(self) -> None:
        """Learn the highest keys at the start."""
        for table, written in {**traffic.WRITTEN, **traffic.READ}.items():
            self.marks[table] = _mark(self._connected(), table, written)
        self._connected().rollback()

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()

    @contextlib.contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        self._name = name
        started = time.monotonic()
        try:
            yield
        finally:
            self.record.statements[name].append(1000 * (time.monotonic() - started))

    def _connected(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            with self._timed("connect"):
                self._connection = psycopg.connect(self.url, application_name="weedgo workload")
            # What is prepared once must not outlive a change of the table under it.
            self._connection.prepare_threshold = 1 if self.prepared else None
        return self._connection

    def _fail(self, error: psycopg.Error) -> None:
        message = (error.diag.message_primary or str(error)).splitlines()[0]
        self.record.failures.append((self._name, error.sqlstate or "", message))
        if self._name == "commit" and not error.sqlstate:
            for write, table, key, _ in self._pending:
                self.record.uncertain[table].setdefault(key, write)
        if self._connection is not None and not self._connection.closed:
            try:
                self._connection.rollback()
            except psycopg.Error:
                self._connection.close()

    def _note(self, write: str, table: str, key: int, values: dict[str, Any]) -> None:
        if write == "delete":
            self.record.deleted[table].append(key)
            self.record.rows[table].pop(key, None)
            return
        if write == "insert":
            self.record.inserted[table].append(key)
        self.record.rows[table].setdefault(key, {}).update(values)


def _mark(connection: Connection[Any], table: str, written: Written) -> int:
    query = sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(
        sql.Identifier(written.key), sql.Identifier(*table.split(".", 1))
    )
    (mark,) = connection.execute(query).fetchone() or (0,)
    return int(mark)


def work(session: Session, rate: float, ready: threading.Barrier, stop: threading.Event) -> None:
    """Run transactions at a steady rate until told to stop."""
    try:
        session.measure()
        for transaction in traffic.MIX:
            session.run(transaction)
    except psycopg.Error as error:
        session.record.failures.append(("connect", "", str(error).strip().splitlines()[0]))
    if session.record.failures:
        ready.abort()
        return
    with contextlib.suppress(threading.BrokenBarrierError):
        ready.wait()
    transactions, weights = list(traffic.MIX), list(traffic.MIX.values())
    due = time.monotonic()
    while not stop.is_set():
        session.run(session.random.choices(transactions, weights)[0])
        # After a pause the session goes on at its rate; it does not catch up what it missed.
        due = max(due + 1 / rate, time.monotonic())
        stop.wait(due - time.monotonic())
    session.close()


def report(sessions: Sequence[Session], seconds: float) -> dict[str, Any]:
    """What all sessions did, as JSON can hold it."""
    statements: dict[str, list[float]] = defaultdict(list)
    merged: dict[str, dict[str, Any]] = {
        name: {} for name in ("rows", "inserted", "deleted", "uncertain")
    }
    for session in sessions:
        for name, times in session.record.statements.items():
            statements[name] += times
        for part, tables in merged.items():
            for table, written in getattr(session.record, part).items():
                known = tables.setdefault(table, type(written)())
                known.update(written) if isinstance(known, dict) else known.extend(written)
    failures = [failure for session in sessions for failure in session.record.failures]
    return {"statements": statements, "failures": failures, "seconds": seconds, **merged}


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve one order."""
    # Ctrl-C is for the process that started this one, which then says stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = json.loads(sys.stdin.readline())
    stop, ready = threading.Event(), threading.Barrier(order["sessions"] + 1)
    sessions = [
        Session(order["url"], n, order["sessions"], prepared=order.get("prepared", False))
        for n in range(order["sessions"])
    ]
    threads = [
        threading.Thread(target=work, args=(session, order["rate"], ready, stop), daemon=True)
        for session in sessions
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    try:
        ready.wait()
    except threading.BrokenBarrierError:
        failures = [failure for session in sessions for failure in session.record.failures]
        _say({"error": ": ".join(filter(None, failures[0]))})
        return
    _say({"ready": True})
    sys.stdin.readline()
    stop.set()
    for thread in threads:
        thread.join()
    _say(report(sessions, time.monotonic() - started))


if __name__ == "__main__":
    main()
