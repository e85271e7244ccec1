"""What each process keeps for its rate limits: the rules, the connections, and one thread.

The thread polls the version of the rules (and listens for its change), writes down what was
refused once a second, gives back what was taken ahead in vain, finds out whether the database is
back, and tidies up once an hour.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import json
import logging
import os
import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ratelimit import cleaning
from ratelimit.conf import setting
from ratelimit.decisions import Answer, Call
from ratelimit.failing import Breaker, LocalBuckets
from ratelimit.gathering import Gatherer, as_json, events_of
from ratelimit.leases import Leases
from ratelimit.rules import BrokenRuleError, RuleSet, compile_rules
from ratelimit.store import (
    APPLICATION,
    AS_PLATFORM,
    FAILURES,
    DjangoStore,
    PatientConnection,
    PooledStore,
)

logger = logging.getLogger(__name__)

POLL_SECONDS = 2.0
FLUSH_SECONDS = 1.0
TIDY_SECONDS = 3600.0
# The first call of a process waits so long for rules and a connection.
START_SECONDS = 2.0
# The thread's own statements.
PATIENCE = 12.0

VERSION = "SELECT public.agi_rate_limit_version()"
ACTIVE = "SELECT * FROM public.agi_rate_limit_active_rules()"
AUDIT = "SELECT count(*) FROM public.agi_audit_record(%s::jsonb, 'public')"
GIVE_BACK = "SELECT public.agi_rate_limit_give_back(%s::bigint[], %s::bytea[], %s::float8[])"
RECORD = "SELECT public.agi_rate_limit_record(%s::jsonb)"
CHANNEL = "agi_rate_limit_rules"


class Worker:
    """A process's rate limits.

    Args:
        url: of the database.
    """

    def __init__(self, url: str) -> None:
        self.breaker = Breaker()
        self.local = LocalBuckets()
        self.gatherer = Gatherer()
        self.leases = Leases()
        self._url = url
        self._store = PooledStore(url)
        self._rules: RuleSet | None = None
        self._broken: str | None = None
        self._told: set[tuple[Any, ...]] = set()
        self._ready = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ratelimit", daemon=True)

    def start(self) -> None:
        """Start the thread, and wait a little for the rules."""
        self._thread.start()
        self._ready.wait(START_SECONDS)

    def rules(self) -> RuleSet | None:
        """Return the last good rules; None if none could be read yet."""
        return self._rules

    def take(self, calls: Sequence[Call], *, taking: bool = True) -> list[Answer] | None:
        """Take tokens; None where the database cannot be asked, or not in time."""
        if taking and any(call.rule.lease for call in calls):
            return self.leases.take(calls, self._take)
        return self._take(calls, taking=taking)

    def _take(self, calls: Sequence[Call], *, taking: bool = True) -> list[Answer] | None:
        if self.breaker.open:
            return None
        try:
            answers = self._store.take(calls, taking=taking)
        except psycopg.errors.LockNotAvailable:
            # Too many want one bucket; the database is well.
            return None
        except FAILURES as error:
            self.breaker.failed(error)
            return None
        self.breaker.succeeded()
        return answers

    def stop(self) -> None:
        """Write down what was gathered, and let go of connections."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(FLUSH_SECONDS + START_SECONDS)
        if len(self.gatherer) or len(self.leases):
            with contextlib.suppress(*FAILURES), self._connect() as connection:
                self.give_back(connection, all=True)
                self.flush(connection)
        self._store.close()

    def give_back(self, connection: psycopg.Connection[Any], *, all: bool = False) -> None:
        """Give tokens back that were taken ahead: those held too long, or all."""
        returns = self.leases.returns(all=all)
        if not returns:
            return
        columns = zip(*((one.rule_id, one.hash, one.tokens) for one in returns), strict=True)
        try:
            connection.execute(GIVE_BACK, [list(column) for column in columns])
        except FAILURES:
            self.leases.keep(returns)
            raise

    def flush(self, connection: psycopg.Connection[Any]) -> None:
        """Write down what was refused; what cannot be written is kept for the next time."""
        refusals = self.gatherer.drain()
        if not refusals:
            return
        try:
            connection.execute(RECORD, [as_json(refusals)])
        except psycopg.DataError:
            logger.exception("refusals of rate limits were not written down")
        except FAILURES:
            self.gatherer.put_back(refusals)
            raise
        if events := events_of(refusals, self._told):
            connection.execute(AUDIT, [json.dumps(events)])

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                with self._connect() as connection:
                    self._begin(connection)
                    while not self._ending.is_set():
                        self._tick(connection)
            except FAILURES as error:
                self.breaker.trip(error)
            except Exception:
                # The thread must not end: nothing would close the breaker again.
                logger.exception("the thread of rate limits starts again")
            self._ready.set()
            self._ending.wait(FLUSH_SECONDS / 2)

    def _connect(self) -> psycopg.Connection[Any]:
        connection = PatientConnection.connect(
            self._url, autocommit=True, application_name=APPLICATION, connect_timeout=2,
            row_factory=dict_row, prepare_threshold=None,
        )  # fmt: skip
        connection.patience = PATIENCE
        connection.execute(AS_PLATFORM)
        connection.execute(
            "SELECT set_config('statement_timeout', '10s', false),"
            " set_config('lock_timeout', '1s', false)"
        )
        return connection

    def _begin(self, connection: psycopg.Connection[Any]) -> None:
        self._next_poll = 0.0
        self._next_tidy = time.monotonic() + TIDY_SECONDS * (os.getpid() % 60) / 60
        # Not through a pooler that changes servers between statements; then polling has to do.
        with contextlib.suppress(psycopg.errors.FeatureNotSupported):
            connection.execute(f"LISTEN {CHANNEL}")
        self._refresh(connection)
        self._store.open(START_SECONDS)
        self.breaker.close()
        self._ready.set()

    def _tick(self, connection: psycopg.Connection[Any]) -> None:
        for _ in connection.notifies(timeout=FLUSH_SECONDS, stop_after=1):
            self._next_poll = 0.0
        if self.breaker.open:
            self._store.open(START_SECONDS)
            self.breaker.close()
        self.give_back(connection)
        self.flush(connection)
        now = time.monotonic()
        if now >= self._next_poll:
            self._refresh(connection)
            self._next_poll = now + POLL_SECONDS
        if now >= self._next_tidy:
            self._next_tidy = now + TIDY_SECONDS
            cleaning.tidy(connection, setting("RATELIMIT_KEEP_DAYS"))

    def _refresh(self, connection: psycopg.Connection[Any]) -> None:
        row = connection.execute(VERSION).fetchone()
        version = next(iter(row.values())) if row else None
        if self._rules is not None and version in (self._rules.version, self._broken):
            return
        try:
            self._rules = compile_rules(connection.execute(ACTIVE).fetchall(), version)
        except BrokenRuleError as error:
            self._broken = version
            logger.error("the last good rate limits stay in force: %s", error)  # noqa: TRY400


class InlineWorker:
    """Rate limits on Django's connection, in its transaction, without a thread; for tests.

    Args:
        alias: of the database.
    """

    def __init__(self, alias: str) -> None:
        self.breaker = Breaker()
        self.local = LocalBuckets()
        self.gatherer = Gatherer()
        self._store = DjangoStore(alias)

    def rules(self) -> RuleSet:
        """Return the rules as they are now."""
        from ratelimit.explaining import rules_now

        return rules_now(self._store.alias)

    def take(self, calls: Sequence[Call], *, taking: bool = True) -> list[Answer] | None:
        """Take tokens."""
        return self._store.take(calls, taking=taking)

    def flush(self) -> None:
        """Write down what was refused."""
        if refusals := self.gatherer.drain():
            self._store.rows(RECORD, [as_json(refusals)])
            if events := events_of(refusals, set()):
                self._store.rows(AUDIT, [json.dumps(events)])

    def stop(self) -> None:
        """There is nothing to stop."""


_mutex = threading.Lock()
_current: Worker | InlineWorker | None = None
_left_behind: list[Any] = []


def current() -> Worker | InlineWorker:
    """Return this process's worker, started on first use."""
    global _current  # noqa: PLW0603 - one for the process
    if _current is None:
        with _mutex:
            if _current is None:
                worker = Worker(_url())
                worker.start()
                _current = worker
    return _current


def use(worker: Worker | InlineWorker | None) -> Worker | InlineWorker | None:
    """Put another worker in its place; return the one before, still running."""
    global _current
    with _mutex:
        before, _current = _current, worker
    return before


def stop() -> None:
    """Stop this process's worker; the next call starts another."""
    if (before := use(None)) is not None:
        before.stop()


def _url() -> str:
    from weedgo.databases import url_of

    return setting("RATELIMIT_DATABASE_URL") or url_of("default")


def _forget() -> None:
    """Leave the parent's threads and sockets alone, after a fork."""
    global _mutex  # noqa: PLW0603
    _mutex = threading.Lock()
    if (before := use(None)) is not None:
        _left_behind.append(before)


os.register_at_fork(after_in_child=_forget)
atexit.register(stop)


def now() -> dt.datetime:
    """Return the time, for rules that start and end."""
    return dt.datetime.now(dt.UTC)
