"""The one address that providers send events to."""

from __future__ import annotations

import logging

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_tenants.utils import get_public_schema_name

from payments.errors import PaymentError
from payments.models import Provider
from payments.webhooks import ingest_webhook

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a provider's event: 200 where it is signed, new or not; 400 where it is not.

    What the event says is done by `payments_worker`: the provider is not kept waiting.
    """
    if connection.schema_name == get_public_schema_name():  # type: ignore[attr-defined]
        return HttpResponse("no shop has this address", status=404, content_type="text/plain")
    provider = Provider.objects.filter(code=code, is_active=True).first()
    if provider is None:
        return HttpResponse("no such provider", status=404, content_type="text/plain")
    try:
        ingest_webhook(provider, request.body, request.headers)
    except PaymentError as error:
        log.warning("an event for provider %s was refused: %s", code, error)
        return HttpResponse(f"refused: {error}", status=400, content_type="text/plain")
    return HttpResponse("kept", content_type="text/plain")
