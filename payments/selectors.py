"""What is read of payments: what is open, what is due, what a person has to see."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Now, TruncHour
from django.utils import timezone

from payments.models import (
    Dispute,
    HealthMetric,
    LedgerAccount,
    LedgerEntry,
    LedgerLine,
    Operation,
    Provider,
    Settlement,
    SettlementLine,
    Transaction,
    WebhookEvent,
)
from weedgo.store.models import Order, Store

# --- payments and operations ------------------------------------------------------------------


def recent_payments() -> QuerySet[Transaction]:
    """All payments, the latest first."""
    return Transaction.objects.order_by("-created_at")


def payments_in(store: Store, since: datetime) -> QuerySet[Transaction]:
    """A shop's payments, the latest first."""
    return Transaction.objects.filter(store=store, created_at__gte=since).order_by("-created_at")


def open_payments() -> QuerySet[Transaction]:
    """Payments that are neither taken nor given up."""
    return Transaction.objects.filter(status__in=["pending", "authorized"]).order_by("created_at")


def payment_of(order: Order) -> QuerySet[Transaction]:
    """The payment of an order."""
    return Transaction.objects.filter(order=order)


def operations_of(payment: Transaction) -> QuerySet[Operation]:
    """What was asked for a payment, the latest first."""
    return Operation.objects.filter(transaction=payment).order_by("-created_at")


def operation_by_reference(provider: Provider, reference: str) -> QuerySet[Operation]:
    """The operation that a provider calls so."""
    return Operation.objects.filter(provider=provider, provider_reference=reference).exclude(
        provider_reference=""
    )


def operations_at(provider: Provider) -> QuerySet[Operation]:
    """What was asked of a provider, the latest first."""
    return Operation.objects.filter(provider=provider).order_by("-created_at")


def failures(code: str) -> QuerySet[Operation]:
    """What failed for a reason, the latest first."""
    return (
        Operation.objects.filter(failure_code=code).exclude(failure_code="").order_by("-created_at")
    )


def due_operations() -> QuerySet[Operation]:
    """What is to be looked up now, the most urgent first."""
    return Operation.objects.filter(
        status__in=["sent", "unknown"], next_check_at__isnull=False, next_check_at__lte=Now()
    ).order_by("next_check_at")


def unsettled_operations() -> QuerySet[Operation]:
    """What has no outcome, the oldest first."""
    return Operation.objects.filter(status__in=["pending", "sent", "unknown"]).order_by(
        "created_at"
    )


# --- events and health ------------------------------------------------------------------------


def recent_events() -> QuerySet[WebhookEvent]:
    """What providers told us, the latest first."""
    return WebhookEvent.objects.order_by("-received_at")


def unprocessed_events() -> QuerySet[WebhookEvent]:
    """What providers told us and nobody has looked at, the most urgent first."""
    return WebhookEvent.objects.filter(processed_at__isnull=True).order_by("retry_at")


def health_since(moment: datetime) -> QuerySet[HealthMetric]:
    """How well providers answered, the latest first."""
    return HealthMetric.objects.filter(bucket_start__gte=moment).order_by("-bucket_start")


def health_by_hour(hours: int) -> list[dict[str, Any]]:
    """How well providers answered, hour by hour, the oldest first.

    Args:
        hours: how many back from now.
    """
    since = timezone.now() - timedelta(hours=hours)
    rows = (
        health_since(since)
        .order_by()
        .values("provider__name", "method", hour=TruncHour("bucket_start"))
        .annotate(
            calls=Sum("call_count"),
            technical_errors=Sum("technical_errors"),
            declines=Sum("declines"),
            unknowns=Sum("unknowns"),
        )
        .order_by("provider__name", "method", "hour")
    )
    return [dict(row) for row in rows]


# --- ledger -----------------------------------------------------------------------------------


def recent_entries() -> QuerySet[LedgerEntry]:
    """What happened to money, the latest first."""
    return LedgerEntry.objects.order_by("-posted_at")


def lines_of(entry: LedgerEntry) -> QuerySet[LedgerLine]:
    """The lines of an entry."""
    return LedgerLine.objects.filter(entry=entry)


def lines_in(account: LedgerAccount, currency: str) -> QuerySet[LedgerLine]:
    """The lines of an account."""
    return LedgerLine.objects.filter(account=account, currency=currency)


# --- disputes and settlements -----------------------------------------------------------------


def due_disputes(before: datetime) -> QuerySet[Dispute]:
    """Open disputes whose evidence is due, the most urgent first."""
    return Dispute.objects.filter(status="open", evidence_due_at__lt=before).order_by(
        "evidence_due_at"
    )


def disputes_with(status: str) -> QuerySet[Dispute]:
    """Disputes by status, the latest first."""
    return Dispute.objects.filter(status=status).order_by("-opened_at")


def settlements_since(day: date) -> QuerySet[Settlement]:
    """Payouts, the latest first."""
    return Settlement.objects.filter(payout_date__gte=day).order_by("-payout_date")


def open_settlements() -> QuerySet[Settlement]:
    """Payouts that are not closed, the oldest first."""
    return Settlement.objects.exclude(status="closed").order_by("payout_date")


def lines_of_settlement(settlement: Settlement) -> QuerySet[SettlementLine]:
    """What a payout consists of."""
    return SettlementLine.objects.filter(settlement=settlement).order_by("settlement", "id")


def unmatched_lines() -> QuerySet[SettlementLine]:
    """Lines of payouts that match nothing, the oldest first."""
    return SettlementLine.objects.exclude(match_status="matched").order_by("id")


def settlement_lines_by_reference(reference: str) -> QuerySet[SettlementLine]:
    """Where an operation was paid out."""
    return SettlementLine.objects.filter(provider_reference=reference)
