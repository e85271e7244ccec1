"""Throttling for Django REST framework, by rules; needs the extra `weedgo[drf]`.

The framework's own throttles read, add and write a list in a cache: calls at the same time read
the same list, and many times the limit gets through.
"""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import exception_handler as plain_handler

from ratelimit.decisions import Verdict
from ratelimit.decorators import limit_view
from ratelimit.http import whole


class RuleThrottle(BaseThrottle):
    """Holds a view to the rule that its `throttle_scope` names, or to `rule` of a subclass.

    Users that the framework authenticated are seen, and its own 429 tells when to come back.

    Attributes:
        rule: the rule's name, if the view names none.
        cost: in tokens; None means the rule's cost for the request.
    """

    rule: str = ""
    cost: float | None = None

    def __init__(self) -> None:
        self._verdict = Verdict(allowed=True)

    def allow_request(self, request: Request, view: Any) -> bool:
        """Take tokens; whether the request may go on."""
        name = getattr(view, "throttle_scope", None) or self.rule
        if name:
            # The plain request keeps what was decided, for the middleware's headers.
            plain = request._request  # noqa: SLF001 - the framework's own way to it
            plain.user = request.user
            self._verdict = limit_view(plain, name, cost=self.cost)
        return self._verdict.allowed

    def wait(self) -> float | None:
        """Return the seconds until there are tokens; None if there never will be."""
        seconds = whole(self._verdict.tightest.retry_after)
        return None if seconds is None else max(1.0, float(seconds))


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer what was throttled with problem details; for the setting EXCEPTION_HANDLER."""
    response = plain_handler(error, context)
    if response is not None and isinstance(error, Throttled):
        wait = error.wait
        response.data = {
            "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
            "title": "There were too many requests.",
            "status": response.status_code,
            "detail": str(error.detail) if wait is None else f"Try again in {int(wait)} seconds.",
        }
        response.content_type = "application/problem+json"
    return response
