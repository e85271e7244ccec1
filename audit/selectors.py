"""Reading the audit log."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import uuid

from django.db import connections
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from audit.models import AuditLog, AuditSeal

# All types there are, each found by one step down the index on (event_type, occurred_at).
EVENT_TYPES = """
    WITH RECURSIVE types AS (
        (SELECT event_type, 1 AS number FROM agi_audit_logs ORDER BY event_type LIMIT 1)
        UNION ALL
        SELECT (SELECT l.event_type FROM agi_audit_logs AS l
                 WHERE l.event_type > t.event_type ORDER BY l.event_type LIMIT 1), t.number + 1
          FROM types AS t WHERE t.event_type IS NOT NULL AND t.number < %s
    )
    SELECT event_type FROM types WHERE event_type IS NOT NULL
"""


def recent(days: int = 7) -> QuerySet[AuditLog]:
    """Return the entries of the last days, newest first."""
    since = timezone.now() - dt.timedelta(days=days)
    return AuditLog.objects.filter(occurred_at__gte=since)


def history_of(target: Model) -> QuerySet[AuditLog]:
    """Return all that was recorded of a row, newest first."""
    return AuditLog.objects.filter(target_table=target._meta.db_table, target_pk=str(target.pk))


def of_request(request_id: uuid.UUID) -> QuerySet[AuditLog]:
    """Return the entries that one request left, newest first."""
    return AuditLog.objects.filter(request_id=request_id)


def search(text: str, limit: int = 500) -> Q:
    """Return the condition of the newest entries that a word names exactly.

    Each column is asked by itself, by its own index: a condition that joins them by OR may make
    the planner read the log by time until it has found enough, which for a rare word is all of it.

    Args:
        text: an entry's id, a target's key, an actor's id or name, a request's id, or an address.
        limit: how many of each.
    """
    named = [Q(target_pk=text), Q(actor_id=text), Q(actor_label=text)]
    if text.isdecimal() and int(text) < 2**63:
        named.append(Q(id=int(text)))
    with contextlib.suppress(ValueError):
        named = [Q(request_id=uuid.UUID(text))]
    with contextlib.suppress(ValueError):
        named.append(Q(ip=str(ipaddress.ip_address(text))))
    found: set[int] = set()
    for condition in named:
        entries = AuditLog.objects.filter(condition).order_by("-occurred_at")
        found.update(entries.values_list("id", flat=True)[:limit])
    return Q(id__in=sorted(found))


def estimated_count(using: str = "default") -> int:
    """Return about how many entries there are, as the planner's statistics have it."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint FROM pg_inherits AS i"
            " JOIN pg_class AS c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'public.agi_audit_logs'::regclass"
        )
        return int(cursor.fetchone()[0])


def last_seal() -> AuditSeal | None:
    """Return the latest seal."""
    return AuditSeal.objects.order_by("-number").first()


def event_types(limit: int = 200, using: str = "default") -> list[str]:
    """Return the types that the log holds, in order, at most `limit`, without reading it all."""
    with connections[using].cursor() as cursor:
        cursor.execute(EVENT_TYPES, [limit])
        return [name for (name,) in cursor.fetchall()]
