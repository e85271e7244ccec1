"""Clients of rate limits, each a process of its own: ours, and those that it is measured beside."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from typing import Any

WINDOW = 3600
PLENTY = 10**8
Take = Callable[[str], bool]


def prepare(url: str, redis: str, barriers: dict[int, Any]) -> None:
    """Set a client's process up; it waits for the others at the barrier of so many."""
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "weedgo.settings"}
    # What is measured is how fast an answer comes, not how many are given up on a busy machine.
    os.environ |= {"RATELIMIT_STATEMENT_TIMEOUT": "30000", "RATELIMIT_LOCK_TIMEOUT": "30000"}
    import django
    from django.conf import settings

    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis}
    }
    settings.RATELIMIT_USE_CACHE = "default"
    django.setup()
    globals().update(_redis=redis, _barriers=barriers)


def rate(clients: int, kind: str, key: str, calls: int) -> tuple[float, list[float]]:
    """Take `calls` times when all clients are there; return when it ended, and how long each took.

    A key that ends in a star is each client's own.
    """
    take = takers()[kind](PLENTY)
    own = key.replace("*", str(os.getpid()))
    # Of its own: each kind keeps something else under a key.
    take(f"warm-up-{kind}")
    globals()["_barriers"][clients].wait()
    began, times = time.perf_counter(), []
    for _ in range(calls):
        before = time.perf_counter()
        take(own)
        times.append(time.perf_counter() - before)
    return time.perf_counter() - began, times


def admitted(clients: int, kind: str, key: str, limit: int, calls: int) -> int:
    """Take `calls` times when all clients are there; return how often it was allowed."""
    take = takers()[kind](limit)
    take(f"warm-up-{kind}-{os.getpid()}")
    globals()["_barriers"][clients].wait()
    return sum(take(key) for _ in range(calls))


def takers() -> dict[str, Callable[[int], Take]]:
    """What is measured, by name; each returns for a limit what takes from a key."""
    return {
        "ours": functools.partial(_ours, "plenty"),
        "ours, with a lease": functools.partial(_ours, "leased"),
        "limits, fixed window": functools.partial(_limits, "FixedWindowRateLimiter"),
        "limits, moving window": functools.partial(_limits, "MovingWindowRateLimiter"),
        "REST framework": _rest_framework,
        "django-ratelimit": _django_ratelimit,
    }


def _ours(plenty: str, limit: int) -> Take:
    from ratelimit.services import check

    name = plenty if limit == PLENTY else "exact"
    return lambda key: check(name, key).allowed


def _limits(strategy: str, limit: int) -> Take:
    import limits

    storage = limits.storage.RedisStorage(globals()["_redis"])
    limiter = getattr(limits.strategies, strategy)(storage)
    item = limits.RateLimitItemPerSecond(limit, WINDOW)
    return lambda key: limiter.hit(item, key)


def _rest_framework(limit: int) -> Take:
    from rest_framework.throttling import SimpleRateThrottle

    class Throttle(SimpleRateThrottle):
        rate = f"{limit}/hour"
        asked = ""

        def get_cache_key(self, request: Any, view: Any) -> str:
            return self.asked

    def take(key: str) -> bool:
        throttle = Throttle()
        throttle.asked = f"throttle:{key}"
        return bool(throttle.allow_request(None, None))

    return take


def _django_ratelimit(limit: int) -> Take:
    from django.test import RequestFactory
    from django_ratelimit.core import is_ratelimited

    request = RequestFactory().get("/")

    def take(key: str) -> bool:
        return not is_ratelimited(
            request, group="bench", key=lambda *_: key, rate=f"{limit}/h", increment=True
        )

    return take
