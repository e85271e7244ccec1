"""How well providers answer, counted in the database for all workers together."""

from __future__ import annotations

from django.db import connection

from payments.models import Operation

BUCKET_SECONDS = 10
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


def record(operation: Operation, method: str, elapsed_ms: int) -> None:
    """Count a call to a provider.

    Args:
        operation: with what came of it.
        method: the method of payment.
        elapsed_ms: how long the provider took.
    """
    place = sum(elapsed_ms > bound for bound in BOUNDS_MS)
    histogram = [0] * (len(BOUNDS_MS) + 1)
    histogram[place] = 1
    status = operation.status
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "provider": operation.provider_id,
                "method": method,
                "errors": int(status == Operation.Status.NOT_SENT),
                "declines": int(status == Operation.Status.DECLINED),
                "unknowns": int(status == Operation.Status.UNKNOWN),
                "histogram": histogram,
                "elapsed": elapsed_ms,
                "place": place + 1,
            },
        )
