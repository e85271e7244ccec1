"""Disputes: a customer's bank wants money back."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

import audit
from payments.models.charges import Operation
from payments.models.providers import Provider
from payments.scrubbing import no_card
from weedgo.store.schema import CURRENCY, money_field, one_of
from weedgo.store.triggers import Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped


class DisputeStatus(models.TextChoices):
    """The column `status` of Dispute."""

    OPEN = "open"
    SUBMITTED = "submitted"
    WON = "won"
    LOST = "lost"
    ACCEPTED = "accepted"


@audit.track()
class Dispute(TenantOwned, Timestamped):
    """A customer's bank wants money back."""

    Status = DisputeStatus

    operation = models.ForeignKey(
        Operation, on_delete=models.RESTRICT, null=True, blank=True, related_name="disputes",
        db_comment="None while a dispute came before the news of its sale.",
    )  # fmt: skip
    provider = models.ForeignKey(Provider, on_delete=models.RESTRICT, db_index=False)
    provider_reference = models.CharField(max_length=80)
    charge_reference = models.CharField(
        max_length=80, blank=True, db_default="",
        db_comment="What the provider calls the disputed charge.",
    )  # fmt: skip
    stage = models.CharField(max_length=20, db_default="chargeback")
    reason = models.CharField(max_length=40)
    amount_minor = money_field()
    currency = models.CharField(max_length=3, db_default=CURRENCY)
    status = models.CharField(max_length=20, choices=Status.choices, db_default=Status.OPEN.value)
    evidence_due_at = models.DateTimeField(null=True, blank=True)
    evidence = models.JSONField(db_default={}, blank=True)
    fee_minor = money_field("In cents; what the provider takes for it.", db_default=0)
    recovered_minor = money_field(db_default=0)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "payment_disputes"
        db_table_comment = "A customer's bank wants money back."
        ordering = ["-opened_at"]
        constraints = [
            one_of("payment_disputes", "status", DisputeStatus),
            CheckConstraint(
                condition=Q(amount_minor__gt=0) & Q(recovered_minor__range=(0, F("amount_minor"))),
                name="payment_disputes_recovered_check",
            ),
            CheckConstraint(
                condition=Q(status__in=["open", "submitted"]) | Q(closed_at__isnull=False),
                name="payment_disputes_closed_check",
            ),
            no_card("evidence", "payment_disputes_no_card_check"),
            no_card("reason", "payment_disputes_no_card_reason_check"),
            models.UniqueConstraint(
                "provider", "provider_reference", "stage", name="payment_disputes_reference_key"
            ),
        ]
        indexes = [
            Index("evidence_due_at", name="payment_disputes_due_idx", condition=Q(status="open")),
            Index("status", F("opened_at").desc(), name="payment_disputes_status_idx"),
            Index(
                "provider",
                "charge_reference",
                name="payment_disputes_unlinked_idx",
                condition=Q(operation__isnull=True),
            ),
        ]
        triggers = [
            Transitions(
                {
                    "open": ["submitted", "won", "lost", "accepted"],
                    # Some are won months after they were lost.
                    "submitted": ["won", "lost"],
                    "lost": ["won"],
                }
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider_reference} ({self.stage})"
