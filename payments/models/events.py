"""What providers tell us of their own accord."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Index, Q
from django.db.models.functions import Now

from payments.models.providers import Provider
from payments.scrubbing import no_card
from weedgo.tenancy.base import TenantOwned


class WebhookEvent(TenantOwned):
    """What a provider told us; each event counts once."""

    provider = models.ForeignKey(Provider, on_delete=models.RESTRICT, db_index=False)
    event_id = models.CharField(max_length=80)
    event_type = models.CharField(max_length=60)
    object_reference = models.CharField(max_length=80, blank=True, db_default="")
    payload = models.JSONField()
    attempts = models.SmallIntegerField(db_default=0)
    retry_at = models.DateTimeField(
        db_default=Now(), db_comment="Not looked at before; later after each failure."
    )
    last_error = models.TextField(blank=True, db_default="")
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "payment_webhook_events"
        db_table_comment = "What providers told us; each event counts once."
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                "provider", "event_id", name="payment_webhook_events_event_key"
            ),
            no_card("payload", "payment_webhook_events_no_card_check"),
            no_card("last_error", "payment_webhook_events_no_card_error_check"),
        ]
        indexes = [
            Index("retry_at", name="payment_webhook_events_pending",
                  condition=Q(processed_at__isnull=True)),
            Index(F("received_at").desc(), name="payment_webhook_events_recent"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"
