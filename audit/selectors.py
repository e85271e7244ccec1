"""Reading the audit log."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import uuid

from django.db import connections
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from audit.models import AuditLog

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


def search(text: str) -> Q:
    """Return the condition of entries that a word names exactly.

    Args:
        text: an entry's id, a target's key, an actor's id or name, a request's id, or an address.
    """
    named = Q(target_pk=text) | Q(actor_id=text) | Q(actor_label=text)
    if text.isdecimal() and int(text) < 2**63:
        named |= Q(id=int(text))
    with contextlib.suppress(ValueError):
        named |= Q(request_id=uuid.UUID(text))
    with contextlib.suppress(ValueError):
        named |= Q(ip=str(ipaddress.ip_address(text)))
    return named


def event_types(limit: int = 200, using: str = "default") -> list[str]:
    """Return the types that the log holds, in order, at most `limit`, without reading it all."""
    with connections[using].cursor() as cursor:
        cursor.execute(EVENT_TYPES, [limit])
        return [name for (name,) in cursor.fetchall()]
