"""Colours and words that the console's pages share."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.timesince import timesince

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


def ago(when: dt.datetime) -> str:
    """How long ago something was, in the largest unit."""
    if timezone.now() - when < dt.timedelta(minutes=1):
        return "just now"
    return f"{timesince(when, depth=1)} ago"


def place(text: str) -> str:
    """A database in few words, its name and host; what is no address stays as it is.

    Args:
        text: a URL or connection string without secrets.
    """
    parts = urlsplit(text)
    if parts.scheme.startswith("postgres"):
        return f"{parts.path.strip('/') or 'database'} on {parts.hostname or 'this host'}"
    words = dict(word.split("=", 1) for word in text.split() if "=" in word)
    if "dbname" in words:
        return f"{words['dbname']} on {words.get('host', 'this host')}"
    return text


def named(found: dict[str, Any], *, schema: bool = True) -> str:
    """What a document calls an object: its kind and its path."""
    parts = (found.get("schema") if schema else "", found.get("parent"), found.get("name"))
    path = ".".join(filter(None, parts))
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
