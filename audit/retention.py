"""Partitions whose time is over: exported if asked, then dropped, never before they are sealed."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit import exporting, jobs

PARTITIONS = """
    SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'public.agi_audit_logs'::regclass ORDER BY c.relname
"""
MONTH = re.compile(r"agi_audit_logs_(\d{4})_(\d{2})")
# Readers of the log wait for a drop no longer than this.
LOCK_TIMEOUT = "2s"


@dataclass(frozen=True)
class Dropped:
    """A partition that was dropped: where it was exported to, and the file's SHA-256."""

    partition: str
    file: str | None = None
    sha256: str | None = None


def expired(keep_months: int, now: dt.datetime | None = None) -> list[str]:
    """Return the partitions of months before the last `keep_months` whole ones, oldest first."""
    if keep_months <= 0:
        return []
    today = now or timezone.now()
    first_kept = today.year * 12 + today.month - 1 - keep_months
    with jobs.connection().cursor() as cursor:
        cursor.execute(PARTITIONS)
        months = [MONTH.fullmatch(name) for (name,) in cursor.fetchall()]
    return [m[0] for m in months if m and int(m[1]) * 12 + int(m[2]) - 1 < first_kept]


def drop(keep_months: int, export_to: Path | None = None) -> list[Dropped]:
    """Drop expired partitions, each in a transaction of its own, and record that.

    Args:
        keep_months: whole months that are kept beside the current one; 0 keeps all.
        export_to: a folder that gets each as a gzipped file of JSON lines first.

    Raises:
        BusyError: another process is at it.
        ProgrammingError: rows of a partition are not sealed; run `audit_seal` first.
    """
    with jobs.only_one("retention"):
        return [_drop(name, export_to) for name in expired(keep_months)]


def _drop(name: str, export_to: Path | None) -> Dropped:
    details: dict[str, Any] = {}
    if export_to is not None:
        path = export_to / f"{name}.jsonl.gz"
        details["file"] = path.name
        details["sha256"] = _exported(name, path)
    connection = jobs.connection()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        cursor.execute(
            "SELECT public.agi_audit_drop_partition(%s, jsonb_strip_nulls(jsonb_build_object("
            "'file', %s::text, 'sha256', %s::text)))",
            [name, details.get("file"), details.get("sha256")],
        )
    return Dropped(name, **details)


def _exported(name: str, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    exporting.to_file(path, exporting.Selection(partition=name), "jsonl")
    return hashlib.sha256(path.read_bytes()).hexdigest()
