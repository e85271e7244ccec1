"""Jobs that operators ask for: queued here, run outside the site, their results kept.

A comparison of hundreds of schemas takes longer than a request may. The site puts a job in the
queue and starts `run_jobs`, a process of its own, which takes what waits; or it only queues it
(CONSOLE_START_JOBS), where the site has no right to migrate. Of each kind one job is open at a
time, by a constraint; a process that works at one holds an advisory lock, so that a job whose
process died is known.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

import audit
from weedgo import databases, project
from weedgo.console.models import Job, SchemaDrift

# The second key is the job's.
LOCK_CLASS = 0x574A4F42
COMPARE = ["compare_schemas", "--source", "models"]
# How long a job may wait for the process that the site started for it.
PATIENCE = timedelta(minutes=5)
DIED = "the process that worked at it ended without a word; ask again"
NOT_TAKEN = "no process took it; run `python manage.py run_jobs` where the owner's URL is known"
KEPT_OBJECTS = 200


class BusyError(Exception):
    """A job of that kind is open already."""

    def __init__(self, job: Job) -> None:
        super().__init__(f"{job} is {job.get_state_display().lower()} already")
        self.job = job


def ask(kind: str, command: Sequence[str], user: Any, about: str = "") -> Job:
    """Queue a job, and start a process for it where the site may.

    Args:
        kind: one of `Job.Kind`.
        command: a management command and its arguments; it holds no secret.
        user: who asks.
        about: the run or step that it is for.

    Raises:
        BusyError: one of that kind is open.
    """
    settle()
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind, command=list(command), requested_by=user, about=about
            )
    except IntegrityError:
        raise BusyError(_open().filter(kind=kind).latest("requested_at")) from None
    audit.record(f"console.{kind}", category="system", changes={"command": " ".join(command)})
    if settings.CONSOLE_START_JOBS:
        transaction.on_commit(start)
    return job


def start() -> None:
    """Start a process that takes what waits; nobody waits for it."""
    process = subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_jobs"],
        env=_environment(),
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Its end is noticed, so that no dead process is left in the table.
    threading.Thread(target=process.wait, daemon=True).start()


def _environment() -> dict[str, str]:
    """This process's, with the databases that it has, whatever a file `.env` says."""
    urls = {
        "DATABASE_URL": databases.url_of("default"),
        "MIGRATION_DATABASE_URL": databases.url_of(project.owner()),
    }
    return {**os.environ, **urls}


def settle() -> int:
    """Close jobs whose process is gone, or never came; return how many."""
    closed = 0
    for job in _open():
        if _is_held(job):
            continue
        waiting = job.state == Job.State.QUEUED
        if waiting and not settings.CONSOLE_START_JOBS:
            continue
        if waiting and timezone.now() - job.requested_at < PATIENCE:
            continue
        closed += Job.objects.filter(pk=job.pk, state=job.state).update(
            state=Job.State.FAILED,
            finished_at=timezone.now(),
            message=NOT_TAKEN if waiting else DIED,
        )
    return closed


def _open() -> QuerySet[Job]:
    return Job.objects.filter(state__in=Job.UNFINISHED)


def _is_held(job: Job) -> bool:
    # The state may be read before its process has ended and the lock after.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory'"
            " AND classid = %s AND objid = %s AND granted AND database = (SELECT oid FROM"
            " pg_catalog.pg_database WHERE datname = current_database()))",
            [LOCK_CLASS, job.pk],
        )
        if cursor.fetchone()[0]:
            return True
    return not _open().filter(pk=job.pk, state=job.state).exists()


def waiting() -> Job | None:
    """The job that has waited longest."""
    return Job.objects.filter(state=Job.State.QUEUED).order_by("requested_at", "pk").first()


def take(job: Job) -> bool:
    """Begin a job, unless another process has; the lock is held until the connection closes.

    It is the owner's connection: it goes through no transaction pooler.
    """
    with connections[project.owner()].cursor() as cursor:
        cursor.execute("SELECT pg_catalog.pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, job.pk])
        if not cursor.fetchone()[0]:
            return False
    taken = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, started_at=timezone.now()
    )
    return bool(taken)


def finish(job: Job, exit_status: int, document: dict[str, Any] | None, message: str = "") -> None:
    """Keep what came of a job.

    Args:
        job: that was taken.
        exit_status: of its command; 0 and 1 are answers, anything else is a failure.
        document: what it printed as JSON.
        message: why it failed.
    """
    answered = exit_status in (0, 1) and document is not None
    if answered and job.kind == Job.Kind.COMPARE:
        keep_drift(document or {})
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.DONE if answered else Job.State.FAILED,
        finished_at=timezone.now(),
        exit_status=exit_status,
        message=message or (document or {}).get("message", ""),
        result=_short(document),
    )


def _short(document: dict[str, Any] | None) -> dict[str, Any] | None:
    """The document with so many objects as a page shows, and how many there were."""
    if document is None:
        return None
    objects = document.get("objects", [])
    done = [one for one in objects if one.get("status") in ("done", "skipped")]
    rest = [one for one in objects if one.get("status") not in ("done", "skipped")]
    shown = [*rest, *done][:KEPT_OBJECTS]
    return document | {"objects": shown, "objects_found": len(objects)}


@transaction.atomic
def keep_drift(document: dict[str, Any]) -> None:
    """Note which schemas a comparison found to differ, since when, and how.

    Args:
        document: of `compare_schemas` over all schemas of the models.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for one in document.get("objects", []):
        schema = one.get("schema") or (one["name"] if one["kind"] == "schema" else "")
        found.setdefault(schema or "public", []).append(one)
    now = timezone.now()
    SchemaDrift.objects.exclude(pk__in=found).delete()
    for schema, objects in found.items():
        SchemaDrift.objects.update_or_create(
            schema_name=schema,
            defaults={
                "seen_at": now,
                "count": len(objects),
                "objects_differing": objects[:KEPT_OBJECTS],
            },
        )


def last_comparison() -> Job | None:
    """The comparison that ended last with an answer."""
    done = Job.objects.filter(kind=Job.Kind.COMPARE, state=Job.State.DONE)
    return done.order_by("-requested_at").first()
