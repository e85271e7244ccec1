"""One run at a time per database: the lease that every connection of a run holds.

Two advisory locks make it. The *owner* lock is held exclusively by the run's control connection,
which never runs anything long, so it ends with its client. The *member* lock is shared by every
connection of the run: a build that goes on in the server after its client was killed still holds
it, and that is how the next owner finds it and ends it.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from weedgo.staged import db
from weedgo.staged.db import Connection
from weedgo.staged.model import StagedError

LOCK_CLASS = 0x57454544
OWNER = 1
MEMBER = 2

# A killed client's idle connection is noticed by the server well within this.
_OWNER_PATIENCE = "2s"
_LEFTOVER_PATIENCE = "60s"
_RECONNECT_SECONDS = 60.0


@dataclass
class Target:
    """The target database as a run holds it.

    ``control`` carries the lease and the journal; steps run on ``worker``. Made by `hold`.
    """

    url: str
    run: str
    control: Connection
    restarted: bool = False
    """The server has crashed since: what was committed last may be gone."""
    _open: list[Connection] = field(default_factory=list)
    _worker: Connection | None = None

    @property
    def worker(self) -> Connection:
        """The connection on which steps run, opened at first use and again after a loss."""
        if self._worker is None or self._worker.closed:
            self._worker = self.connect()
        return self._worker

    @property
    def lost(self) -> bool:
        """Whether the worker, once open, or the control connection is known to be gone."""
        return self.control.closed or (self._worker is not None and self._worker.closed)

    @property
    def alive(self) -> bool:
        """Whether the lease still holds; asks the server."""
        return _alive(self.control)

    def connect(self) -> Connection:
        """One more connection of this run; closed with the target."""
        conn = db.connect(self.url, application=application(self.run))
        conn.execute("SELECT pg_catalog.pg_advisory_lock_shared(%s, %s)", [LOCK_CLASS, MEMBER])
        # Statements are qualified, but the functions that defaults and indexes call may rely on
        # the path that the database's own sessions have.
        conn.execute("SET search_path TO DEFAULT")
        # The server's log is in order: what ends the run durably makes every step durable. What
        # a crash of the server takes away before that is done again.
        conn.execute("SET synchronous_commit = off")
        self._open.append(conn)
        return conn

    def reconnect(self) -> None:
        """After a lost connection: end what is left of the old ones and open new ones.

        Raises:
            StagedError: the server stayed away, or another run has begun meanwhile.
        """
        self._close_members()
        deadline = time.monotonic() + _RECONNECT_SECONDS
        pause = 0.1
        while True:
            try:
                if not _alive(self.control):
                    self.control.close()
                    self.control = _own(self.url, self.run)
                    self.restarted |= _born(self.control) != self._born
                end_leftovers(self.control)
                return
            except (StagedError, psycopg.OperationalError) as error:
                if isinstance(error, BusyError) or time.monotonic() > deadline:
                    raise StagedError(f"connection to the target lost: {error}") from None
            time.sleep(pause)
            pause = min(pause * 2, 2.0)

    def close(self) -> None:
        """Close every connection; the lease ends with them."""
        self._close_members()
        self.control.close()

    def __post_init__(self) -> None:
        self._born = _born(self.control)

    def _close_members(self) -> None:
        for conn in self._open:
            conn.close()
        self._open.clear()
        self._worker = None


class BusyError(StagedError):
    """Another run holds the database."""


def application(run: str) -> str:
    """The application_name of a run's connections; it tells others who runs, and where."""
    host = socket.gethostname()[:20]
    return f"weedgo {run} {host}:{os.getpid()}"[:63]


@contextmanager
def hold(url: str, run: str) -> Iterator[Target]:
    """Hold the database for one run, having ended what a killed run left behind.

    Args:
        url: the target.
        run: the run's id.

    Raises:
        StagedError: another run is alive (it is named), or its leftovers could not be ended.
    """
    target = Target(url, run, _own(url, run))
    try:
        end_leftovers(target.control)
        yield target
    finally:
        target.close()


def _own(url: str, run: str) -> Connection:
    conn = db.connect(url, application=application(run))
    try:
        _take_over(conn, run)
        conn.execute("SET synchronous_commit = off")
    except BaseException:
        conn.close()
        raise
    return conn


def _take_over(conn: Connection, run: str) -> None:
    if _take(conn):
        return
    # After a lost network the server may still keep this run's former connection.
    ended = conn.execute(
        "SELECT pg_catalog.pg_terminate_backend(a.pid)" + _FORMER, _of_owner(run)
    ).fetchall()
    if not ended or not _take(conn):
        raise BusyError(
            f"another run is in progress in this database: {owner(conn)}; "
            "wait for its end, or end that session"
        )


def _take(conn: Connection) -> bool:
    conn.execute("SELECT pg_catalog.set_config('lock_timeout', %s, false)", [_OWNER_PATIENCE])
    try:
        conn.execute("SELECT pg_catalog.pg_advisory_lock(%s, %s)", [LOCK_CLASS, OWNER])
    except psycopg.errors.LockNotAvailable:
        return False
    finally:
        conn.execute("SET lock_timeout = 0")
    return True


def _of_owner(run: str) -> dict[str, object]:
    return {"class": LOCK_CLASS, "key": OWNER, "name": application(run)}


def owner(conn: Connection) -> str:
    """Who holds the lease, in words: run, host and process, server pid, since when."""
    row = conn.execute(
        "SELECT a.pid, a.application_name, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ')"
        + _HOLDERS,
        _of_owner(""),
    ).fetchone()
    if row is None:
        return "it has just ended"
    pid, name, since = row
    words = str(name or "").split()
    who = f"run {words[1]} of {words[2]}" if len(words) == 3 else str(name)
    return f"{who}, server process {pid}" + (f", since {since}" if since else "")


_HOLDERS = """
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
   AND l.database = (SELECT oid FROM pg_catalog.pg_database
                      WHERE datname = pg_catalog.current_database())
   AND l.classid::bigint = %(class)s AND l.objid::bigint = %(key)s
   AND a.pid <> pg_catalog.pg_backend_pid()
"""
_FORMER = _HOLDERS + " AND a.application_name = %(name)s"


def end_leftovers(control: Connection) -> list[int]:
    """End the sessions that a killed run left in the server, and wait until they are gone.

    Only the owner may call it: whoever else holds the member lock has no client any more.

    Returns:
        The server processes that were ended.

    Raises:
        StagedError: the role may not end them, or they did not end in time.
    """
    rows = control.execute("SELECT a.pid" + _HOLDERS, {"class": LOCK_CLASS, "key": MEMBER})
    pids = [int(r[0]) for r in rows.fetchall()]
    if not pids:
        return []
    named = ", ".join(map(str, pids))
    try:
        control.execute("SELECT pg_catalog.pg_terminate_backend(p) FROM unnest(%s) p", [pids])
        _wait_for_members(control)
    except psycopg.errors.InsufficientPrivilege:
        raise StagedError(
            f"a killed run is still at work in server process {named}, which this role may not "
            "end; run as its role, or end it with pg_terminate_backend"
        ) from None
    except psycopg.errors.LockNotAvailable:
        raise StagedError(
            f"a killed run is still at work in server process {named} and does not end; "
            "wait for it, then run again"
        ) from None
    return pids


def _wait_for_members(control: Connection) -> None:
    control.execute("SELECT pg_catalog.set_config('lock_timeout', %s, false)", [_LEFTOVER_PATIENCE])
    try:
        control.execute("SELECT pg_catalog.pg_advisory_lock(%s, %s)", [LOCK_CLASS, MEMBER])
        control.execute("SELECT pg_catalog.pg_advisory_unlock(%s, %s)", [LOCK_CLASS, MEMBER])
    finally:
        control.execute("SET lock_timeout = 0")


def _born(conn: Connection) -> Any:
    row = conn.execute("SELECT pg_catalog.pg_postmaster_start_time()").fetchone()
    return row and row[0]


def _alive(conn: Connection) -> bool:
    if conn.closed:
        return False
    try:
        conn.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
