"""The context of each request, and what the log keeps of the request itself."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.core.signals import got_request_exception
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit import contexts, services
from audit.conf import setting

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
DENIED = (401, 403)


class AuditMiddleware:
    """Gives all that a request writes its actor, address, route and id; for WSGI and ASGI.

    Put it behind what finds the tenant and before all else. The request's id goes out as the header
    X-Request-ID. Kept are requests that failed (5xx) or were denied (401, 403), and by the setting
    AUDIT_REQUESTS those that write (`writes`), all (`all`), or no others (`none`).
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer the request within its context."""
        return self._answer_async(request) if self.is_async else self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        with contexts.context(request=request) as context:
            try:
                response = self.get_response(request)
                _note(context, request, response, began)
            finally:
                services.flush(context)
        return response

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        with contexts.context(request=request) as context:
            try:
                response = await self.get_response(request)
                await sync_to_async(_note)(context, request, response, began)
            finally:
                await sync_to_async(services.flush)(context)
        return response


def note_failure(**_: Any) -> None:
    """Keep the name of an exception that no view handled; a receiver of `got_request_exception`."""
    import sys

    context = contexts.current()
    kind = sys.exc_info()[0]
    if context is not None and kind is not None:
        context.failure = f"{kind.__module__}.{kind.__qualname__}"


got_request_exception.connect(note_failure, dispatch_uid="audit.note_failure")


def _note(
    context: contexts.Context, request: HttpRequest, response: HttpResponseBase, began: float
) -> None:
    response.headers.setdefault("X-Request-ID", context.fields["request_id"])
    status = response.status_code
    kept = setting("AUDIT_REQUESTS")
    details: dict[str, Any] = {
        "category": "request",
        "status": status,
        "duration_ms": round((time.monotonic() - began) * 1000),
    }
    if status >= 500:
        if context.failure:
            details["changes"] = {"exception": context.failure}
        services.record("request.failed", severity="error", outcome="failure", **details)
    elif status in DENIED:
        services.record("request.denied", severity="warning", outcome="denied", **details)
    elif kept == "all" or (kept == "writes" and request.method not in SAFE):
        services.record("request.completed", **details)
