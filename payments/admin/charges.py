"""Payments, operations and events."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from payments import models
from payments.admin.colours import STATUS
from weedgo.store.admin_base import ReadOnlyAdmin, ReadOnlyInline, label, money
from weedgo.tenancy.filters import DayRangeFilter

# What a search for one thing finds at most.
MOST = 1000


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
    # The box for searching needs fields; get_search_results says what is searched.
    search_fields = ["provider_reference"]
    search_help_text = "A whole order number, provider's reference or request key."
    amount = money("amount_minor", "amount")
    shown_status = label("status", STATUS)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Whole ones only, looked up one after the other: as alternatives they take no index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        referred = {"provider__in": list(models.Provider.objects.values_list("pk", flat=True))}
        found: set[int] = set()
        for one in (
            {"order__order_number": term},
            {"provider_reference": term, **referred},
            {"request_key": term},
        ):
            some = models.Operation.objects.filter(**one).order_by()
            found.update(some.values_list("pk", flat=True)[:MOST])
        return queryset.filter(pk__in=found), False


@admin.register(models.WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """What providers told us."""

    list_display = ["received_at", "provider", "event_type", "event_id", "processed_at", "attempts"]
    list_filter = [("received_at", DayRangeFilter), ("provider", RelatedDropdownFilter)]
    list_select_related = ["provider"]
    search_fields = ["event_id", "event_type", "object_reference"]
