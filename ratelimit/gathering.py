"""Refused calls, gathered in the worker: a row for each would halve the throughput."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ratelimit.decisions import Call, Decision
from ratelimit.keys import Request

# Keys that a flood may bring before a flush; those of more are counted together.
MOST = 10_000
OTHERS = b""
# No attack makes a row larger than this.
LONGEST_AGENT = 400


@dataclass
class Refusals:
    """Refused calls of one key within a minute, as the table has them.

    Attributes:
        key_hash: see `hash_of`; empty for those of too many keys at once.
        minute: when, to the minute.
        hits: how many; `shadow_hits` of them were only counted.
        first_seen_at: of the first; `last_seen_at` of the last.
        key: in words, where it may be shown.
        path: of one of the calls, as are `ip` and `agent`.
    """

    rule_id: int
    key_hash: bytes
    minute: dt.datetime
    hits: int
    cost: float
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    shadow_hits: int = 0
    tenant: str | None = None
    key: str | None = None
    path: str | None = None
    ip: str | None = None
    agent: str | None = None

    def add(self, other: Refusals) -> None:
        """Count those of another batch too."""
        self.hits += other.hits
        self.shadow_hits += other.shadow_hits
        self.cost += other.cost
        self.first_seen_at = min(self.first_seen_at, other.first_seen_at)
        self.last_seen_at = max(self.last_seen_at, other.last_seen_at)


class Gatherer:
    """Adds refusals up until somebody drains them.

    Args:
        most: keys that are told apart.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._mutex = threading.Lock()
        self._found: dict[tuple[int, bytes, dt.datetime], Refusals] = {}

    def __len__(self) -> int:
        return len(self._found)

    def count(self, call: Call, decision: Decision, request: Request | None) -> None:
        """Count one refused call."""
        now = dt.datetime.now(dt.UTC)
        shadow = int(decision.mode != "enforce")
        # What no bucket ever holds would make the sum unreadable.
        cost = decision.cost if 0 <= decision.cost < 10**9 else 0.0
        self.put(
            Refusals(
                call.rule.id, call.hash, now.replace(second=0, microsecond=0), 1, cost, now, now,
                shadow, call.owner, _text(call.label, 200), *_sample(request),
            )
        )  # fmt: skip

    def put(self, one: Refusals) -> None:
        """Add refusals to those of the same rule, key and minute."""
        place = (one.rule_id, one.key_hash, one.minute)
        with self._mutex:
            if place not in self._found and len(self._found) >= self._most:
                one.key_hash, one.key, one.tenant = OTHERS, None, None
                place = (one.rule_id, OTHERS, one.minute)
            standing = self._found.setdefault(place, one)
            if standing is not one:
                standing.add(one)

    def drain(self) -> list[Refusals]:
        """Take out what was gathered."""
        with self._mutex:
            found, self._found = self._found, {}
        return list(found.values())

    def put_back(self, refusals: Iterable[Refusals]) -> None:
        """Take back what could not be written."""
        for one in refusals:
            self.put(one)


def as_json(refusals: Iterable[Refusals]) -> str:
    """Return refusals as the database's function takes them."""
    return json.dumps([_row(one) for one in refusals])


def events_of(refusals: Iterable[Refusals], told: set[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return what the audit log is to hear of refusals: one event a minute, rule and tenant.

    An attack must not fill a log that keeps all; how many there were stands with the violations.

    Args:
        refusals: as they are flushed.
        told: what it has heard already; what is told now is added, what is past goes.
    """
    found = {}
    for one in refusals:
        place = (one.rule_id, one.tenant, one.minute)
        if one.hits > one.shadow_hits and place not in told:
            found[place] = _event(one)
    if found:
        newest = max(minute for _, _, minute in found)
        told.intersection_update({place for place in told if place[2] == newest})
        told.update(found)
    return list(found.values())


def _event(one: Refusals) -> dict[str, Any]:
    return {
        "event_type": "rate_limit.exceeded",
        "category": "security",
        "severity": "warning",
        "outcome": "denied",
        "tenant": one.tenant,
        "target_table": "agi_rate_limit_rules",
        "target_pk": str(one.rule_id),
        "ip": one.ip,
        "user_agent": one.agent,
        "route": one.path,
    }


def _row(one: Refusals) -> dict[str, Any]:
    values = vars(one) | {"key_hash": one.key_hash.hex()}
    return {k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in values.items()}


def _sample(request: Request | None) -> tuple[str | None, str | None, str | None]:
    if request is None:
        return None, None, None
    return _text(request.path, 200), request.ip, _text(request.agent, LONGEST_AGENT)


def _text(text: str | None, longest: int) -> str | None:
    """Cut a text, and make of it what PostgreSQL can hold: no NUL, no half a surrogate pair."""
    if text is None:
        return None
    return text[:longest].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
