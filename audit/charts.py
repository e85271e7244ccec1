"""Charts of the log's sums, as Chart.js takes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from audit.aggregates import percentile
from audit.models import AuditAggregate

HOURS = 48
BLUE, RED, GREY = "#3b82f6", "#ef4444", "#9ca3af"


def events_by_hour() -> dict[str, Any]:
    """Return how many events there were each hour, and how many of them failed or were denied."""
    sums = _recent().values("bucket_start").annotate(all=Sum("count"), bad=Sum("errors"))
    totals = {row["bucket_start"]: (row["all"], row["bad"]) for row in sums}
    hours = _hours()
    return {
        "labels": [f"{timezone.localtime(hour):%a %H:%M}" for hour in hours],
        "datasets": [
            _series("events", [totals.get(hour, (0, 0))[0] for hour in hours], BLUE),
            _series("failed or denied", [totals.get(hour, (0, 0))[1] for hour in hours], RED),
        ],
    }


def durations_by_hour() -> dict[str, Any]:
    """Return the median and the 95th percentile of what took time, each hour, in milliseconds."""
    histograms: dict[dt.datetime, list[int]] = {}
    for when, histogram in _recent().values_list("bucket_start", "histogram"):
        total = histograms.setdefault(when, [])
        total.extend([0] * (len(histogram) - len(total)))
        for bucket, count in enumerate(histogram):
            total[bucket] += count
    hours = _hours()
    shown = [histograms.get(hour, []) for hour in hours]
    return {
        "labels": [f"{timezone.localtime(hour):%a %H:%M}" for hour in hours],
        "datasets": [
            _series("p50 (ms)", [percentile(each, 0.5) for each in shown], BLUE),
            _series("p95 (ms)", [percentile(each, 0.95) for each in shown], GREY),
        ],
    }


def _recent() -> QuerySet[AuditAggregate]:
    return AuditAggregate.objects.filter(
        grain="hour", dim="", bucket_start__gte=_hours()[0]
    ).order_by()


def _hours() -> list[dt.datetime]:
    now = timezone.now().astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    return [now - dt.timedelta(hours=ago) for ago in range(HOURS - 1, -1, -1)]


def _series(label: str, data: list[Any], colour: str) -> dict[str, Any]:
    return {"label": label, "data": data, "backgroundColor": colour, "borderColor": colour}
