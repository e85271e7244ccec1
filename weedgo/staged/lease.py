"""One run at a time per database: the lease that every connection of a run holds.

Two advisory locks make it. The *owner* lock is held exclusively by the run's control connection,
which never runs anything long, so it ends with its client. The *member* lock is shared by every
connection of the run: a build that goes on in the server after its client was killed still holds
it, and that is how the next owner finds it and ends it.
"""

from __future__ import annotations

import os
import socket
import threading
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
_LEFTOVER_PATIENCE = 60.0
_RECONNECT_SECONDS = 60.0


@dataclass
class Target:
    """The target database as a run holds it; made by `hold`.

    ``control`` carries the lease and the journal; steps run on members. Several threads may use it.
    """

    url: str
    run: str
    control: Connection
    restarted: bool = False
    """The server has crashed since: what was committed last may be gone."""
    term: int = 0
    """How often the lease was lost and taken again; what was opened before is gone with it."""
    _open: list[Connection] = field(default_factory=list)
    _mending: threading.Lock = field(default_factory=threading.Lock)
    _gone: str = ""

    def __post_init__(self) -> None:
        self._born = _born(self.control)
        self.member = Member(self)

    @property
    def worker(self) -> Connection:
        """The first member's connection."""
        return self.member.conn

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

    def reconnect(self, member: Member) -> None:
        """After a lost connection: end what is left of it in the server, for it to be opened anew.

        If the lease is gone too, all members are ended, and the lease is taken again.

        Raises:
            StagedError: the server stayed away, or another run has begun meanwhile.
        """
        pid = member.leave()
        with self._mending:
            deadline = time.monotonic() + _RECONNECT_SECONDS
            pause = 0.1
            while not self._mended(pid, final=time.monotonic() > deadline):
                time.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _mended(self, pid: int, *, final: bool) -> bool:
        """Whether the lease holds and a member's session is at its end; tries once."""
        if self._gone:
            raise StagedError(self._gone)
        try:
            if _alive(self.control):
                _end_session(self.control, pid, application(self.run))
            else:
                self._take_again()
        except (StagedError, psycopg.OperationalError) as error:
            if not isinstance(error, BusyError) and not final:
                return False
            # The others need not find out one after the other.
            self._gone = f"connection to the target lost: {error}"
            raise StagedError(self._gone) from None
        return True

    def _take_again(self) -> None:
        self.control.close()
        self.control = _own(self.url, self.run)
        self.restarted |= _born(self.control) != self._born
        self._born = _born(self.control)
        self.term += 1
        end_leftovers(self.control)

    def close(self) -> None:
        """Close every connection; the lease ends with them."""
        for conn in self._open:
            conn.close()
        self._open.clear()
        self.control.close()


class Member:
    """A connection of a run on which steps run: opened at first use, and again after a loss.

    Args:
        target: held by the run.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._conn: Connection | None = None
        self._term = target.term
        self.pid = 0
        """The server process of the connection that was opened last."""

    @property
    def conn(self) -> Connection:
        """The connection."""
        if self._conn is None or self._conn.closed:
            self._term = self._target.term
            self._conn = self._target.connect()
            self.pid = self._conn.info.backend_pid
        return self._conn

    @property
    def lost(self) -> bool:
        """Whether the connection, once open, or the lease under which it was opened is gone."""
        if self._target.control.closed:
            return True
        gone = self._conn is not None and self._conn.closed
        return gone or (self._conn is not None and self._term != self._target.term)

    def leave(self) -> int:
        """Close the connection; the server process that may still be at work, 0 for none."""
        if self._conn is None:
            return 0
        self._conn.close()
        self._conn = None
        return self.pid


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
    patience = f"{_LEFTOVER_PATIENCE:.0f}s"
    control.execute("SELECT pg_catalog.set_config('lock_timeout', %s, false)", [patience])
    try:
        control.execute("SELECT pg_catalog.pg_advisory_lock(%s, %s)", [LOCK_CLASS, MEMBER])
        control.execute("SELECT pg_catalog.pg_advisory_unlock(%s, %s)", [LOCK_CLASS, MEMBER])
    finally:
        control.execute("SET lock_timeout = 0")


def _end_session(control: Connection, pid: int, name: str) -> None:
    """End a session of this run, if it still is one, and wait until it is gone."""
    patience = round(_LEFTOVER_PATIENCE * 1000)
    row = control.execute(
        "SELECT pg_catalog.pg_terminate_backend(pid, %s) FROM pg_catalog.pg_stat_activity"
        " WHERE pid = %s AND application_name = %s AND pid <> pg_catalog.pg_backend_pid()",
        [patience, pid, name],
    ).fetchone()
    if row and not row[0]:
        raise StagedError(f"server process {pid} does not end; wait for it, then run again")


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
