"""Payments of orders, what was asked of providers for them, and how well providers answer."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

from payments.triggers import KeepRequest
from weedgo.store.models import Order, Store
from weedgo.store.schema import CURRENCY, money_field, one_of, user_link
from weedgo.store.triggers import Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped

# A run of digits as long as a card's number (ISO/IEC 7812-1), blanks and dashes aside.
CARD_NUMBER = r"(^|[^0-9])[0-9]([ -]?[0-9]){12,18}([^0-9]|$)"


class Method(models.TextChoices):
    """By which means somebody pays."""

    CARD = "card"
    INTERAC = "interac"
    WALLET = "wallet"
    CASH = "cash"


class ProviderKind(models.TextChoices):
    """The column `kind` of Provider."""

    CARD = "card"
    INTERAC = "interac"
    WALLET = "wallet"
    CASH = "cash"
    SANDBOX = "sandbox"


class Provider(TenantOwned, Timestamped):
    """Somebody who moves the money."""

    Kind = ProviderKind

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    adapter = models.CharField(
        max_length=30, db_comment="Which of the adapters of payments.providers talks to it."
    )
    methods = ArrayField(models.CharField(max_length=20), db_comment="What it takes.")
    priority = models.SmallIntegerField(db_default=100, db_comment="The lowest is asked first.")
    fee_basis_points = models.IntegerField(db_default=0)
    supported_currencies = ArrayField(models.CharField(max_length=3), db_default=[CURRENCY])
    deduplicates = models.BooleanField(
        db_default=False,
        db_comment="The same key never charges twice; without it nothing is resent.",
    )
    key_window = models.DurationField(
        db_default=timedelta(hours=24), db_comment="How long it knows a key again."
    )
    webhook_secret_ref = models.CharField(
        max_length=120, blank=True, db_default="",
        db_comment="Name of the secret in the vault, not the secret.",
    )  # fmt: skip
    config = models.JSONField(db_default={}, blank=True)
    is_active = models.BooleanField(db_default=True)

    class Meta:
        db_table = "payment_providers"
        db_table_comment = "Who moves the money."
        ordering = ["priority", "code"]
        constraints = [
            one_of("payment_providers", "kind", ProviderKind),
            CheckConstraint(
                condition=Q(methods__contained_by=list(Method.values)),
                name="payment_providers_methods_check",
            ),
            CheckConstraint(
                condition=Q(fee_basis_points__range=(0, 10000)), name="payment_providers_fee_check"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TransactionStatus(models.TextChoices):
    """The column `status` of Transaction."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


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
                condition=Q(captured_minor__range=(0, F("amount_minor")))
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
    CANCELLED = "cancelled"


class Operation(TenantOwned, Timestamped):
    """One thing asked of a provider, and what became of it. Unknown is a state."""

    Kind = OperationKind
    Status = OperationStatus

    transaction = models.ForeignKey(
        Transaction, on_delete=models.RESTRICT, related_name="operations", db_index=False
    )
    order = models.ForeignKey(Order, on_delete=models.RESTRICT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.RESTRICT, db_index=False)
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
    failure_code = models.CharField(max_length=40, blank=True, db_default="")
    error_message = models.TextField(blank=True, db_default="")
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
                condition=~Q(error_message__regex=CARD_NUMBER),
                name="payment_operation_no_card_check",
            ),
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
                    "pending": ["sent", "not_sent", "cancelled"],
                    "sent": ["succeeded", "declined", "unknown", "not_sent"],
                    "unknown": ["sent", "succeeded", "declined", "not_sent"],
                }
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor} {self.currency}: {self.status}"


class WebhookEvent(TenantOwned):
    """What a provider told us; each event counts once."""

    provider = models.ForeignKey(Provider, on_delete=models.RESTRICT, db_index=False)
    event_id = models.CharField(max_length=80)
    event_type = models.CharField(max_length=60)
    object_reference = models.CharField(max_length=80, blank=True, db_default="")
    payload = models.JSONField()
    attempts = models.SmallIntegerField(db_default=0)
    last_error = models.TextField(blank=True, db_default="")
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "payment_webhook_events"
        db_table_comment = "What providers told us; each event counts once."
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint("provider", "event_id", name="payment_webhook_events_event_key")
        ]
        indexes = [
            Index("received_at", name="payment_webhook_events_pending",
                  condition=Q(processed_at__isnull=True)),
            Index(F("received_at").desc(), name="payment_webhook_events_recent"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"


class HealthMetric(TenantOwned):
    """How well a provider answered within ten seconds."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, db_index=False)
    method = models.CharField(max_length=20, choices=Method.choices)
    bucket_start = models.DateTimeField()
    call_count = models.IntegerField(db_default=0)
    technical_errors = models.IntegerField(db_default=0)
    declines = models.IntegerField(db_default=0)
    unknowns = models.IntegerField(db_default=0)
    latency_histogram = ArrayField(
        models.IntegerField(), db_default=[0] * 12,
        db_comment="Calls by duration, in classes whose bounds double from 25 ms.",
    )  # fmt: skip
    total_latency_ms = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "payment_provider_health_metrics"
        db_table_comment = "How well each provider answers, in ten-second buckets."
        constraints = [
            models.UniqueConstraint(
                "provider", "method", "bucket_start", name="payment_provider_health_bucket_key"
            ),
            CheckConstraint(
                condition=Q(call_count__gte=F("technical_errors") + F("declines") + F("unknowns")),
                name="payment_provider_health_counts_check",
            ),
        ]
        indexes = [Index(F("bucket_start").desc(), "provider", name="payment_health_recent")]

    def __str__(self) -> str:
        return f"provider {self.provider_id} at {self.bucket_start}"


class CircuitState(models.TextChoices):
    """The column `state` of Circuit."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Circuit(TenantOwned):
    """Whether a provider is asked for a method, or left alone for a while."""

    State = CircuitState

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="circuits", db_index=False
    )
    method = models.CharField(max_length=20, choices=Method.choices)
    state = models.CharField(max_length=10, choices=State.choices, db_default=State.CLOSED.value)
    opened_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    probe_key = models.UUIDField(null=True, blank=True, db_comment="Who holds the one probe.")

    class Meta:
        db_table = "payment_circuit"
        db_table_comment = "Breakers, by provider and method, shared by all workers."
        constraints = [
            one_of("payment_circuit", "state", CircuitState),
            models.UniqueConstraint("provider", "method", name="payment_circuit_key"),
            CheckConstraint(
                condition=Q(state="closed") | Q(retry_at__isnull=False),
                name="payment_circuit_retry_check",
            ),
        ]

    def __str__(self) -> str:
        return f"provider {self.provider_id}, {self.method}: {self.state}"
