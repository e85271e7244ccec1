"""Colours and words that the console's pages share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from weedgo.console.models import Job, Run, Step

RUN_COLOURS = {
    Run.Status.RUNNING: "info", Run.Status.EQUAL: "success", Run.Status.INCOMPLETE: "warning",
    Run.Status.FAILED: "danger", Run.Status.INTERRUPTED: "danger", Run.Status.UNDONE: "default",
}  # fmt: skip
STEP_COLOURS = {
    Step.Status.RUNNING: "info", Step.Status.DONE: "success", Step.Status.FAILED: "danger",
    Step.Status.WAITING: "warning", Step.Status.REFUSED: "danger",
    Step.Status.INTERRUPTED: "danger",
}  # fmt: skip
JOB_COLOURS = {
    Job.State.QUEUED: "info", Job.State.RUNNING: "info", Job.State.DONE: "success",
    Job.State.FAILED: "danger",
}  # fmt: skip


def duration(seconds: float) -> str:
    """Seconds in words: `12 ms`, `3.4 s`, `2 min 5 s`, `1 h 3 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def span(start: dt.datetime | None, end: dt.datetime | None) -> str:
    """The time between two moments in words; empty where one is missing."""
    return duration((end - start).total_seconds()) if start and end else ""


def named(found: dict[str, Any]) -> str:
    """What a document calls an object: its kind and its path."""
    path = ".".join(filter(None, (found.get("schema"), found.get("parent"), found.get("name"))))
    of = f" of {found['target'].replace('_', ' ')}" if found.get("target") else ""
    return f"{found['kind'].replace('_', ' ')}{of} {path}"


def differs(found: dict[str, Any]) -> str:
    """How an object differs, in words."""
    if found.get("where") == "source":
        return "missing"
    if found.get("where") == "target":
        return "not in the models"
    names = [one["name"].replace("_", " ") for one in found.get("attributes", [])]
    return f"other {', '.join(names)}" if names else "other"
