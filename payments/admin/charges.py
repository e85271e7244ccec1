"""Payments, operations and events."""

from __future__ import annotations

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from payments import models
from payments.admin.colours import STATUS
from weedgo.store.admin_base import ReadOnlyAdmin, ReadOnlyInline, label, money
from weedgo.tenancy.filters import DayRangeFilter


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
    # Whole ones: a part of one would be looked for in every row.
    search_fields = [
        "order__order_number__exact", "provider_reference__exact", "request_key__exact",
    ]  # fmt: skip
    amount = money("amount_minor", "amount")
    shown_status = label("status", STATUS)


@admin.register(models.WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """What providers told us."""

    list_display = ["received_at", "provider", "event_type", "event_id", "processed_at", "attempts"]
    list_filter = [("received_at", DayRangeFilter), ("provider", RelatedDropdownFilter)]
    list_select_related = ["provider"]
    search_fields = ["event_id", "event_type", "object_reference"]
