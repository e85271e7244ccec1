"""Payments of orders, and what was asked of providers for them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q

import audit
from payments.models.providers import Method, Provider
from payments.scrubbing import no_card
from payments.triggers import KeepRequest
from weedgo.store.models import Order, Store
from weedgo.store.schema import CURRENCY, money_field, one_of, user_link
from weedgo.store.triggers import Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped


class TransactionStatus(models.TextChoices):
    """The column `status` of Transaction."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@audit.track()
class Transaction(TenantOwned, Timestamped):
    """The payment of an order: what was taken, and what was given back."""

    Status = TransactionStatus

    order = models.OneToOneField(Order, on_delete=models.RESTRICT, related_name="payment")
    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    method = models.CharField(max_length=20, choices=Method.choices)
    status = models.CharField(
        max_length=20, choices=Status.choices, db_default=Status.PENDING.value
    )
    amount_minor = money_field("In cents; what the order asks for.")
    currency = models.CharField(max_length=3, db_default=CURRENCY)
    captured_minor = money_field("In cents; what came in.", db_default=0)
    capture_pending_minor = money_field(
        "In cents; what is asked to come in of an authorization and may have come.", db_default=0
    )
    refunded_minor = money_field("In cents; what went back.", db_default=0)
    refund_pending_minor = money_field(
        "In cents; what is asked to go back and may have gone.", db_default=0
    )

    class Meta:
        db_table = "payment_transactions"
        db_table_comment = "Payments of orders: what was taken, and what was given back."
        ordering = ["-created_at"]
        constraints = [
            one_of("payment_transactions", "method", Method),
            one_of("payment_transactions", "status", TransactionStatus),
            CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payment_transactions_amount_check"
            ),
            CheckConstraint(
                condition=Q(captured_minor__gte=0) & Q(capture_pending_minor__gte=0)
                & Q(amount_minor__gte=F("captured_minor") + F("capture_pending_minor"))
                & Q(refunded_minor__gte=0) & Q(refund_pending_minor__gte=0)
                & Q(captured_minor__gte=F("refunded_minor") + F("refund_pending_minor")),
                name="payment_transactions_refunds_check",
            ),
        ]  # fmt: skip
        indexes = [
            Index(F("created_at").desc(), name="payment_transactions_created"),
            Index("store", F("created_at").desc(), name="payment_transactions_store",
                  include=["amount_minor", "status"]),
            Index("status", "created_at", name="payment_transactions_open",
                  condition=Q(status__in=["pending", "authorized"])),
            BrinIndex("created_at", name="payment_transactions_brin"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"payment of order {self.order_id}"


class OperationKind(models.TextChoices):
    """The column `kind` of Operation."""

    CHARGE = "charge"
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class OperationStatus(models.TextChoices):
    """The column `status` of Operation."""

    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    NOT_SENT = "not_sent"
    LATE = "late"


class Operation(TenantOwned, Timestamped):
    """One thing asked of a provider, and what became of it. Unknown is a state."""

    Kind = OperationKind
    Status = OperationStatus

    transaction = models.ForeignKey(
        Transaction, on_delete=models.RESTRICT, related_name="operations", db_index=False
    )
    order = models.ForeignKey(Order, on_delete=models.RESTRICT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.RESTRICT, db_index=False)
    parent = models.ForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="followers",
        db_comment="What is captured, voided or given back.",
    )  # fmt: skip
    kind = models.CharField(max_length=20, choices=Kind.choices)
    status = models.CharField(
        max_length=20, choices=Status.choices, db_default=Status.PENDING.value
    )
    amount_minor = money_field()
    currency = models.CharField(max_length=3, db_default=CURRENCY)
    request_key = models.CharField(
        max_length=80, db_comment="The caller's key: the same request is never made twice."
    )
    attempt = models.SmallIntegerField(
        db_default=1, db_comment="Counts the providers that were asked for one request."
    )
    provider_key = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False,
        db_comment="Ours, told to the provider: what it knows the operation by.",
    )  # fmt: skip
    provider_reference = models.CharField(max_length=80, blank=True, db_default="")
    source = models.CharField(
        max_length=80, blank=True, db_default="",
        db_comment="The provider's token of what is charged; never a card's number.",
    )  # fmt: skip
    failure_code = models.CharField(max_length=40, blank=True, db_default="")
    error_message = models.TextField(blank=True, db_default="")
    may_fail_over = models.BooleanField(
        db_default=False, db_comment="It certainly took nothing: another provider may be asked."
    )
    checks = models.SmallIntegerField(db_default=0, db_comment="How often it was looked up.")
    sent_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    requested_by = user_link(db_column="requested_by", db_index=False)

    class Meta:
        db_table = "payment_operation"
        db_table_comment = "Everything asked of a provider, whatever became of it."
        ordering = ["-created_at", "-id"]
        constraints = [
            one_of("payment_operation", "kind", OperationKind),
            one_of("payment_operation", "status", OperationStatus),
            CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_operation_amount_check"),
            CheckConstraint(
                condition=~Q(status__in=["sent", "unknown"]) | Q(next_check_at__isnull=False),
                name="payment_operation_next_check_check",
            ),
            CheckConstraint(
                condition=Q(parent__isnull=True) | Q(kind__in=["capture", "void", "refund"]),
                name="payment_operation_parent_check",
            ),
            no_card("error_message", "payment_operation_no_card_check"),
            no_card("provider_reference", "payment_operation_no_card_reference_check"),
            no_card("source", "payment_operation_no_card_source_check"),
            no_card("request_key", "payment_operation_no_card_key_check"),
            models.UniqueConstraint(
                "transaction", "kind", "request_key", "attempt",
                name="payment_operation_request_key",
            ),
            # One money-in for each order: the next waits until the last certainly failed.
            models.UniqueConstraint(
                fields=["order"], name="payment_operation_one_money_in",
                condition=Q(kind__in=["charge", "authorize"])
                & Q(status__in=["pending", "sent", "unknown", "succeeded"]),
            ),
        ]  # fmt: skip
        indexes = [
            Index(F("created_at").desc(), F("id").desc(), name="payment_operation_recent"),
            Index("transaction", F("created_at").desc(), name="payment_operation_transaction"),
            Index("provider", "provider_reference", name="payment_operation_reference",
                  condition=~Q(provider_reference="")),
            Index("next_check_at", name="payment_operation_due",
                  condition=Q(next_check_at__isnull=False)),
            Index("provider", F("created_at").desc(), name="payment_operation_provider"),
            Index("failure_code", F("created_at").desc(), name="payment_operation_failure",
                  condition=~Q(failure_code="")),
            Index("created_at", name="payment_operation_unsettled",
                  condition=Q(status__in=["pending", "sent", "unknown"])),
        ]  # fmt: skip
        triggers = [
            KeepRequest(),
            Transitions(
                {
                    "pending": ["sent", "not_sent"],
                    "sent": ["succeeded", "declined", "unknown", "not_sent"],
                    "unknown": ["sent", "succeeded", "declined", "not_sent"],
                    # The provider did after all what we had been told was not done.
                    "not_sent": ["late"],
                    "declined": ["late"],
                }
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor} {self.currency}: {self.status}"
