"""Summing the log up, each row once: by the same horizon of transactions that seals go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from audit import jobs

# Buckets of a histogram are fourth roots of two of milliseconds wide: 19 %.
STEP = 4
START = """
    INSERT INTO public.agi_audit_cursors (name, epoch, xid) VALUES ('roll_up', 0, 0)
        ON CONFLICT DO NOTHING
"""
CURSOR = "SELECT epoch, xid FROM public.agi_audit_cursors WHERE name = 'roll_up' FOR UPDATE"
HORIZON = """
    SELECT public.agi_audit_epoch(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""
MOVE = """
    UPDATE public.agi_audit_cursors SET epoch = %s, xid = %s, updated_at = now()
     WHERE name = 'roll_up'
"""
# What a row is counted under: by itself, and by the value that it has in each dimension.
SUM = f"""
    WITH fresh AS MATERIALIZED (
        SELECT l.*, floor({STEP} * log(2, l.duration_ms + 1))::integer AS bucket
          FROM public.agi_audit_logs AS l
         WHERE (l.epoch > %(epoch)s OR (l.epoch = %(epoch)s AND l.xid >= %(xid)s::text::xid8))
           AND (l.epoch < %(here)s OR (l.epoch = %(here)s AND l.xid < %(horizon)s::text::xid8))
    ), counted AS (
        SELECT date_trunc(g.grain, f.occurred_at, 'UTC') AS bucket_start, g.grain,
               coalesce(f.tenant, '') AS tenant, f.event_type, d.dim,
               left(d.dim_value, 120) AS dim_value, f.bucket,
               count(*) AS count, count(*) FILTER (WHERE f.outcome <> 'success') AS errors,
               coalesce(sum(f.duration_ms), 0) AS sum_ms, coalesce(max(f.duration_ms), 0) AS max_ms
          FROM fresh AS f
         CROSS JOIN (VALUES ('minute'), ('hour'), ('day')) AS g (grain)
         CROSS JOIN LATERAL (VALUES
             ('', ''), ('outcome', f.outcome), ('route', f.route), ('status', f.status::text),
             ('table', f.target_table)) AS d (dim, dim_value)
         WHERE d.dim_value IS NOT NULL
         GROUP BY 1, 2, 3, 4, 5, 6, 7
    ), sums AS (
        SELECT bucket_start, grain, tenant, event_type, dim, dim_value, sum(count) AS count,
               sum(errors) AS errors, sum(sum_ms) AS sum_ms, max(max_ms) AS max_ms,
               jsonb_object_agg(bucket, count) FILTER (WHERE bucket IS NOT NULL) AS buckets
          FROM counted GROUP BY 1, 2, 3, 4, 5, 6
    )
    INSERT INTO public.agi_audit_aggregates AS a (
        bucket_start, grain, tenant, event_type, dim, dim_value, count, errors, sum_ms, max_ms, histogram)
    SELECT s.bucket_start, s.grain, s.tenant, s.event_type, s.dim, s.dim_value, s.count, s.errors,
           s.sum_ms, s.max_ms, ARRAY(
               SELECT coalesce((s.buckets ->> i::text)::bigint, 0)
                 FROM generate_series(0, (SELECT max(k::integer) FROM jsonb_object_keys(s.buckets) AS k)) AS i
                ORDER BY i)
      FROM sums AS s
     ORDER BY s.bucket_start, s.grain, s.tenant, s.event_type, s.dim, s.dim_value
        ON CONFLICT (bucket_start, grain, tenant, event_type, dim, dim_value) DO UPDATE SET
           count = a.count + excluded.count, errors = a.errors + excluded.errors,
           sum_ms = a.sum_ms + excluded.sum_ms, max_ms = greatest(a.max_ms, excluded.max_ms),
           histogram = ARRAY(
               SELECT coalesce(o.n, 0) + coalesce(n.n, 0)
                 FROM unnest(a.histogram) WITH ORDINALITY AS o (n, i)
                 FULL JOIN unnest(excluded.histogram) WITH ORDINALITY AS n (n, i) USING (i)
                ORDER BY i)
"""  # noqa: E501, S608 - of the constant above
COUNT = """
    SELECT count(*) FROM public.agi_audit_logs AS l
     WHERE (l.epoch > %(epoch)s OR (l.epoch = %(epoch)s AND l.xid >= %(xid)s::text::xid8))
       AND (l.epoch < %(here)s OR (l.epoch = %(here)s AND l.xid < %(horizon)s::text::xid8))
"""
PRUNE = """
    DELETE FROM public.agi_audit_aggregates
     WHERE (grain = 'minute' AND bucket_start < now() - interval '7 days')
        OR (grain = 'hour' AND bucket_start < now() - interval '100 days')
"""


@dataclass(frozen=True)
class RolledUp:
    """How many entries were summed up, and how many sums of theirs were written."""

    entries: int
    sums: int


def roll_up() -> RolledUp:
    """Sum up what is new. What is counted and how far it was read change in one transaction.

    Raises:
        BusyError: another process is at it.
    """
    connection = jobs.connection()
    with (
        jobs.only_one("roll_up"),
        transaction.atomic(using=connection.alias),
        connection.cursor() as cursor,
    ):
        # The horizon and the rows are of one snapshot.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(START)
        cursor.execute(CURSOR)
        epoch, xid = cursor.fetchone()
        cursor.execute(HORIZON)
        here, horizon = cursor.fetchone()
        span = {"epoch": epoch, "xid": xid, "here": here, "horizon": horizon}
        cursor.execute(COUNT, span)
        entries = cursor.fetchone()[0]
        cursor.execute(SUM, span)
        sums = cursor.rowcount
        cursor.execute(MOVE, [here, max(horizon, xid if here == epoch else 0)])
        return RolledUp(entries, sums)


def prune() -> int:
    """Delete sums of minutes after a week and of hours after 100 days; days stay."""
    with jobs.connection().cursor() as cursor:
        cursor.execute(PRUNE)
        return int(cursor.rowcount)


def percentile(histogram: Sequence[int], share: float) -> int | None:
    """Return the milliseconds that a share of the events took at most, to 19 %.

    Args:
        histogram: of an aggregate, or the sum of several.
        share: such as 0.95.
    """
    total = sum(histogram)
    if not total:
        return None
    seen = 0
    for bucket, count in enumerate(histogram):
        seen += count
        if seen >= share * total:
            # The middle of the bucket, by ratio.
            return round(2 ** ((bucket + 0.5) / STEP) - 1)
    return None
