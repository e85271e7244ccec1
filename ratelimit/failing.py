"""What happens while the database cannot be asked: a circuit breaker, and what each rule wants."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from ratelimit.decisions import Call, Decision, Verdict
from ratelimit.rules import Rule

logger = logging.getLogger(__name__)

# Failures in a row after which nobody asks any more until the background has found it well.
THRESHOLD = 3
# What a client is told that was refused for want of an answer.
RETRY_SECONDS = 1.0


class Breaker:
    """Open, it spares calls the wait for a database that does not answer.

    It is closed by whoever watches the database, so that no request has to try it.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._mutex = threading.Lock()
        self.open = False

    def failed(self, error: BaseException | None = None) -> None:
        """Count a failure."""
        with self._mutex:
            self._failures += 1
            trips = not self.open and self._failures >= THRESHOLD
        if trips:
            self.trip(error)

    def trip(self, error: BaseException | None) -> None:
        """Open it."""
        with self._mutex:
            already, self.open = self.open, True
        if not already:
            logger.warning(
                "rate limits cannot be read; rules do as their fail policy says: %s",
                str(error).strip() or type(error).__name__,
            )

    def succeeded(self) -> None:
        """Forget failures."""
        self._failures = 0

    def close(self) -> None:
        """Let calls through again."""
        with self._mutex:
            was, self.open, self._failures = self.open, False, 0
        if was:
            logger.warning("rate limits are read again")


class LocalBuckets:
    """Buckets of this process alone, for rules that are to limit without the database.

    Args:
        most: buckets kept; the one longest not asked for goes first.
        clock: returns seconds.
    """

    def __init__(self, most: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._mutex = threading.Lock()
        self._buckets: OrderedDict[tuple[int, bytes], tuple[float, float]] = OrderedDict()

    def take(self, rule: Rule, key: bytes, cost: float) -> tuple[bool, float]:
        """Take tokens; return whether there were enough, and how many are left."""
        now = self._clock()
        with self._mutex:
            tokens, at = self._buckets.pop((rule.id, key), (rule.capacity, now))
            tokens = min(rule.capacity, tokens + rule.refill_per_sec * (now - at))
            enough = cost <= tokens + 1e-9
            left = max(tokens - cost, 0.0) if enough else tokens
            self._buckets[rule.id, key] = (left, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        return enough, left


def without_database(calls: Sequence[Call], buckets: LocalBuckets) -> Verdict:
    """Return what the rules want of calls that cannot be counted.

    All that limit have to let the call pass; those that only count are left alone.
    """
    decisions = tuple(_by_policy(call, buckets) for call in calls)
    return Verdict(all(decision.allowed for decision in decisions), decisions)


def never_read(name: str, policy: str) -> Verdict:
    """Return what becomes of a call before any rule could be read."""
    allowed = policy != "closed"
    mode = "off" if allowed else "enforce"
    wait = 0.0 if allowed else RETRY_SECONDS
    said = Decision(allowed, allowed, mode, None, None, wait, rule=name, unavailable=True)
    return Verdict(allowed, (said,))


def _by_policy(call: Call, buckets: LocalBuckets) -> Decision:
    rule = call.rule
    cost = rule.default_cost if call.cost is None else call.cost
    if rule.mode != "enforce" or rule.fail_policy == "open" or cost == 0:
        within, left, wait = True, None, 0.0
    elif rule.fail_policy == "closed":
        within, left, wait = False, None, RETRY_SECONDS
    else:
        within, left = buckets.take(rule, call.hash, cost)
        wait = 0.0 if within else _until(rule, cost - left)
    return Decision(
        allowed=within, within=within, mode=rule.mode, limit=rule.capacity, remaining=left,
        retry_after=wait, rule=rule.name, cost=cost, window=rule.window, unavailable=True,
    )  # fmt: skip


def _until(rule: Rule, lacking: float) -> float:
    return lacking / rule.refill_per_sec if rule.refill_per_sec > 0 else math.inf
