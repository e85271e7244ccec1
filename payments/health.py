"""How well providers answer, counted in the database for all workers together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from payments.models import Operation
from payments.models.charges import OperationStatus as Status
from payments.providers import Answer

BUCKET = timedelta(seconds=10)
WINDOW = timedelta(minutes=5)
# Fewer calls say nothing.
AT_LEAST = 20
# Above these a provider is failing.
FAILING_RATE = 0.5
FAILING_P95_MS = 10_000
# Above this it is only asked after those who do better.
AILING_RATE = 0.1
# Upper bounds of the classes of durations, in milliseconds; the last class has none.
BOUNDS_MS = tuple(25 * 2**n for n in range(11))

_COUNT = """
INSERT INTO payment_provider_health_metrics AS m
    (provider_id, method, bucket_start, call_count, technical_errors, declines, unknowns,
     latency_histogram, total_latency_ms)
VALUES (%(provider)s, %(method)s, date_bin('10 seconds', now(), 'epoch'), 1, %(errors)s,
        %(declines)s, %(unknowns)s, %(histogram)s::integer[], %(elapsed)s)
ON CONFLICT (provider_id, method, bucket_start) DO UPDATE SET
    call_count = m.call_count + 1,
    technical_errors = m.technical_errors + excluded.technical_errors,
    declines = m.declines + excluded.declines,
    unknowns = m.unknowns + excluded.unknowns,
    total_latency_ms = m.total_latency_ms + excluded.total_latency_ms,
    latency_histogram[%(place)s] = m.latency_histogram[%(place)s] + 1
"""
# What was counted before a breaker closed speaks of another time.
_WINDOW = """
SELECT m.provider_id, m.method, sum(m.call_count), sum(m.technical_errors), sum(m.unknowns),
       sum(m.declines), sum(m.total_latency_ms),
       (SELECT array_agg(n ORDER BY place) FROM (
            SELECT place, sum(n) AS n
            FROM payment_provider_health_metrics AS h,
                 unnest(h.latency_histogram) WITH ORDINALITY AS class (n, place)
            WHERE h.provider_id = m.provider_id AND h.method = m.method
              AND h.bucket_start >= greatest(now() - %(window)s, min(c.closed_at))
            GROUP BY place) AS merged)
FROM payment_provider_health_metrics AS m
LEFT JOIN payment_circuit AS c ON c.provider_id = m.provider_id AND c.method = m.method
WHERE m.bucket_start >= greatest(now() - %(window)s, c.closed_at)
  AND (m.provider_id = %(provider)s OR %(provider)s IS NULL)
  AND (m.method = %(method)s OR %(method)s IS NULL)
GROUP BY m.provider_id, m.method
ORDER BY m.provider_id, m.method
"""


@dataclass(frozen=True)
class Health:
    """How a provider answered within the window.

    Attributes:
        provider: its id.
        method: of payment.
        calls: how many.
        technical: how many certainly did not arrive.
        unknown: how many ended without an answer.
        declined: how many it declined.
        total_ms: how long they took together.
        histogram: calls by class of duration, see `BOUNDS_MS`.
    """

    provider: int
    method: str
    calls: int = 0
    technical: int = 0
    unknown: int = 0
    declined: int = 0
    total_ms: int = 0
    histogram: tuple[int, ...] = ()

    @property
    def failure_rate(self) -> float:
        """The share of calls that ended without an answer; a decline is one."""
        return (self.technical + self.unknown) / self.calls if self.calls else 0.0

    @property
    def p95_ms(self) -> int:
        """The upper bound of the class in which the slowest twentieth begins."""
        return percentile(self.histogram, 0.95)

    @property
    def is_failing(self) -> bool:
        """Whether it is to be left alone."""
        if self.calls < AT_LEAST:
            return False
        return self.failure_rate > FAILING_RATE or self.p95_ms > FAILING_P95_MS

    @property
    def is_ailing(self) -> bool:
        """Whether others are asked first."""
        return self.calls >= AT_LEAST and self.failure_rate > AILING_RATE


def percentile(histogram: tuple[int, ...], share: float) -> int:
    """Return the upper bound in milliseconds of the class that holds a percentile; 0 for none."""
    wanted = share * sum(histogram)
    passed = 0
    for place, count in enumerate(histogram):
        passed += count
        if count and passed >= wanted:
            return BOUNDS_MS[place] if place < len(BOUNDS_MS) else BOUNDS_MS[-1] * 2
    return 0


def outcome_of(answer: Answer | None, failure: str) -> str:
    """Return what a call counts as."""
    if answer is None:
        return failure
    return Status.SUCCEEDED if answer.succeeded else Status.DECLINED


def record(operation: Operation, method: str, elapsed_ms: int, outcome: str) -> None:
    """Count a call to a provider.

    Args:
        operation: what was asked.
        method: the method of payment.
        elapsed_ms: how long the provider took.
        outcome: as `outcome_of` says.
    """
    place = sum(elapsed_ms > bound for bound in BOUNDS_MS)
    histogram = [0] * (len(BOUNDS_MS) + 1)
    histogram[place] = 1
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "provider": operation.provider_id,
                "method": method,
                "errors": int(outcome == Status.NOT_SENT),
                "declines": int(outcome == Status.DECLINED),
                "unknowns": int(outcome == Status.UNKNOWN),
                "histogram": histogram,
                "elapsed": elapsed_ms,
                "place": place + 1,
            },
        )


def window(provider: int | None = None, method: str | None = None) -> list[Health]:
    """Return how providers answered within the window: one, or all that were called."""
    with connection.cursor() as cursor:
        arguments: dict[str, Any] = {"provider": provider, "method": method, "window": WINDOW}
        cursor.execute(_WINDOW, arguments)
        return [_health(row) for row in cursor.fetchall()]


def _health(row: tuple[Any, ...]) -> Health:
    provider, method, calls, technical, unknown, declined, total_ms, histogram = row
    return Health(
        provider, method, int(calls), int(technical), int(unknown), int(declined), int(total_ms),
        tuple(map(int, histogram or ())),
    )  # fmt: skip


def is_failing(provider: int, method: str) -> bool:
    """Return whether a provider is to be left alone for a method."""
    return any(health.is_failing for health in window(provider, method))
