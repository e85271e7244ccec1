"""What raises an alert: rules over the log, as data.

The setting AUDIT_RULES adds rules, or takes the place of one here that has the same key.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Q

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Rule:
    """What all rules have.

    Args:
        key: names the rule for good.
        where: the events that it is about.
        window: how far back it looks.
        by: columns; events alike in them make one alert.
        severity: of the alert.
    """

    key: str
    where: Q = field(default_factory=Q)
    window: dt.timedelta = MINUTE
    by: tuple[str, ...] = ("tenant",)
    severity: str = "warning"


@dataclass(frozen=True)
class Threshold(Rule):
    """At least so many events within the window."""

    count: int = 1


@dataclass(frozen=True)
class Ratio(Rule):
    """At least such a share of the events is of a kind, where there are enough to tell."""

    part: Q = field(default_factory=lambda: ~Q(outcome="success"))
    share: float = 0.5
    least: int = 20


@dataclass(frozen=True)
class FirstSeen(Rule):
    """Something that did not happen so within `memory`, such as a log-in from a new address."""

    memory: dt.timedelta = dt.timedelta(days=30)


@dataclass(frozen=True)
class Absence(Rule):
    """Nothing of the kind within the window: what should go on has stopped."""


DEFAULTS: tuple[Rule, ...] = (
    Threshold(
        "login.failures", Q(event_type__in=["login.denied", "login.failed"]), count=10,
        severity="warning",
    ),
    Threshold("request.denials", Q(event_type="request.denied"), count=50, window=5 * MINUTE),
    Ratio(
        "request.errors", Q(category="request"), window=5 * MINUTE,
        part=Q(event_type="request.failed"), share=0.05, least=50, severity="error",
    ),
    Threshold(
        "table.truncated", Q(event_type="table.truncated"), window=10 * MINUTE, severity="error"
    ),
    FirstSeen(
        "login.new_address", Q(event_type="login.succeeded", ip__isnull=False),
        window=10 * MINUTE, by=("actor_id", "ip"), severity="notice",
    ),
)  # fmt: skip


def rules() -> list[Rule]:
    """Return the rules that hold here."""
    own: list[Rule] = list(getattr(settings, "AUDIT_RULES", ()))
    keys = {rule.key for rule in own}
    return [rule for rule in DEFAULTS if rule.key not in keys] + own


def label(values: dict[str, Any]) -> str:
    """Return what the events of one alert have in common, for its dedup key."""
    return ",".join(f"{name}={value}" for name, value in values.items() if value is not None)
