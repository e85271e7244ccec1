"""Alerts: raised once for all that is alike, told to people, looked after until resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone

from audit import jobs
from audit.models import AuditAlert, AuditLog
from audit.rules import Absence, FirstSeen, Ratio, Rule, Threshold, label, rules

State = AuditAlert.State
SAMPLES = 10


@dataclass(frozen=True)
class Found:
    """What a rule found.

    Args:
        dedup_key: what alike findings have in common.
        seen_at: of the last event.
        count: how many events it is.
        samples: ids of some of them, the latest first.
    """

    rule_key: str
    dedup_key: str
    severity: str
    seen_at: dt.datetime
    count: int = 1
    tenant: str | None = None
    samples: tuple[int, ...] = ()


def evaluate() -> list[AuditAlert]:
    """Look at the log by all rules; return the alerts that were raised or went on.

    Raises:
        BusyError: another process is at it.
    """
    with jobs.only_one("alerts"):
        wake()
        touched = [raise_alert(found) for rule in rules() for found in _findings(rule)]
    return [alert for alert in touched if alert is not None]


def raise_alert(found: Found) -> AuditAlert | None:
    """Raise an alert, or add to the one that is not resolved yet; None if it is not news.

    Events that an alert has counted already, be it a resolved one, are not counted again.
    """
    using = jobs.connection().alias
    with transaction.atomic(using=using):
        alike = AuditAlert.objects.using(using).filter(dedup_key=found.dedup_key)
        alert = alike.exclude(state=State.RESOLVED).select_for_update().first()
        if alert is None:
            past = alike.aggregate(last=Max("last_seen_at"))["last"]
            if past is not None and found.seen_at <= past:
                return None
            return AuditAlert.objects.using(using).create(
                rule_key=found.rule_key, dedup_key=found.dedup_key, tenant=found.tenant,
                severity=found.severity, first_seen_at=found.seen_at, last_seen_at=found.seen_at,
                occurrences=found.count, sample_ids=list(found.samples),
            )  # fmt: skip
        fresh = [id for id in found.samples if id not in alert.sample_ids]
        if found.seen_at <= alert.last_seen_at:
            return None
        alert.occurrences += _uncounted(found, alert)
        alert.last_seen_at = found.seen_at
        alert.sample_ids = [*fresh, *alert.sample_ids][:SAMPLES]
        alert.save(using=using, update_fields=["occurrences", "last_seen_at", "sample_ids"])
        return alert


def wake() -> int:
    """Open alerts again that were snoozed until now; return how many."""
    return (
        AuditAlert.objects.using(jobs.connection().alias)
        .filter(state=State.SNOOZED, snoozed_until__lte=timezone.now())
        .update(state=State.OPEN, snoozed_until=None, notified_at=None)
    )


def acknowledge(alerts: QuerySet[AuditAlert], user: Any) -> int:
    """Say that somebody looks after alerts."""
    return alerts.exclude(state=State.RESOLVED).update(
        state=State.ACKNOWLEDGED, assignee=user, snoozed_until=None
    )


def snooze(alerts: QuerySet[AuditAlert], hours: int, user: Any) -> int:
    """Leave alerts alone for some hours; they open again by themselves."""
    until = timezone.now() + dt.timedelta(hours=hours)
    return alerts.exclude(state=State.RESOLVED).update(
        state=State.SNOOZED, snoozed_until=until, assignee=user
    )


def resolve(alerts: QuerySet[AuditAlert], user: Any) -> int:
    """Close alerts; what happens from now on raises new ones."""
    return alerts.exclude(state=State.RESOLVED).update(
        state=State.RESOLVED, resolved_at=timezone.now(), assignee=user, snoozed_until=None
    )


def _uncounted(found: Found, alert: AuditAlert) -> int:
    """How many of the events came after those that are counted: all, if the rule cannot tell."""
    later = [id for id in found.samples if id not in alert.sample_ids]
    return len(later) if len(found.samples) == found.count else max(1, len(later))


def _findings(rule: Rule) -> Iterator[Found]:
    since = timezone.now() - rule.window
    events = AuditLog.objects.using(jobs.connection().alias).filter(rule.where).order_by()
    recent = events.filter(occurred_at__gte=since)
    if isinstance(rule, Threshold):
        yield from _groups(rule, recent, Q(count__gte=rule.count))
    elif isinstance(rule, Ratio):
        of_kind = recent.annotate(of_kind=F("id"))
        enough = Q(count__gte=rule.least, part__gte=F("count") * rule.share)
        yield from _groups(rule, of_kind, enough, part=Count("id", filter=rule.part))
    elif isinstance(rule, FirstSeen):
        for found in _groups(rule, recent, Q()):
            alike = events.filter(pk__in=found.samples).values(*rule.by).first() or {}
            before = events.filter(
                **alike, occurred_at__lt=since, occurred_at__gte=since - rule.memory
            )
            if not before.exists():
                yield found
    elif isinstance(rule, Absence) and not recent.exists():
        yield Found(rule.key, rule.key, rule.severity, timezone.now())


def _groups(rule: Rule, events: QuerySet, enough: Q, **more: Any) -> Iterator[Found]:
    groups = (
        events.values(*rule.by)
        .annotate(
            count=Count("id"),
            seen_at=Max("occurred_at"),
            samples=ArrayAgg("id", order_by="-id"),
            **more,
        )
        .filter(enough)
    )
    for group in groups:
        alike = {name: group[name] for name in rule.by}
        yield Found(
            rule.key, f"{rule.key}:{label(alike)}"[:200], rule.severity, group["seen_at"],
            group["count"], alike.get("tenant"), tuple(group["samples"][:SAMPLES]),
        )  # fmt: skip
