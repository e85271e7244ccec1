"""Reading rules, buckets and violations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    Min,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import (
    Cast,
    Coalesce,
    Extract,
    Greatest,
    Least,
    Now,
    TruncDay,
    TruncHour,
)
from django.utils import timezone

from ratelimit.keys import hash_of
from ratelimit.models import Bucket, RateLimitRule, RateLimitViolation


def active_rules() -> QuerySet[RateLimitRule]:
    """Return the rules that limit or count, the first to ask first."""
    return RateLimitRule.objects.filter(enabled=True).exclude(mode="off").order_by("priority", "id")


def with_live_tokens(buckets: QuerySet[Bucket]) -> QuerySet[Bucket]:
    """Add `live_tokens`, what each bucket holds by now, refilled since its last call."""
    elapsed = Extract(
        ExpressionWrapper(Now() - F("updated_at"), output_field=DurationField()), "epoch"
    )
    refilled = F("tokens") + Cast("rule__refill_per_sec", FloatField()) * Cast(
        Greatest(elapsed, Value(0)), FloatField()
    )
    return buckets.select_related("rule").annotate(
        live_tokens=Least(Cast("rule__capacity", FloatField()), refilled, output_field=FloatField())
    )


def violations_of(key: str) -> QuerySet[RateLimitViolation]:
    """Return the refusals of a key, newest first."""
    return RateLimitViolation.objects.filter(key_hash=hash_of(key)).select_related("rule")


def recent_violations(hours: int = 24) -> QuerySet[RateLimitViolation]:
    """Return the refusals of the last hours, newest first."""
    since = timezone.now() - dt.timedelta(hours=hours)
    return RateLimitViolation.objects.filter(minute__gte=since).select_related("rule")


def effect_of(rule_id: int, hours: int = 24) -> dict[str, int]:
    """Return what a rule did in the last hours, and what it would have done while it only counted.

    Returns:
        `hits` in all, `refused`, `shadow_hits`, and of how many `keys` and `tenants`.
    """
    rows = recent_violations(hours).filter(rule_id=rule_id)
    found = rows.aggregate(
        hits=Coalesce(Sum("hits"), 0),
        shadow_hits=Coalesce(Sum("shadow_hits"), 0),
        keys=Count("key_hash", distinct=True),
        tenants=Count("tenant", distinct=True),
    )
    return found | {"refused": found["hits"] - found["shadow_hits"]}


def top_keys(rows: QuerySet[RateLimitViolation], most: int = 5) -> list[tuple[str, int]]:
    """Return the keys that were refused most often, in words where there are any."""
    found = rows.order_by().values("key_hash").annotate(said=Max("sample_key"), sum=Sum("hits"))
    return [
        (row["said"] or (f"{bytes(row['key_hash']).hex()[:12]}…" if row["key_hash"] else "others"),
         row["sum"])
        for row in found.order_by("-sum")[:most]
    ]  # fmt: skip


def top(rows: QuerySet[RateLimitViolation], by: str, most: int = 5) -> list[tuple[str, int]]:
    """Return the names by which most was refused: `rule__name` or `tenant`."""
    found = rows.order_by().values(by).annotate(sum=Sum("hits")).order_by("-sum")[:most]
    return [(row[by] or "The platform", row["sum"]) for row in found]


def latest(rows: QuerySet[RateLimitViolation], most: int) -> tuple[QuerySet[Any], bool]:
    """Return the latest rows, about so many, and whether there are more.

    A flood leaves millions of rows a day, over which no page can sum.
    """
    after = rows.order_by("-minute").values_list("minute", flat=True)[most : most + 1].first()
    return (rows, False) if after is None else (rows.filter(minute__gt=after), True)


def over_time(rows: QuerySet[RateLimitViolation], bars: int = 48) -> list[dict[str, Any]]:
    """Return the sums of each hour, or of each day where that would be too many.

    Returns:
        Rows of `at`, `label`, `hits` and `shadow_hits`, gaps filled with zeros, oldest first.
    """
    span = rows.aggregate(first=Min("minute"), last=Max("minute"))
    if span["first"] is None:
        return []
    step = dt.timedelta(hours=1)
    cut: type[TruncHour | TruncDay] = TruncHour
    shown = "%H:00" if span["last"] - span["first"] < dt.timedelta(hours=24) else "%d %b %H:00"
    if (span["last"] - span["first"]) / step > bars:
        step, cut, shown = dt.timedelta(days=1), TruncDay, "%d %b"
    sums = {
        row["at"]: row
        for row in rows.order_by()
        .values(at=cut("minute"))
        .annotate(hits=Sum("hits"), shadow_hits=Sum("shadow_hits"))
    }
    at, found = min(sums), []
    while at <= max(sums):
        row = sums.get(at, {"hits": 0, "shadow_hits": 0})
        found.append(row | {"at": at, "label": f"{timezone.localtime(at):{shown}}"})
        at += step
    return found
