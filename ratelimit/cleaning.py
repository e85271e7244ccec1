"""Tidying up: full buckets need no row, old violations no place, new days a partition."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

# Rows that are looked at within one statement.
BATCH = 5_000
# Any number that no other advisory lock of the project uses.
LOCK = 7_246_105_533_101
CLEAN = (
    "SELECT last_id, deleted FROM public.agi_rate_limit_clean(%s, %s)",
    "SELECT last_id, deleted FROM public.agi_rate_limit_clean_logged(%s, %s)",
)


@dataclass(frozen=True)
class Tidied:
    """What was done.

    Attributes:
        buckets: full ones that were deleted.
        partitions: of violations that were made.
        dropped: partitions that were too old.
        alone: false if another process was at it, and nothing was done here.
    """

    buckets: int = 0
    partitions: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    alone: bool = True


def tidy(connection: psycopg.Connection[Any], keep_days: int, batch: int = BATCH) -> Tidied:
    """Delete full buckets, make partitions ahead and drop old ones; one process at a time.

    Args:
        connection: in autocommit mode, so that each batch is a transaction.
        keep_days: whole days that violations are kept.
        batch: rows that are looked at within one statement.
    """
    with _alone(connection) as alone:
        if not alone:
            return Tidied(alone=False)
        ask = _asking(connection)
        made = ask(
            "SELECT public.weedgo_make_partitions('public.agi_rate_limit_violations', 'day', 2)"
        )
        dropped = ask("SELECT public.agi_rate_limit_drop_old(%s)", keep_days)
        buckets = sum(_full(ask, query, batch) for query in CLEAN)
    return Tidied(buckets, tuple(r[0] for r in made), tuple(r[0] for r in dropped))


Ask = Callable[..., list[tuple[Any, ...]]]


def _full(ask: Ask, query: str, batch: int) -> int:
    last, deleted = -1, 0
    while True:
        [(reached, gone)] = ask(query, last, batch)
        deleted += gone
        if reached is None:
            return deleted
        last = reached


def _asking(connection: psycopg.Connection[Any]) -> Ask:
    def ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
            return cursor.execute(query.encode(), values or None).fetchall()

    return ask


@contextlib.contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[bool]:
    ask = _asking(connection)
    [(got,)] = ask("SELECT pg_try_advisory_lock(%s)", LOCK)
    try:
        yield got
    finally:
        if got and not connection.closed:
            ask("SELECT pg_advisory_unlock(%s)", LOCK)
