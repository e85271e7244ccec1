"""The limits' own way to the database: a small pool, short timeouts, no transaction of others.

In the request's transaction a hot bucket would stay locked until that ends, and a rollback would
hand tokens back.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import psycopg
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from ratelimit.conf import setting
from ratelimit.decisions import Answer, Call

APPLICATION = "weedgo rate limits"
# What can go wrong on the way; the rules' fail policies say what becomes of the call.
FAILURES = (psycopg.Error, PoolTimeout, PoolClosed, OSError)
# The log-in itself may call nothing; what it calls runs with the owner's rights.
AS_PLATFORM = (
    "SELECT set_config('role', role, false) FROM public.weedgo_resolve(NULL, 'public')"
    " WHERE role IS NOT NULL"
)
# Beyond the server's own timeout, for one that does not answer at all.
MARGIN = 0.005


class Store(Protocol):
    """Where tokens are."""

    def take(self, calls: Sequence[Call], *, taking: bool = True) -> list[Answer]:
        """Take tokens for all calls or for none; with `taking` false only look.

        Raises:
            One of `FAILURES`: the database cannot be asked, or not in time.
        """

    def close(self) -> None:
        """Let go of connections."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits so long for an answer, and no longer.

    The server's statement_timeout does not end the wait for a server that is gone without a word.
    """

    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for a step of the protocol; psycopg's hook."""
        return super().wait(gen, interval, self.patience if timeout is None else timeout)


class PooledStore:
    """A pool of connections in autocommit mode.

    Args:
        url: of the database, for the application's role.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._statement = int(setting("RATELIMIT_STATEMENT_TIMEOUT"))
        self._lock = int(setting("RATELIMIT_LOCK_TIMEOUT"))
        self._mutex = threading.Lock()
        self._pool: ConnectionPool[PatientConnection] | None = None

    @property
    def patience(self) -> float:
        """Seconds that a call may wait."""
        return self._statement / 1000

    def take(self, calls: Sequence[Call], *, taking: bool = True) -> list[Answer]:
        """Take tokens; see `Store`."""
        pool = self._pool
        if pool is None:
            raise PoolClosed("there is no connection to the database yet")
        deadline = time.monotonic() + self.patience
        connection = pool.getconn(self.patience)
        connection.patience = max(deadline - time.monotonic(), 0.0) + MARGIN
        try:
            rows = connection.execute(
                statement(len(calls)), parameters(calls, taking=taking), prepare=True, binary=True
            ).fetchall()
        except psycopg.OperationalError as error:
            # Without an SQLSTATE the server has not answered; what it may still send must not be
            # taken for the answer of the next call.
            if error.sqlstate is None:
                connection.close()
            raise
        finally:
            pool.putconn(connection)
        return [Answer(*row) for row in rows]

    def open(self, wait: float) -> None:
        """Connect anew, in place of what there was.

        Args:
            wait: seconds that the first connection may take.

        Raises:
            PoolTimeout: it took longer.
        """
        pool = ConnectionPool(
            self._url,
            connection_class=PatientConnection,
            kwargs={"autocommit": True, "application_name": APPLICATION, "connect_timeout": 2},
            configure=self._configure,
            min_size=1,
            max_size=max(1, int(setting("RATELIMIT_POOL_SIZE"))),
            timeout=self.patience,
            num_workers=1,
            open=False,
            name="ratelimit",
        )
        pool.open()
        try:
            pool.wait(wait)
        except BaseException:
            pool.close()
            raise
        with self._mutex:
            pool, self._pool = self._pool, pool  # type: ignore[assignment]
        if pool is not None:
            pool.close()

    def close(self) -> None:
        """Let go of connections."""
        with self._mutex:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _configure(self, connection: PatientConnection) -> None:
        connection.execute(AS_PLATFORM)
        connection.execute(
            "SELECT set_config('statement_timeout', %s, false),"
            " set_config('lock_timeout', %s, false),"
            # What a crash may lose is the last half second of a durable bucket.
            " set_config('synchronous_commit', 'off', false)",
            [str(self._statement), str(self._lock)],
        )


class DjangoStore:
    """Django's connection, in its transaction: for tests, whose rules nobody else sees.

    Args:
        alias: of the database.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def take(self, calls: Sequence[Call], *, taking: bool = True) -> list[Answer]:
        """Take tokens; see `Store`."""
        return [
            Answer(*row)
            for row in self.rows(statement(len(calls)), parameters(calls, taking=taking))
        ]

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self._cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    def close(self) -> None:
        """The connection is Django's."""

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Any]:
        from django.db import connections

        with connections[self.alias].cursor() as cursor:
            yield cursor


@functools.cache
def statement(count: int) -> str:
    """Return the statement that takes tokens for a number of calls.

    Scalars in ARRAY[…], as psycopg turns a list into an array ten times slower.
    """
    arrays = (
        f"ARRAY[{', '.join([f'%s::{kind}'] * count)}]"
        for kind in ("bigint", "bytea", "float8", "text")
    )
    return f"SELECT * FROM public.agi_rate_limit_take_all({', '.join(arrays)}, %s)"  # noqa: S608


def parameters(calls: Sequence[Call], *, taking: bool) -> list[Any]:
    """Return what the statement takes."""
    return [
        *(call.rule.id for call in calls),
        *(call.hash for call in calls),
        *(call.cost for call in calls),
        *(call.owner for call in calls),
        taking,
    ]
