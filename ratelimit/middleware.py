"""The middleware that holds requests to the rules that have a route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ratelimit.http import add_headers, decisions_of, limit_request, refusal, remember
from ratelimit.services import RateLimitedError

Answering = Callable[[HttpRequest], Any]


class RateLimitMiddleware:
    """Refuses what rules refuse, before the view, and tells the client of its limits.

    It stands behind the middleware that finds the tenant and the user, and outside of the
    transaction of ATOMIC_REQUESTS.

    Args:
        get_response: the next middleware or the view, synchronous or not.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response
        self._asynchronous = iscoroutinefunction(get_response)
        if self._asynchronous:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request."""
        if self._asynchronous:
            return self._answer(request)
        verdict = limit_request(request)
        response = self.get_response(request) if verdict.allowed else refusal(verdict)
        return add_headers(response, decisions_of(request))

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        # The user may have to be read from a session, which is synchronous too.
        verdict = await sync_to_async(limit_request)(request)
        response = await self.get_response(request) if verdict.allowed else refusal(verdict)
        return add_headers(response, decisions_of(request))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a call of `ratelimit.services.enforce` that was refused within the view."""
        if not isinstance(error, RateLimitedError):
            return None
        return refusal(remember(request, error.verdict))
