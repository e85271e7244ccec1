"""What load balancers and orchestrators ask: whether the process lives, whether it can serve.

Above the tenants' middleware, for whoever asks knows no tenant's host name:

- `/healthz`: 200 as soon as the process answers; nothing else is touched;
- `/readyz`: 200 where the database answers, 503 where it does not; for how long is up to the
  connection's own timeout.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

Responds = Callable[[HttpRequest], HttpResponseBase]


class ProbeMiddleware:
    """Answers the probes, for WSGI and ASGI; all else goes on."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a probe, or pass the request on."""
        if iscoroutinefunction(self.get_response):
            return self._later(request)
        answer = PROBES.get(request.path)
        response: HttpResponseBase = answer() if answer else self.get_response(request)
        return response

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        answer = PROBES.get(request.path)
        if answer:
            return await sync_to_async(answer)()
        response: HttpResponseBase = await self.get_response(request)
        return response


def lives() -> HttpResponse:
    """Say that the process answers."""
    return _plain("ok", 200)


def ready() -> HttpResponse:
    """Say whether the database answers; why not is in the log, not told to strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _plain("no database", 503)
    return _plain("ok", 200)


def _plain(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain")
    response["Cache-Control"] = "no-store"
    return response


PROBES: dict[str, Callable[[], HttpResponse]] = {"/healthz": lives, "/readyz": ready}
