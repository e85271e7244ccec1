"""Reading rules, buckets and violations."""

from __future__ import annotations

import datetime as dt

from django.db.models import DurationField, ExpressionWrapper, F, FloatField, QuerySet, Value
from django.db.models.functions import Cast, Extract, Greatest, Least, Now
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
