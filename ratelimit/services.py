"""Taking tokens, filling buckets again, and what is kept of those who got none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections, models

from ratelimit import worker
from ratelimit.conf import setting
from ratelimit.decisions import UNLIMITED, Call, Decision, Verdict, verdict_of
from ratelimit.failing import never_read, without_database
from ratelimit.gathering import Refusals, as_json
from ratelimit.keys import Request, hash_of
from ratelimit.models import DurableBucket, RateLimitBucket, RateLimitViolation
from ratelimit.rules import Rule, RuleSet
from weedgo import project
from weedgo.tenancy import partitions

__all__ = ["Decision", "Refusals", "Verdict", "acheck", "check", "hash_of"]

logger = logging.getLogger(__name__)
_unknown: set[str] = set()


class RateLimitedError(Exception):
    """A call was refused; the middleware answers it with 429.

    Attributes:
        verdict: by which rules, and when to come back.
    """

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"refused by rate limit {verdict.tightest.rule!r}")
        self.verdict = verdict


def check(name: str, key: str, cost: float | None = None) -> Decision:
    """Take tokens from a key's bucket by a rule, and say whether the call may go on.

    It runs on a connection of its own, so it may stand in a transaction and no rollback hands the
    tokens back. In a tenant the bucket is that tenant's own, unless the rule's scope is global.

    Args:
        name: the rule's. Where no rule of the name is in force, all calls are allowed.
        key: who asks, such as a user's id; only its hash is kept.
        cost: how many tokens; left out, the rule's default. Zero takes none.

    Raises:
        ValueError: the cost is below zero.
    """
    return verdict(name, key, cost).tightest


async def acheck(name: str, key: str, cost: float | None = None) -> Decision:
    """Do the same as `check` for asynchronous callers."""
    return await sync_to_async(check)(name, key, cost)


def enforce(name: str, key: str, cost: float | None = None) -> Decision:
    """Take tokens, or end the request.

    Raises:
        RateLimitedError: there were too few.
        ValueError: the cost is below zero.
    """
    said = verdict(name, key, cost)
    if not said.allowed:
        raise RateLimitedError(said)
    return said.tightest


def verdict(
    name: str, key: str, cost: float | None = None, request: Request | None = None
) -> Verdict:
    """Take tokens by the rules that answer to a name; see `check`.

    Args:
        name: the rule's, which others may replace.
        key: who asks.
        cost: in tokens.
        request: what to remember of a call that is refused.

    Raises:
        ValueError: the cost is below zero.
    """
    return _held(
        name, cost, active_tenant(), request, lambda rule, tenant: call_of(rule, key, tenant, cost)
    )


def by_request(name: str, request: Request, cost: float | None = None) -> Verdict:
    """Take tokens by the rules that answer to a name, whose keys and costs are the request's.

    Args:
        name: the rule's, which others may replace.
        request: whose call it is.
        cost: in tokens; left out, the rule's for the request.

    Raises:
        ValueError: the cost is below zero.
    """

    def called(rule: Rule, tenant: str) -> Call:
        key = rule.key_for(request)
        return call_of(rule, key, tenant, rule.cost_of(request) if cost is None else cost, key)

    return _held(name, cost, request.tenant, request, called)


def _held(
    name: str,
    cost: float | None,
    tenant: str,
    request: Request | None,
    called: Callable[[Rule, str], Call],
) -> Verdict:
    if cost is not None and cost < 0:
        raise ValueError(f"a cost of {cost} tokens is below zero")
    if not setting("RATELIMIT_ENABLED"):
        return Verdict(allowed=True)
    limits = worker.current()
    rules = limits.rules()
    if rules is None:
        return never_read(name, setting("RATELIMIT_FAIL_POLICY"))
    calls = [called(rule, tenant) for rule in _named(rules, name, tenant)]
    return settle(limits, calls, request)


def settle(
    limits: worker.Worker | worker.InlineWorker, calls: Sequence[Call], request: Request | None
) -> Verdict:
    """Take tokens for all calls or for none, and count what is refused."""
    if not calls:
        return Verdict(allowed=True)
    enforced = [call for call in calls if call.rule.mode == "enforce"]
    said = _ask(limits, enforced) if enforced else Verdict(allowed=True)
    # What only counts is asked apart, so that it cannot hold up or fail what limits; a call that
    # was refused would not have reached it.
    counted = [call for call in calls if call.rule.mode != "enforce"] if said.allowed else []
    asked = [_ask(limits, [call]) for call in counted]
    for call, decision in zip(
        [*enforced, *counted], [d for v in (said, *asked) for d in v.decisions], strict=True
    ):
        if not decision.within and not (decision.unavailable and decision.remaining is None):
            limits.gatherer.count(call, decision, request)
    decisions = tuple(d for v in (said, *asked) for d in v.decisions if d is not UNLIMITED)
    return Verdict(said.allowed and all(v.allowed for v in asked), decisions)


def _ask(limits: worker.Worker | worker.InlineWorker, calls: Sequence[Call]) -> Verdict:
    answers = limits.take(calls)
    if answers is None:
        return without_database(calls, limits.local)
    return verdict_of(calls, answers)


def call_of(
    rule: Rule, key: str, tenant: str, cost: float | None, label: str | None = None
) -> Call:
    """Return the call of a key in a tenant, whose bucket is its own unless the rule is global."""
    owner = "" if rule.shared else tenant
    # Neither negative zero nor a number of another kind.
    tokens = None if cost is None else float(cost) + 0.0
    return Call(rule, hash_of(key, owner), tokens, owner or None, label)


def active_tenant() -> str:
    """Return the active tenant's schema; empty for the platform."""
    return "" if project.on_platform() else project.schema_of()


def _named(rules: RuleSet, name: str, tenant: str) -> list[Rule]:
    found = rules.of(name, tenant, worker.now())
    if not found and not rules.knows(name) and name not in _unknown:
        _unknown.add(name)
        logger.warning("no rate limit named %r is in force: calls by it are not limited", name)
    return found


def reset(rule_id: int, key: str | None = None, tenant: str = "") -> int:
    """Fill the buckets of a rule again; return how many were not full.

    Args:
        rule_id: of the rule.
        key: whose; left out, all keys'.
        tenant: the schema whose key it is; empty for one that no tenant owns.
    """
    if key is not None:
        return reset_hash(rule_id, hash_of(key, tenant))
    return sum(buckets.delete()[0] for buckets in _buckets_of(rule_id))


def reset_hash(rule_id: int, key_hash: bytes) -> int:
    """Fill the bucket of a key that is known by its hash."""
    return sum(buckets.filter(key_hash=key_hash).delete()[0] for buckets in _buckets_of(rule_id))


def _buckets_of(rule_id: int) -> list[models.QuerySet[Any]]:
    return [model.objects.filter(rule_id=rule_id) for model in (RateLimitBucket, DurableBucket)]


def record_refusals(refusals: Iterable[Refusals], using: str = "default") -> int:
    """Add refused calls to the rows of their minutes; return how many rows."""
    with connections[using].cursor() as cursor:
        cursor.execute(worker.RECORD, [as_json(refusals)])
        return int(cursor.fetchone()[0])


def make_partitions(ahead: int = 2) -> list[str]:
    """Make the partitions that lack for today and the next `ahead` days; return their names."""
    return partitions.make_partitions(RateLimitViolation, "day", ahead)
