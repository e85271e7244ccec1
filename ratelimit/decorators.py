"""The decorator that holds one view to one rule."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest

from ratelimit import services
from ratelimit.decisions import Verdict
from ratelimit.http import add_headers, decisions_of, facts, refusal, remember

Key = Callable[[HttpRequest], str]


def rate_limit(name: str, *, key: Key | None = None, cost: float | None = None) -> Callable:
    """Hold a view to a rule, by name; for synchronous and asynchronous views.

    Args:
        name: the rule's. Where no rule of the name is in force, the view is not limited.
        key: returns from the request whose bucket it is; left out, the rule's own template or
            scope says so.
        cost: in tokens; left out, the rule's cost for the request.

    Returns:
        The decorator. A refused request is answered with 429 and problem details.
    """

    def decorate(view: Callable) -> Callable:
        if iscoroutinefunction(view):

            @functools.wraps(view)
            async def asynchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                verdict = await sync_to_async(limit_view)(request, name, key, cost)
                response = (
                    await view(request, *args, **kwargs) if verdict.allowed else refusal(verdict)
                )
                return add_headers(response, decisions_of(request))

            return asynchronous

        @functools.wraps(view)
        def synchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            verdict = limit_view(request, name, key, cost)
            response = view(request, *args, **kwargs) if verdict.allowed else refusal(verdict)
            return add_headers(response, decisions_of(request))

        return synchronous

    return decorate


def limit_view(
    request: HttpRequest, name: str, key: Key | None = None, cost: float | None = None
) -> Verdict:
    """Take tokens for a request by the rules that answer to a name.

    Args:
        request: the request.
        name: the rule's.
        key: returns from the request whose bucket it is.
        cost: in tokens.

    Raises:
        ValueError: the cost is below zero.
    """
    asked = facts(request)
    if key is None:
        return remember(request, services.by_request(name, asked, cost))
    return remember(request, services.verdict(name, key(request), cost, asked))
