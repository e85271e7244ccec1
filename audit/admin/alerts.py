"""Alerts to look after, sums over time, and seals."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator

import audit
from audit import aggregates, alerts, charts
from audit.admin.labels import SEVERITY_LABELS, STATE_LABELS
from audit.models import AuditAggregate, AuditAlert, AuditSeal
from weedgo.tenancy.admin import ReadOnlyPlatformAdmin
from weedgo.tenancy.filters import DayRangeFilter, TenantFilter


@admin.register(AuditAggregate)
class AuditAggregateAdmin(ReadOnlyPlatformAdmin):
    """Sums of the log over time."""

    list_display = [
        "bucket_start", "grain", "event_type", "tenant", "dim", "dim_value", "count", "errors",
        "p50", "p95", "p99", "max_ms",
    ]  # fmt: skip
    list_filter = [
        ("bucket_start", DayRangeFilter),
        ("grain", ChoicesDropdownFilter),
        TenantFilter,
    ]
    list_filter_submit = True
    search_fields = ["event_type__exact", "dim_value__exact"]
    search_help_text = "Exactly: type or value"
    paginator = InfinitePaginator
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_before_template = "audit/aggregates_before.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {
            "events": json.dumps(charts.events_by_hour()),
            "durations": json.dumps(charts.durations_by_hour()),
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    @display(description="p50 (ms)")
    def p50(self, sums: AuditAggregate) -> int | None:
        return aggregates.percentile(sums.histogram, 0.50)

    @display(description="p95 (ms)")
    def p95(self, sums: AuditAggregate) -> int | None:
        return aggregates.percentile(sums.histogram, 0.95)

    @display(description="p99 (ms)")
    def p99(self, sums: AuditAggregate) -> int | None:
        return aggregates.percentile(sums.histogram, 0.99)


@admin.register(AuditAlert)
class AuditAlertAdmin(ReadOnlyPlatformAdmin):
    """What rules found in the log: to acknowledge, to snooze, to resolve."""

    list_display = [
        "last_seen_at", "rule_key", "about", "level", "progress", "occurrences", "tenant",
        "assignee",
    ]  # fmt: skip
    list_filter = [
        ("last_seen_at", DayRangeFilter),
        ("state", ChoicesDropdownFilter),
        ("severity", ChoicesDropdownFilter),
        TenantFilter,
    ]
    list_filter_submit = True
    list_select_related = ["assignee"]
    search_fields = ["rule_key__exact", "dedup_key__exact"]
    search_help_text = "Exactly: rule or dedup key"
    fields = [
        ("rule_key", "dedup_key"), ("level", "progress"), ("first_seen_at", "last_seen_at"),
        ("occurrences", "tenant"), "samples", ("assignee", "snoozed_until"),
        ("resolved_at", "notified_at"),
    ]  # fmt: skip
    readonly_fields = ["level", "progress", "samples"]
    actions = ["acknowledge", "snooze_hours", "snooze_day", "resolve"]
    actions_detail = ["acknowledge_one", "snooze_one", "resolve_one"]

    def has_handle_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whether one may look after alerts, not only see them."""
        user: Any = request.user
        return self.has_view_permission(request) and user.has_perm("audit.change_auditalert")

    @display(description="about", ordering="dedup_key")
    def about(self, alert: AuditAlert) -> str:
        return alert.dedup_key.removeprefix(f"{alert.rule_key}:").replace(",", ", ")

    @display(description="severity", label=SEVERITY_LABELS, ordering="severity")
    def level(self, alert: AuditAlert) -> str:
        return alert.get_severity_display()

    @display(description="state", label=STATE_LABELS, ordering="state")
    def progress(self, alert: AuditAlert) -> str:
        return alert.get_state_display()

    @display(description="entries")
    def samples(self, alert: AuditAlert) -> SafeString:
        return format_html_join(
            ", ",
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            ((reverse("admin:audit_auditlog_change", args=[id]), id) for id in alert.sample_ids),
        )

    @admin.action(description="Acknowledge", permissions=["handle"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._done(request, queryset, "acknowledged", alerts.acknowledge(queryset, request.user))

    @admin.action(description="Snooze for 4 hours", permissions=["handle"])
    def snooze_hours(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._done(request, queryset, "snoozed", alerts.snooze(queryset, 4, request.user))

    @admin.action(description="Snooze for a day", permissions=["handle"])
    def snooze_day(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._done(request, queryset, "snoozed", alerts.snooze(queryset, 24, request.user))

    @admin.action(description="Resolve", permissions=["handle"])
    def resolve(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._done(request, queryset, "resolved", alerts.resolve(queryset, request.user))

    @action(description="Acknowledge", permissions=["handle"], icon="check")
    def acknowledge_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._one(request, object_id, self.acknowledge)

    @action(description="Snooze for 4 hours", permissions=["handle"], icon="snooze")
    def snooze_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._one(request, object_id, self.snooze_hours)

    @action(description="Resolve", permissions=["handle"], icon="done_all")
    def resolve_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._one(request, object_id, self.resolve)

    def _one(self, request: HttpRequest, object_id: str, handle: Any) -> HttpResponse:
        handle(request, self.get_queryset(request).filter(pk=object_id))
        return redirect("admin:audit_auditalert_change", object_id)

    def _done(self, request: HttpRequest, queryset: QuerySet, what: str, count: int) -> None:
        for key in queryset.values_list("dedup_key", flat=True):
            audit.record(f"alert.{what}", category="security", changes={"alert": key})
        self.message_user(request, f"{count} alert{'s' * (count != 1)} {what}.", messages.SUCCESS)


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyPlatformAdmin):
    """Seals of the log."""

    list_display = ["number", "sealed_at", "rows", "root_text", "epoch"]
    fields = [
        ("number", "sealed_at"), ("epoch", "rows"), ("from_xid", "from_id"), ("to_xid", "to_id"),
        "root_text", "hash_text",
    ]  # fmt: skip
    readonly_fields = ["root_text", "hash_text"]
    paginator = InfinitePaginator
    show_full_result_count = False

    @display(description="root")
    def root_text(self, seal: AuditSeal) -> str:
        return bytes(seal.root).hex()

    @display(description="hash")
    def hash_text(self, seal: AuditSeal) -> str:
        return bytes(seal.hash).hex()
