"""The tenant of a request, by its host name."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django_tenants.middleware.main import TenantMainMiddleware
from django_tenants.utils import get_tenant_model

from weedgo.tenancy.models import State

FIELDS = ("id", "schema_name", "name", "state")
RESOLVE = "SELECT id, schema_name, name, state FROM public.weedgo_resolve(%s)"
CLOSED = "This shop is closed for the moment."


class TenantMiddleware(TenantMainMiddleware):
    """Activates the tenant that the host name leads to, and nobody again after the response.

    The log-in may ask which tenant that is and nothing else.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Activate the tenant; a host that leads to none is not found."""
        request.activated_before = connection.activation  # type: ignore[attr-defined]
        connection.deactivate()  # type: ignore[attr-defined]
        try:
            host = self.hostname_from_request(request)
        except DisallowedHost:
            return HttpResponseNotFound()
        tenant = self._resolve(host)
        if tenant is None:
            connection.set_schema_to_public()  # type: ignore[attr-defined]
            return self.no_tenant_found(request, host)
        if tenant.state == State.RETIRED:
            raise Http404(f"The tenant of {host} is retired.")
        if tenant.state == State.SUSPENDED:
            return HttpResponse(CLOSED, status=503, content_type="text/plain")
        tenant.domain_url = host
        request.tenant = tenant  # type: ignore[attr-defined]
        connection.set_tenant(tenant)  # type: ignore[attr-defined]
        self.setup_url_routing(request)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        """Have nobody active; a response that is still being made keeps its tenant until then."""
        before = getattr(request, "activated_before", None)
        if before is not None:

            def restore() -> None:
                connection.resume(before)  # type: ignore[attr-defined]

            if response.streaming:
                response._resource_closers.append(restore)  # type: ignore[attr-defined] # noqa: SLF001
            else:
                restore()
        return response

    def _resolve(self, host: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(RESOLVE, [host])
            row = cursor.fetchone()
        return row and get_tenant_model().from_db(connection.alias, FIELDS, row)
