"""What the tests of the audit log ask of it."""

from __future__ import annotations

from typing import Any

from django.db import connection

from audit.models import AuditLog


def run(query: str, *parameters: object) -> list[tuple]:
    """Run SQL on Django's connection; return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []


def mark() -> int:
    """Return a place in the log: the last entry's id."""
    return AuditLog.objects.order_by("-id").values_list("id", flat=True).first() or 0


def since(place: int, table: str | None = None) -> list[AuditLog]:
    """Return what was recorded after a place, in order."""
    entries = AuditLog.objects.filter(id__gt=place).order_by("id")
    return list(entries.filter(target_table=table) if table else entries)


def told(entry: AuditLog) -> tuple[str | None, str | None, Any]:
    """Return the operation, the key and what is kept of the row."""
    return entry.op, entry.target_pk, entry.changes or entry.snapshot
