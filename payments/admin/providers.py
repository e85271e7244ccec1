"""Providers, how well they answer, and their breakers."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.generic import TemplateView
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.views import UnfoldModelAdminViewMixin

from payments import health, models, selectors
from payments.admin.colours import STATUS
from weedgo.store.admin_base import ReadOnlyAdmin, ShopAdmin, label
from weedgo.tenancy.filters import DayRangeFilter

# Not in the template: its literals are taken for safe, and their quotes would end the attribute.
CHART_OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "scales": {
            "x": {"stacked": True},
            "y": {"stacked": True, "beginAtZero": True, "ticks": {"precision": 0}},
        },
        "plugins": {"legend": {"display": True}},
    }
)
# As far back as the picture goes.
HOURS = 24


@admin.register(models.Provider)
class ProviderAdmin(ShopAdmin):
    """Providers; which secret signs is named here, the secret is elsewhere."""

    list_display = ["name", "code", "adapter", "priority", "deduplicates", "is_active"]
    list_filter = [("kind", ChoicesDropdownFilter), "is_active"]
    search_fields = ["name", "code"]
    actions_list = ["open_health"]

    @action(description="Health", url_path="open-health", icon="monitor_heart")
    def open_health(self, request: HttpRequest) -> HttpResponse:
        """Go to the page of how well providers answer."""
        return redirect("admin:payments_provider_health")

    def get_urls(self) -> list[URLPattern]:
        """Add the page of how well providers answer."""
        view = self.admin_site.admin_view(HealthView.as_view(model_admin=self))
        return [path("health/", view, name="payments_provider_health"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: it is made inactive."""
        return False


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


class HealthView(UnfoldModelAdminViewMixin, TemplateView):
    """How well providers answer: now, and over the last day."""

    title = "Provider health"
    permission_required = ("payments.view_healthmetric",)
    template_name = "payments/admin/health.html"

    def has_permission(self) -> bool:
        """Only in a tenant's schema."""
        return bool(self.model_admin.has_view_permission(self.request)) and super().has_permission()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the table of now and the charts of the day."""
        hours = selectors.health_by_hour(HOURS)
        names = sorted({(row["provider__name"], row["method"]) for row in hours})
        return super().get_context_data(
            now={"headers": NOW_HEADERS, "rows": _now()},
            window_minutes=int(health.WINDOW.total_seconds() // 60),
            chart_options=CHART_OPTIONS,
            charts=[(f"{name}, {method}", _chart(hours, name, method)) for name, method in names],
            **context,
        )


NOW_HEADERS = ["provider", "method", "breaker", "calls", "failures", "declined", "p95"]


def _now() -> list[list[str]]:
    """A row for each provider and method: its breaker, and the window that decides on it."""
    window = {(one.provider, one.method): one for one in health.window()}
    circuits = {(one.provider_id, one.method): one for one in models.Circuit.objects.all()}
    rows = []
    for provider in models.Provider.objects.filter(is_active=True):
        for method in provider.methods:
            one = window.get((provider.pk, method), health.Health(provider.pk, method))
            circuit = circuits.get((provider.pk, method))
            state = circuit.state.replace("_", " ") if circuit else "closed"
            rows.append(
                [
                    provider.name, method, state, f"{one.calls:,}", f"{one.failure_rate:.1%}",
                    f"{one.declined:,}", f"{one.p95_ms:,} ms" if one.calls else "",
                ]
            )  # fmt: skip
    return rows


def _chart(hours: list[dict[str, Any]], name: str, method: str) -> str:
    """Return the data of a stacked bar chart, as the charts of the admin take it."""
    mine = [row for row in hours if (row["provider__name"], row["method"]) == (name, method)]

    def bars(label: str, colour: str, count: Any) -> dict[str, Any]:
        return {"label": label, "backgroundColor": colour, "data": [count(row) for row in mine]}

    failed = ("technical_errors", "unknowns", "declines")
    return json.dumps(
        {
            "labels": [f"{row['hour']:%H:%M}" for row in mine],
            "datasets": [
                bars("well", "#16a34a", lambda row: row["calls"] - sum(row[f] for f in failed)),
                bars("declined", "#3b82f6", lambda row: row["declines"]),
                bars("unknown", "#dc2626", lambda row: row["unknowns"]),
                bars("not sent", "#f59e0b", lambda row: row["technical_errors"]),
            ],
        }
    )
