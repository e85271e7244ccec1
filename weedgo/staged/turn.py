"""Transactions that lock tables in use: taking one's turn without making others wait for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import psycopg

from weedgo.staged import transact
from weedgo.staged.journal import Query
from weedgo.staged.lease import Member, Target
from weedgo.staged.model import ObjectId, Options, Statement
from weedgo.staged.watch import Blocker, Watch, Watcher, holding

# Seconds to queue for locks before it is known whom one would queue behind.
BRIEF = 0.1
# Seconds between two looks at a long transaction.
_LOOK = 0.2


class Turn:
    """Runs statements under their locks on one connection.

    Args:
        member: the connection.
        target: held for the run.
        options: timeouts.
        watcher: looks on, and tells of who is in the way.
        stop: set when the user wants it to end.
    """

    def __init__(
        self,
        member: Member,
        target: Target,
        options: Options,
        watcher: Watcher,
        stop: threading.Event,
    ) -> None:
        self._member = member
        self._target = target
        self._options = options
        self._watcher = watcher
        self._stop = stop
        self.kin: transact.Families = transact.families(target.control)
        """Which tables have partitions or heirs, as was asked last."""

    def take(self, phase: Sequence[Statement], queries: Sequence[Query], watch: Watch) -> None:
        """Run queries in one transaction, never queueing behind a long one.

        Whoever comes later queues behind us.

        Args:
            phase: the statements among the queries.
            queries: in order.
            watch: of the connection's server process.

        Raises:
            LockNotAvailable: a lock was not to be had within the lock timeout.
            KeyboardInterrupt: the user wants it to end.
            psycopg.Error: a query failed; everything is rolled back.
        """
        try:
            self._locked(phase, queries, min(BRIEF, self._options.lock_timeout))
        except psycopg.errors.LockNotAvailable:
            if self._options.lock_timeout <= BRIEF:
                raise
            self._let_pass(phase, watch)
            self._locked(phase, queries, self._options.lock_timeout)

    def holders(self, phase: Sequence[Statement], *, reading: bool = False) -> tuple[Blocker, ...]:
        """Who holds what a phase needs, in whatever transactions."""
        pid = self._member.conn.info.backend_pid
        found: list[Blocker] = []
        with suppress(psycopg.Error):
            for table, lock in transact.wanted(phase).items():
                modes = transact.conflicting("ACCESS SHARE" if reading else lock)
                found += holding(self._target.control, pid, table, modes)
        return tuple(dict.fromkeys(found))

    def _let_pass(self, phase: Sequence[Statement], watch: Watch) -> None:
        """Wait, in no queue, while long transactions hold what a phase needs.

        Raises:
            LockNotAvailable: they go on for longer than the lock timeout.
        """
        began = time.monotonic()
        while found := self._long(phase):
            self._watcher.tell(watch, found)
            if time.monotonic() - began > self._options.lock_timeout:
                raise psycopg.errors.LockNotAvailable("its lock was not to be had")
            if self._stop.wait(_LOOK):
                raise KeyboardInterrupt

    def _long(self, phase: Sequence[Statement]) -> tuple[Blocker, ...]:
        """Who holds what a phase needs, in transactions older than one would queue for a lock."""
        limit = self._options.lock_timeout
        return tuple(b for b in self.holders(phase) if b.open > limit)

    def _locked(
        self, phase: Sequence[Statement], queries: Sequence[Query], patience: float
    ) -> None:
        conn, kind = self._member.conn, transact.class_of(phase)
        options = replace(self._options, lock_timeout=patience)
        locks = transact.locks_first(options, phase, self._fresh_kin())
        try:
            transact.transaction(conn, options, [*locks, *queries], kind=kind)
        except psycopg.errors.InsufficientPrivilege:
            # An owner who took rights from himself may alter a table, but not LOCK it.
            if not locks:
                raise
            transact.transaction(conn, options, queries, kind=kind)

    def has_heirs(self, table: ObjectId) -> bool:
        """Whether a table has partitions or heirs, which are locked with it."""
        return (table.schema, table.name) in self.kin

    def _fresh_kin(self) -> transact.Families:
        """The families as they are now; a run that has some may change them."""
        if self.kin:
            self.kin = transact.families(self._target.control)
        return self.kin
