"""The periodic jobs of the log, each when it is due, by one process or by several."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import Error, close_old_connections
from django.utils import timezone

from audit import (
    aggregates,
    alerts,
    coverage,
    jobs,
    nodes,
    notifying,
    retention,
    seals,
    services,
)
from audit.conf import setting
from weedgo.tenancy.citus import CitusError

logger = logging.getLogger("audit.worker")


@dataclass
class Job:
    """Something that is done every so many seconds; `due` by the monotonic clock."""

    name: str
    every: float
    run: Callable[[], str]
    due: float = field(default=0.0)


def _partitions() -> str:
    return f"{len(services.make_partitions(ahead=2))} partitions made"


def _nodes() -> str:
    return f"{nodes.fetch():,} entries brought from the nodes"


def _seal() -> str:
    """Seal; that it fails is itself an alert."""
    try:
        done = seals.seal()
    except (Error, OSError):
        found = alerts.Found("seal.failure", "seal.failure", "critical", timezone.now(), samples=())
        alerts.raise_alert(found)
        raise
    return f"{done.rows:,} entries sealed, seal {done.last}"


def _roll_up() -> str:
    done = aggregates.roll_up()
    return f"{done.entries:,} entries summed up"


def _alerts() -> str:
    touched = alerts.evaluate()
    told = notifying.notify()
    return f"{len(touched)} alerts raised or gone on, {told} told"


def _coverage() -> str:
    gaps = coverage.check()
    for gap in gaps:
        found = alerts.Found(
            "coverage.gap", f"coverage.gap:{gap.where}"[:200], "critical", timezone.now()
        )
        alerts.raise_alert(found)
    return f"{len(gaps)} gaps in the coverage"


def _retention() -> str:
    aggregates.prune()
    published = setting("AUDIT_SEAL_FILE")
    folder = Path(published).parent / "archive" if published else None
    dropped = retention.drop(setting("AUDIT_KEEP_MONTHS"), folder)
    return f"{len(dropped)} partitions dropped"


def jobs_due() -> list[Job]:
    """Return all jobs with their intervals in seconds, in the order in which they are done."""
    return [
        *([Job("nodes", 10, _nodes)] if nodes.needed() else []),
        Job("partitions", 3600, _partitions),
        Job("seal", 60, _seal),
        Job("roll_up", 60, _roll_up),
        Job("coverage", 900, _coverage),
        Job("alerts", 30, _alerts),
        Job("retention", 86_400, _retention),
    ]


def run_due(all_jobs: list[Job], tell: Callable[[str, str], None]) -> int:
    """Do what is due; return how many jobs failed.

    Args:
        all_jobs: as `jobs_due` made them; their next times are noted in them.
        tell: told of each job's name and what came of it.
    """
    failed = 0
    for job in all_jobs:
        if time.monotonic() < job.due:
            continue
        job.due = time.monotonic() + job.every
        try:
            tell(job.name, job.run())
        except jobs.BusyError as error:
            tell(job.name, str(error))
        except (Error, OSError, CitusError) as error:
            failed += 1
            logger.exception("%s failed", job.name)
            tell(job.name, f"failed: {' '.join(str(error).split())}")
    return failed


def work(stopped: threading.Event, tell: Callable[[str, str], None]) -> None:
    """Do jobs as they become due, until stopped."""
    all_jobs = jobs_due()
    while not stopped.is_set():
        close_old_connections()
        run_due(all_jobs, tell)
        stopped.wait(max(0.0, min(job.due for job in all_jobs) - time.monotonic()))
