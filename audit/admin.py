"""The audit log in the admin: to search and to read, never to write."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from audit import selectors
from audit.models import AuditAggregate, AuditAlert, AuditLog, Outcome, Severity
from weedgo.tenancy.admin import ReadOnlyPlatformAdmin
from weedgo.tenancy.filters import DayRangeFilter, PeriodFilter, TenantFilter

SEVERITY_LABELS = {
    Severity.DEBUG.label: "default",
    Severity.INFO.label: "info",
    Severity.NOTICE.label: "info",
    Severity.WARNING.label: "warning",
    Severity.ERROR.label: "danger",
    Severity.CRITICAL.label: "danger",
}
OUTCOME_LABELS = {
    Outcome.SUCCESS.label: "success",
    Outcome.FAILURE.label: "danger",
    Outcome.DENIED.label: "warning",
}
STATE_LABELS = {
    AuditAlert.State.OPEN.label: "danger",
    AuditAlert.State.ACKNOWLEDGED.label: "warning",
    AuditAlert.State.SNOOZED.label: "info",
    AuditAlert.State.RESOLVED.label: "success",
}


class EventTypeFilter(DropdownFilter):
    """One type of event, of those that the log holds."""

    title = "type"
    parameter_name = "event_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in selectors.event_types()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(event_type=self.value()) if self.value() else queryset


class LogPeriodFilter(PeriodFilter):
    """When it occurred."""

    field = "occurred_at"


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyPlatformAdmin):
    """The log: newest first, the last days; exact search; nothing that counts all rows."""

    list_display = ["when", "event_type", "level", "result", "tenant", "who", "target"]
    list_filter = [
        LogPeriodFilter,
        ("occurred_at", DayRangeFilter),
        EventTypeFilter,
        ("severity", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        ("category", ChoicesDropdownFilter),
        TenantFilter,
    ]
    list_filter_submit = True
    list_per_page = 50
    ordering = ["-occurred_at", "-id"]
    # The box for searching needs fields; get_search_results says what is searched.
    search_fields = ["id"]
    search_help_text = "Exactly: entry, target key, actor, request id or IP address"
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fieldsets = [
        (
            "Event",
            {
                "fields": [
                    ("when", "event_type"),
                    ("level", "result"),
                    ("category", "tenant"),
                ]
            },
        ),
        ("Actor", {"fields": [("actor_label", "actor_type"), ("actor_id", "impersonator_id")]}),
        (
            "Request",
            {
                "fields": [
                    ("method", "route"),
                    ("status", "duration_ms"),
                    ("ip", "request_id"),
                    "user_agent",
                ]
            },
        ),
        (
            "What changed",
            {
                "fields": [
                    ("op", "rows_affected"),
                    ("target_table", "target_pk"),
                    "change_table",
                    "snapshot_text",
                    "truncated_text",
                ]
            },
        ),
        ("Database", {"fields": [("db_role", "app_name"), ("xid", "epoch"), "id"]}),
    ]
    readonly_fields = ["when", "level", "result", "change_table", "snapshot_text", "truncated_text"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        return (queryset.filter(selectors.search(term)) if term else queryset), False

    @display(description="time", ordering="occurred_at")
    def when(self, entry: AuditLog) -> str:
        # Django's form of times ends at minutes.
        return f"{timezone.localtime(entry.occurred_at):%Y-%m-%d %H:%M:%S}"

    @display(description="severity", label=SEVERITY_LABELS, ordering="severity")
    def level(self, entry: AuditLog) -> str:
        return entry.get_severity_display()

    @display(description="outcome", label=OUTCOME_LABELS, ordering="outcome")
    def result(self, entry: AuditLog) -> str:
        return entry.get_outcome_display()

    @display(description="actor")
    def who(self, entry: AuditLog) -> str:
        return entry.actor_label or entry.actor_id or entry.get_actor_type_display()

    @display(description="target")
    def target(self, entry: AuditLog) -> str | None:
        return " ".join(filter(None, (entry.target_table, entry.target_pk))) or None

    @display(description="changes")
    def change_table(self, entry: AuditLog) -> SafeString | str | None:
        if not entry.changes:
            return None
        pairs = {column: _pair(change) for column, change in entry.changes.items()}
        if None in pairs.values():
            return _as_text(entry.changes)
        rows = [[column, *map(_short, pair or ())] for column, pair in pairs.items()]
        return SafeString(
            render_to_string(
                "unfold/components/table.html",
                {"table": {"headers": ["Column", "Before", "After"], "rows": rows}},
            )
        )

    @display(description="row")
    def snapshot_text(self, entry: AuditLog) -> SafeString | None:
        return _as_text(entry.snapshot) if entry.snapshot else None

    @display(description="complete")
    def truncated_text(self, entry: AuditLog) -> str:
        return "No: a value was too large and only its hash is kept" if entry.truncated else "Yes"


@admin.register(AuditAggregate)
class AuditAggregateAdmin(ReadOnlyPlatformAdmin):
    """Sums of the log over time."""

    list_display = [
        "bucket_start", "grain", "event_type", "tenant", "dim", "dim_value", "count", "errors",
        "mean_ms", "max_ms",
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

    @display(description="mean (ms)")
    def mean_ms(self, aggregate: AuditAggregate) -> int | None:
        return round(aggregate.sum_ms / aggregate.count) if aggregate.count else None


@admin.register(AuditAlert)
class AuditAlertAdmin(ReadOnlyPlatformAdmin):
    """What rules found in the log, open ones first."""

    list_display = [
        "last_seen_at", "rule_key", "dedup_key", "level", "progress", "occurrences", "tenant",
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
        ("occurrences", "tenant"), "sample_ids", ("assignee", "snoozed_until"), "resolved_at",
    ]  # fmt: skip
    readonly_fields = ["level", "progress"]

    @display(description="severity", label=SEVERITY_LABELS, ordering="severity")
    def level(self, alert: AuditAlert) -> str:
        return alert.get_severity_display()

    @display(description="state", label=STATE_LABELS, ordering="state")
    def progress(self, alert: AuditAlert) -> str:
        return alert.get_state_display()


def _pair(change: Any) -> list[Any] | None:
    return change if isinstance(change, list) and len(change) == 2 else None


def _short(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 500 else f"{text[:500]}…"


def _as_text(document: Any) -> SafeString:
    text = json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True)
    return format_html('<pre style="white-space: pre-wrap">{}</pre>', text)
