"""The audit log in the admin: to search and to read, never to write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from audit import charts, exporting, jobs, selectors, verification
from audit.admin.labels import OUTCOME_LABELS, SEVERITY_LABELS
from audit.admin.paging import KeysetChangeList, KeysetPaginator
from audit.conf import setting
from audit.models import AuditLog
from weedgo.tenancy.admin import ReadOnlyPlatformAdmin
from weedgo.tenancy.filters import DayRangeFilter, PeriodFilter, TenantFilter


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
    paginator = KeysetPaginator
    show_full_result_count = False
    sortable_by = ()
    list_before_template = "audit/log_before.html"
    actions_list = ["verify_latest"]
    show_facets = admin.ShowFacets.NEVER
    fieldsets = [
        (
            "Event",
            {
                "fields": [
                    ("when", "event_type"),
                    ("level", "result"),
                    ("category", "tenant"),
                    "related",
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
    readonly_fields = [
        "when", "level", "result", "related", "change_table", "snapshot_text", "truncated_text",
    ]  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        return (queryset.filter(selectors.search(term)) if term else queryset), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type:
        return KeysetChangeList

    def get_urls(self) -> list[Any]:
        export = self.admin_site.admin_view(self.export_view)
        return [
            path("export/<str:form>/", export, name="audit_auditlog_export"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {
            "estimate": _entries(selectors.estimated_count()),
            "seal": selectors.last_seal(),
            "chart": json.dumps(charts.events_by_hour()),
            "query": request.GET.urlencode(),
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def export_view(self, request: HttpRequest, form: str) -> HttpResponseBase:
        """Send what the list shows, all pages of it, as a file."""
        if form not in exporting.FORMS:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        entries = self.get_changelist_instance(request).get_queryset(request)
        kind = "text/csv" if form == "csv" else "application/jsonl"
        pieces = exporting.stream(entries.order_by("occurred_at", "id"), form)
        response = StreamingHttpResponse(pieces, content_type=f"{kind}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="audit-log.{form}"'
        return response

    @action(description="Verify the latest hour", icon="verified_user")
    def verify_latest(self, request: HttpRequest) -> HttpResponse:
        """Compare what the latest seals cover, and what no seal covers yet."""
        published = Path(setting("AUDIT_SEAL_FILE")) if setting("AUDIT_SEAL_FILE") else None
        known = published if published and published.is_file() else None
        verdict = verification.verify(jobs.READER, known, last=60)
        for finding in verdict.findings[:20]:
            self.message_user(
                request, f"{finding.kind}: {finding.where}: {finding.detail}", messages.ERROR
            )
        if verdict.holds:
            text = f"{verdict.rows:,} entries and {verdict.seals:,} seals are as they were written."
            self.message_user(request, text, messages.SUCCESS)
        return redirect("admin:audit_auditlog_changelist")

    @display(description="see also")
    def related(self, entry: AuditLog) -> SafeString | str:
        base = reverse("admin:audit_auditlog_changelist")
        links: list[tuple[str, dict[str, Any]]] = []
        if entry.target_pk:
            row = {"target_table": entry.target_table, "target_pk": entry.target_pk}
            links.append(
                ("History of this row", row | ({"tenant": entry.tenant} if entry.tenant else {}))
            )
        if entry.request_id:
            links.append(("All of this request", {"request_id": entry.request_id}))
        if entry.actor_id:
            links.append(("All by this actor", {"actor_id": entry.actor_id}))
        return format_html_join(
            " · ",
            '<a class="text-primary-600 dark:text-primary-500" href="{}?{}">{}</a>',
            ((base, urlencode({"period": "all", **query}), text) for text, query in links),
        )

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
        rows = [(column, *map(_short, pair or ())) for column, pair in sorted(pairs.items())]
        return SafeString(render_to_string("audit/diff.html", {"rows": rows}))

    @display(description="row")
    def snapshot_text(self, entry: AuditLog) -> SafeString | None:
        return _as_text(entry.snapshot) if entry.snapshot else None

    @display(description="complete")
    def truncated_text(self, entry: AuditLog) -> str:
        return "No: a value was too large and only its hash is kept" if entry.truncated else "Yes"


def _pair(change: Any) -> list[Any] | None:
    return change if isinstance(change, list) and len(change) == 2 else None


def _short(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 500 else f"{text[:500]}…"


def _as_text(document: Any) -> SafeString:
    text = json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True)
    return format_html('<pre style="white-space: pre-wrap">{}</pre>', text)


def _entries(count: int) -> str:
    """How many the planner's statistics know of; they know of none before the first ANALYZE."""
    return f"About {count:,} entries" if count else "Not counted yet"
