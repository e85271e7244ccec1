"""Taking tokens, and what is kept of those who got none."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connections

from ratelimit.models import DurableBucket, RateLimitBucket, RateLimitViolation
from weedgo.tenancy import partitions


@dataclass(frozen=True)
class Decision:
    """What a rule says of one call.

    Attributes:
        allowed: whether the call may go on.
        within: whether the key had tokens enough; a shadow rule allows calls that are not.
        mode: the rule's, `off` where no rule of the name is active.
        limit: tokens in a full bucket; None where nothing limits.
        remaining: tokens left to the key.
        retry_after: seconds until there are enough; infinite where there never will be.
    """

    allowed: bool
    within: bool
    mode: str
    limit: float | None
    remaining: float | None
    retry_after: float


@dataclass(frozen=True)
class Refusals:
    """Refused calls of one key within a minute, as `record_refusals` takes them.

    Attributes:
        key_hash: see `hash_of`.
        minute: when, to the minute.
        first_seen_at: of the first; `last_seen_at` of the last.
        path: of one of the calls, as are `ip` and `agent`.
    """

    rule_id: int
    key_hash: bytes
    minute: dt.datetime
    hits: int
    cost: float
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    tenant: str | None = None
    path: str | None = None
    ip: str | None = None
    agent: str | None = None


RECORD = """
    INSERT INTO agi_rate_limit_violations AS v
        (rule_id, key_hash, minute, hits, cost, first_seen_at, last_seen_at, tenant,
         sample_path, sample_ip, sample_agent)
    VALUES (%s, %s, date_trunc('minute', %s), %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (rule_id, key_hash, minute) DO UPDATE
       SET hits = v.hits + excluded.hits,
           cost = v.cost + excluded.cost,
           first_seen_at = least(v.first_seen_at, excluded.first_seen_at),
           last_seen_at = greatest(v.last_seen_at, excluded.last_seen_at)
"""


def check(name: str, key: str, cost: float | None = None, *, using: str = "default") -> Decision:
    """Take tokens from a key's bucket by a rule, and say whether the call may go on.

    It is one statement on Django's connection: in a transaction, a rollback hands the tokens back
    and others of the same key wait for its end, so call it outside of one.

    Args:
        name: the rule's. Where no rule of the name is active, all calls are allowed.
        key: who asks, such as a user's id; only its hash is kept.
        cost: how many tokens; left out, the rule's default. Zero takes none.
        using: a database alias.

    Raises:
        DataError: the cost is below zero.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT * FROM public.agi_rate_limit_take(%s, %s, %s)", [name, key, cost])
        within, mode, limit, remaining, retry_after = cursor.fetchone()
    return Decision(within or mode == "shadow", within, mode, limit, remaining, retry_after)


def hash_of(key: str) -> bytes:
    """Return what stands for a key in buckets and violations."""
    return hashlib.sha256(key.encode()).digest()


def reset(rule_id: int, key: str | None = None) -> int:
    """Fill the buckets of a rule again, all or one key's; return how many were not full."""
    filled = 0
    for all_buckets in (RateLimitBucket.objects.all(), DurableBucket.objects.all()):
        buckets = all_buckets.filter(rule_id=rule_id)
        if key is not None:
            buckets = buckets.filter(key_hash=hash_of(key))
        filled += buckets.delete()[0]
    return filled


def record_refusals(refusals: Iterable[Refusals], using: str = "default") -> None:
    """Add refused calls to the rows of their minutes, in the order of keys against deadlocks."""
    rows = [
        (
            r.rule_id, r.key_hash, r.minute, r.hits, r.cost, r.first_seen_at, r.last_seen_at,
            r.tenant, r.path and r.path[:200], r.ip, r.agent,
        )
        for r in sorted(refusals, key=lambda r: (r.rule_id, r.key_hash, r.minute))
    ]  # fmt: skip
    with connections[using].cursor() as cursor:
        cursor.executemany(RECORD, rows)


def make_partitions(ahead: int = 2) -> list[str]:
    """Make the partitions that lack for today and the next `ahead` days; return their names."""
    return partitions.make_partitions(RateLimitViolation, "day", ahead)
