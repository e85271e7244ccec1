"""Payments in a tenant's admin: to search and to read; money moves by the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from payments import ledger, models
from weedgo.store.admin_base import ReadOnlyAdmin, ReadOnlyInline, ShopAdmin, label, money
from weedgo.tenancy.filters import DayRangeFilter

STATUS = {
    "paid": "success", "succeeded": "success", "won": "success", "matched": "success",
    "closed": "success", "pending": "warning", "sent": "warning", "unknown": "danger",
    "declined": "info", "not_sent": "info", "refunded": "info", "open": "warning",
    "submitted": "info", "lost": "danger", "exception": "danger", "unmatched": "warning",
    "half_open": "warning",
}  # fmt: skip


@admin.register(models.Provider)
class ProviderAdmin(ShopAdmin):
    """Providers; which secret signs is named here, the secret is elsewhere."""

    list_display = ["name", "code", "adapter", "priority", "deduplicates", "is_active"]
    list_filter = [("kind", ChoicesDropdownFilter), "is_active"]
    search_fields = ["name", "code"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: it is made inactive."""
        return False


class OperationInline(ReadOnlyInline):
    """What was asked of providers."""

    model = models.Operation
    fields = ["created_at", "kind", "amount_minor", "provider", "status", "provider_reference",
              "failure_code"]  # fmt: skip


@admin.register(models.Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    """Payments of orders."""

    list_display = ["order", "created_at", "method", "amount", "captured", "refunded",
                    "shown_status"]  # fmt: skip
    list_filter = [
        ("created_at", DayRangeFilter),
        ("status", ChoicesDropdownFilter),
        ("method", ChoicesDropdownFilter),
        ("store", RelatedDropdownFilter),
    ]
    list_select_related = ["order"]
    search_fields = ["order__order_number"]
    inlines = [OperationInline]
    amount = money("amount_minor", "asked")
    captured = money("captured_minor", "taken")
    refunded = money("refunded_minor", "given back")
    shown_status = label("status", STATUS)


@admin.register(models.Operation)
class OperationAdmin(ReadOnlyAdmin):
    """What was asked of providers; unknown ones are looked up."""

    list_display = ["created_at", "order", "kind", "amount", "provider", "shown_status", "checks",
                    "next_check_at"]  # fmt: skip
    list_filter = [
        ("created_at", DayRangeFilter),
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("provider", RelatedDropdownFilter),
    ]
    list_select_related = ["order", "provider"]
    search_fields = ["order__order_number", "provider_reference", "request_key"]
    amount = money("amount_minor", "amount")
    shown_status = label("status", STATUS)


@admin.register(models.WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """What providers told us."""

    list_display = ["received_at", "provider", "event_type", "event_id", "processed_at", "attempts"]
    list_filter = [("received_at", DayRangeFilter), ("provider", RelatedDropdownFilter)]
    list_select_related = ["provider"]
    search_fields = ["event_id", "event_type", "object_reference"]


@admin.register(models.HealthMetric)
class HealthMetricAdmin(ReadOnlyAdmin):
    """How well providers answer."""

    list_display = ["bucket_start", "provider", "method", "call_count", "technical_errors",
                    "declines", "unknowns", "average_ms"]  # fmt: skip
    list_filter = [("bucket_start", DayRangeFilter), ("provider", RelatedDropdownFilter)]
    list_select_related = ["provider"]

    @display(description="ms on average")
    def average_ms(self, row: models.HealthMetric) -> int:
        """Latency by calls."""
        return row.total_latency_ms // max(row.call_count, 1)


@admin.register(models.Circuit)
class CircuitAdmin(ReadOnlyAdmin):
    """Breakers."""

    list_display = ["provider", "method", "shown_state", "opened_at", "retry_at"]
    list_select_related = ["provider"]
    shown_state = label("state", STATUS)


@admin.register(models.LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    """Accounts and what their lines come to."""

    list_display = ["code", "name", "kind", "balance"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["code", "name"]

    @display(description="balance")
    def balance(self, account: models.LedgerAccount) -> str:
        """In the shop's currency."""
        return str(ledger.balance(account.code, "CAD"))


class LedgerLineInline(ReadOnlyInline):
    """An entry's lines."""

    model = models.LedgerLine
    fields = ["account", "amount_minor", "currency"]


@admin.register(models.LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """What happened to money."""

    list_display = ["posted_at", "description", "key"]
    list_filter = [("posted_at", DayRangeFilter)]
    search_fields = ["key", "description"]
    inlines = [LedgerLineInline]


@admin.register(models.Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Disputes, by when evidence is due."""

    list_display = ["provider_reference", "stage", "reason", "amount", "evidence_due_at",
                    "shown_status"]  # fmt: skip
    list_filter = [
        ("evidence_due_at", DayRangeFilter),
        ("status", ChoicesDropdownFilter),
        ("provider", RelatedDropdownFilter),
    ]
    search_fields = ["provider_reference", "reason"]
    ordering = ["evidence_due_at"]
    amount = money("amount_minor", "amount")
    shown_status = label("status", STATUS)


class SettlementLineInline(ReadOnlyInline):
    """What a payout consists of."""

    model = models.SettlementLine
    fields = ["provider_reference", "gross_minor", "fee_minor", "net_minor", "match_status"]


@admin.register(models.Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    """Payouts."""

    list_display = ["payout_date", "provider", "payout_reference", "gross", "fee", "net",
                    "shown_status"]  # fmt: skip
    list_filter = [
        ("payout_date", DayRangeFilter),
        ("status", ChoicesDropdownFilter),
        ("provider", RelatedDropdownFilter),
    ]
    list_select_related = ["provider"]
    search_fields = ["payout_reference", "bank_reference"]
    inlines = [SettlementLineInline]
    gross = money("gross_minor", "gross")
    fee = money("fee_minor", "fee")
    net = money("net_minor", "net")
    shown_status = label("status", STATUS)
