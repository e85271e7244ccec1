"""Those who move the money: what they can do, how well they answer, whether they are asked."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q

import audit
from weedgo.store.schema import CURRENCY, one_of
from weedgo.tenancy.base import TenantOwned, Timestamped


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


@audit.track()
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
    settle_window = models.DurationField(
        db_default=timedelta(hours=24),
        db_comment="After so long nothing that was sent can still arrive there.",
    )
    lookup_is_final = models.BooleanField(
        db_default=False,
        db_comment="What it does not know after the settle window was never done; "
        "otherwise a person says.",
    )
    secret_ref = models.CharField(
        max_length=120, blank=True, db_default="",
        db_comment="Name of the environment variable of its API key, not the key.",
    )  # fmt: skip
    webhook_secret_ref = models.CharField(
        max_length=120, blank=True, db_default="",
        db_comment="Name of the environment variable of the signing secrets, not the secrets.",
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
    closed_at = models.DateTimeField(
        null=True, blank=True, db_comment="What was counted before says nothing any more."
    )
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
