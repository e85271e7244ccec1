"""What providers tell us of their own accord.

An event is verified by its raw body, kept once, and answered at once. A worker then asks the
provider how the object stands and moves only forward: duplicates, another order and replays
change nothing, and a lost event is made good by the lookups of `resolve_due`.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from payments import disputes, scrubbing, selectors
from payments.calls import own_transaction, request_of
from payments.errors import ForgedWebhookError, InsideTransactionError, PaymentError
from payments.models import Operation, Provider, WebhookEvent
from payments.providers import Event, NotSentError, UnknownOutcomeError, adapter
from payments.resolving import learn

log = logging.getLogger(__name__)

# An event that cannot be processed is tried again after so long, doubled each time.
FIRST_RETRY = timedelta(seconds=10)
LAST_RETRY = timedelta(hours=6)
# As long as a worker may take for one; then another takes it.
LEASE = timedelta(minutes=2)
# Larger bodies are nobody's event.
LARGEST = 1024 * 1024


def ingest_webhook(provider: Provider, body: bytes, headers: Mapping[str, str]) -> bool:
    """Keep an event that a provider has signed.

    Args:
        provider: who claims to have sent it.
        body: as it came; a signature is over bytes.
        headers: of the request, names in any case.

    Returns:
        Whether it is new.

    Raises:
        ForgedWebhookError: it is too large, not signed by the provider, or signed too long ago.
    """
    if len(body) > LARGEST:
        raise ForgedWebhookError(f"an event of {len(body):,} bytes")
    event = adapter(provider).verify(
        body, {name.lower(): value for name, value in headers.items()}, secrets_of(provider)
    )
    kept = WebhookEvent(
        provider=provider,
        event_id=event.id[:80],
        event_type=scrubbing.text(event.type, 60),
        object_reference=scrubbing.text(event.reference, 80),
        payload=_payload(event, body),
    )
    before = WebhookEvent.objects.filter(provider=provider, event_id=kept.event_id)
    if before.exists():
        return False
    WebhookEvent.objects.bulk_create([kept], ignore_conflicts=True)
    return True


def secrets_of(provider: Provider) -> list[str]:
    """Return the secrets that a provider may sign with: while one is replaced there are two.

    They stand in the environment variable that the provider names, separated by blanks.
    """
    return os.environ.get(provider.webhook_secret_ref, "").split()


def process_webhooks(limit: int = 1000) -> int:
    """Do what events say that nobody has processed; each worker takes others.

    Returns:
        How many were processed.

    Raises:
        InsideTransactionError: a transaction is open.
    """
    processed = 0
    for _ in range(limit):
        event = _claim()
        if event is None:
            break
        processed += _process(event)
    return processed


def replay(event: WebhookEvent) -> bool:
    """Process an event again, processed or not.

    Raises:
        InsideTransactionError: a transaction is open.
    """
    return _process(event)


def _payload(event: Event, body: bytes) -> Any:
    document = scrubbing.data(json.loads(body))
    ours = {"kind": event.kind, "key": str(event.key) if event.key else None}
    return {"weedgo": ours, "event": document}


def _claim() -> WebhookEvent | None:
    with own_transaction():
        event = (
            selectors.unprocessed_events()
            .filter(retry_at__lte=Now())
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("provider")
            .first()
        )
        if event is not None:
            event.attempts += 1
            event.retry_at = timezone.now() + LEASE
            event.save(update_fields=["attempts", "retry_at"])
        return event


def _process(event: WebhookEvent) -> bool:
    try:
        _apply(event)
    except InsideTransactionError:
        raise
    except (NotSentError, UnknownOutcomeError, PaymentError) as error:
        wait = min(FIRST_RETRY * 2 ** min(event.attempts, 12), LAST_RETRY)
        WebhookEvent.objects.filter(pk=event.pk).update(
            last_error=scrubbing.text(str(error)), retry_at=timezone.now() + wait
        )
        log.warning("event %s of %s is tried again: %s", event.event_id, event.provider, error)
        return False
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=Now(), last_error="")
    return True


def _apply(event: WebhookEvent) -> None:
    """Ask the provider how things stand; what the event itself says is only a hint."""
    ours = event.payload["weedgo"]
    match ours["kind"]:
        case "operation":
            operation = _operation(event, ours["key"])
            answer = adapter(event.provider).lookup(request_of(operation), operation.kind)
            if answer is not None:
                learn(operation, answer)
                disputes.link(operation)
        case "dispute":
            disputes.open_dispute(event.provider, event.object_reference)


def _operation(event: WebhookEvent, key: str | None) -> Operation:
    at_provider = Operation.objects.filter(provider=event.provider)
    operation = at_provider.filter(provider_key=key).first() if key else None
    if operation is None and event.object_reference:
        operation = at_provider.filter(provider_reference=event.object_reference).first()
    if operation is None:
        raise PaymentError(f"no operation of ours is {event.object_reference or key} there")
    return operation
