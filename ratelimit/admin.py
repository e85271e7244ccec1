"""Rate limits in the admin: rules to edit, buckets and violations to read."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.contrib import admin, messages
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.contrib.forms.widgets import ArrayWidget
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from ratelimit import selectors, services
from ratelimit.fields import CidrField
from ratelimit.keys import hash_of
from ratelimit.models import (
    Bucket,
    DurableBucket,
    RateLimitBucket,
    RateLimitRule,
    RateLimitViolation,
)
from ratelimit.pages import CHART_OPTIONS, TryView, bars, chart
from weedgo.tenancy.admin import PlatformAdmin, ReadOnlyPlatformAdmin
from weedgo.tenancy.filters import DayRangeFilter, PeriodFilter, TenantFilter

# The charts above the list are of so many rows at most.
CHARTED = 50_000
MODE_LABELS = {
    RateLimitRule.Mode.ENFORCE.label: "success",
    RateLimitRule.Mode.SHADOW.label: "warning",
    RateLimitRule.Mode.OFF.label: "default",
}


@admin.register(RateLimitRule)
class RateLimitRuleAdmin(PlatformAdmin):
    """Rules; whatever changes them, the audit log says so."""

    list_display = ["name", "state", "scope", "route_glob", "tokens", "priority", "version"]
    list_filter = [
        ("mode", ChoicesDropdownFilter),
        ("scope", ChoicesDropdownFilter),
        ("fail_policy", ChoicesDropdownFilter),
    ]
    list_filter_submit = True
    actions_list = ["open_try"]
    actions_detail = ["fill_buckets"]
    change_form_before_template = "ratelimit/effect.html"
    search_fields = ["name", "route_glob"]
    ordering = ["priority", "id"]
    formfield_overrides = {
        ArrayField: {"widget": ArrayWidget},
        CidrField: {"widget": UnfoldAdminTextInputWidget},
    }
    readonly_fields = ["version", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["name", ("enabled", "mode"), ("priority", "replaces")]}),
        (
            "Whom it limits",
            {
                "fields": [
                    ("scope", "key_template"),
                    ("route_glob", "tenant_glob"),
                    "methods",
                    "cidr",
                ]
            },
        ),
        (
            "How much",
            {
                "fields": [
                    ("capacity", "refill_per_sec"),
                    ("default_cost", "cost_map"),
                    ("shards", "lease"),
                ]
            },
        ),
        ("When it cannot be read", {"fields": [("fail_policy", "durable")]}),
        ("When", {"fields": ["starts_at", "ends_at"]}),
        ("History", {"fields": [("version", "created_at", "updated_at")]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(TryView.as_view(model_admin=self))
        return [path("try/", page, name="ratelimit_try"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rule = self.get_object(request, object_id)
        if rule is not None and self.has_view_permission(request, rule):
            extra_context = (extra_context or {}) | _effect(rule)
        return super().change_view(request, object_id, form_url, extra_context)

    @action(description="Try a request", url_path="open-try", icon="science")
    def open_try(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:ratelimit_try")

    @action(
        description="Fill all buckets",
        url_path="fill-buckets",
        icon="restart_alt",
        permissions=["change"],
        dialog={
            "title": "Fill all buckets of this rule?",
            "description": "Whoever was refused may go on at once.",
        },
    )
    def fill_buckets(self, request: HttpRequest, _: Any, object_id: str) -> HttpResponse:
        filled = services.reset(int(object_id))
        messages.success(request, f"{filled} bucket{'s' * (filled != 1)} filled.")
        return _back_to("ratelimitrule", object_id)

    @display(description="mode", label=MODE_LABELS | {"Disabled": "default"})
    def state(self, rule: RateLimitRule) -> str:
        return rule.get_mode_display() if rule.enabled else "Disabled"

    @display(description="tokens")
    def tokens(self, rule: RateLimitRule) -> str:
        rate, unit = rule.refill_per_sec, "second"
        if 0 < rate < 1:
            rate, unit = round(rate * 60, 3), "minute"
        return f"{rule.capacity.normalize():f}, {rate.normalize():f} per {unit}"


def _back_to(model: str, object_id: str) -> HttpResponse:
    """Answer a dialog: the browser goes back to the row's page."""
    page = reverse(f"admin:ratelimit_{model}_change", args=[object_id])
    return HttpResponse(headers={"HX-Redirect": page})


def _effect(rule: RateLimitRule) -> dict[str, Any]:
    rows = selectors.recent_violations().filter(rule=rule)
    address = reverse("admin:ratelimit_ratelimitviolation_changelist")
    return {
        "effect": selectors.effect_of(rule.pk),
        "top": bars(selectors.top_keys(rows)),
        "shadow": rule.mode == RateLimitRule.Mode.SHADOW,
        "violations": f"{address}?rule__id__exact={rule.pk}",
    }


class _KeysAdmin(ReadOnlyPlatformAdmin):
    """Rows of keys, of which only hashes are kept: who knows the key finds its rows."""

    list_filter_submit = True
    list_select_related = ["rule"]
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    # The box for searching needs fields; get_search_results says what is searched.
    search_fields = ["id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        return (queryset.filter(self.named(term)) if term else queryset), False

    def named(self, term: str) -> Q:
        """Return the condition of rows that a word names exactly."""
        named = Q(key_hash=hash_of(term))
        try:
            return named | Q(key_hash=bytes.fromhex(term))
        except ValueError:
            return named

    def has_reset_permission(self, request: HttpRequest, _: Any = None) -> bool:
        """Whether somebody may fill buckets: whoever may delete them."""
        # A permission that unfold looks up by name would be looked up before tables stand.
        allowed = request.user.has_perm("ratelimit.delete_ratelimitbucket")
        return self.has_view_permission(request) and allowed

    @display(description="key (SHA-256)")
    def key(self, row: Any) -> str:
        return bytes(row.key_hash).hex()

    @display(description="key")
    def short_key(self, row: Any) -> str:
        return f"{bytes(row.key_hash).hex()[:12]}…"


@admin.register(RateLimitBucket, DurableBucket)
class BucketAdmin(_KeysAdmin):
    """What is left to each key by now."""

    list_display = ["rule", "short_key", "tenant", "live", "updated_at"]
    actions = ["fill"]
    list_filter = [("rule", RelatedDropdownFilter)]
    search_help_text = "Exactly: the key or its hash"
    ordering = ["-id"]
    fields = ["rule", "key", "tenant", "live", "tokens", "updated_at"]
    readonly_fields = ["key", "live"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bucket]:
        return selectors.with_live_tokens(super().get_queryset(request))

    @action(description="Fill the selected buckets", permissions=["reset"])
    def fill(self, request: HttpRequest, queryset: QuerySet[Bucket]) -> None:
        keys = list(queryset.values_list("rule_id", "key_hash"))
        filled = sum(services.reset_hash(rule, bytes(key)) for rule, key in keys)
        messages.success(request, f"{filled} bucket{'s' * (filled != 1)} filled.")

    @display(description="tokens by now", label={"Empty": "danger"})
    def live(self, bucket: Any) -> str:
        if bucket.live_tokens < 1:
            return "Empty"
        return f"{bucket.live_tokens:.3f} of {bucket.rule.capacity.normalize():f}"


class ViolationPeriodFilter(PeriodFilter):
    """When it was refused."""

    field = "minute"


@admin.register(RateLimitViolation)
class RateLimitViolationAdmin(_KeysAdmin):
    """Refused requests, by rule, key and minute."""

    list_display = [
        "minute", "rule", "refused", "tenant", "who", "sample_path", "sample_ip",
    ]  # fmt: skip
    list_before_template = "ratelimit/charts.html"
    actions_detail = ["fill_bucket"]
    list_filter = [
        ViolationPeriodFilter,
        ("minute", DayRangeFilter),
        ("rule", RelatedDropdownFilter),
        TenantFilter,
    ]
    list_per_page = 50
    search_help_text = "Exactly: the key, its hash or an IP address"
    ordering = ["-minute", "-id"]
    fields = [
        "rule", ("sample_key", "key"), ("minute", "tenant"), ("refused", "shadow_hits", "cost"),
        ("first_seen_at", "last_seen_at"), ("sample_path", "sample_ip"), "sample_agent",
    ]  # fmt: skip
    readonly_fields = ["key", "refused"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context |= _charts(context["cl"].queryset)
        return response

    @action(
        description="Fill this key's bucket",
        url_path="fill-bucket",
        icon="restart_alt",
        permissions=["reset"],
        dialog={
            "title": "Fill this key's bucket?",
            "description": "Whoever was refused may go on at once.",
        },
    )
    def fill_bucket(self, request: HttpRequest, _: Any, object_id: str) -> HttpResponse:
        violation = self.get_object(request, object_id)
        if violation is not None:
            services.reset_hash(violation.rule_id, bytes(violation.key_hash))
            messages.success(request, "The bucket is full.")
        return _back_to("ratelimitviolation", object_id)

    def named(self, term: str) -> Q:
        named = super().named(term) | Q(sample_key=term)
        try:
            return named | Q(sample_ip=str(ipaddress.ip_address(term)))
        except ValueError:
            return named

    @display(description="refused", label={"shadow": "warning"}, ordering="hits")
    def refused(self, violation: RateLimitViolation) -> Any:
        if violation.shadow_hits == violation.hits:
            return "shadow", f"{violation.hits}, only counted"
        return str(violation.hits)

    @display(description="key")
    def who(self, violation: RateLimitViolation) -> str:
        return violation.sample_key or self.short_key(violation)


def _charts(rows: QuerySet[RateLimitViolation]) -> dict[str, Any]:
    rows, more = selectors.latest(rows, CHARTED)
    hours = selectors.over_time(rows)
    tops = {
        "By rule": selectors.top(rows, "rule__name"),
        "By tenant": selectors.top(rows, "tenant"),
        "By key": selectors.top_keys(rows),
    }
    return {
        "total": len(hours),
        "chart": chart(hours),
        "chart_options": CHART_OPTIONS,
        "chart_title": f"Refused{' of late' * more}: {sum(row['hits'] for row in hours):,}",
        "tops": [(title, bars(found)) for title, found in tops.items()],
    }
