"""Rate limits in the admin: rules to edit, buckets and violations to read."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.contrib.forms.widgets import ArrayWidget
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from ratelimit import selectors
from ratelimit.fields import CidrField
from ratelimit.keys import hash_of
from ratelimit.models import (
    Bucket,
    DurableBucket,
    RateLimitBucket,
    RateLimitRule,
    RateLimitViolation,
)
from weedgo.tenancy.admin import PlatformAdmin, ReadOnlyPlatformAdmin
from weedgo.tenancy.filters import DayRangeFilter, PeriodFilter, TenantFilter

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
        ("How much", {"fields": [("capacity", "refill_per_sec"), "default_cost", "cost_map"]}),
        ("When it cannot be read", {"fields": [("fail_policy", "durable")]}),
        ("When", {"fields": ["starts_at", "ends_at"]}),
        ("History", {"fields": [("version", "created_at", "updated_at")]}),
    ]

    @display(description="mode", label=MODE_LABELS | {"Disabled": "default"})
    def state(self, rule: RateLimitRule) -> str:
        return rule.get_mode_display() if rule.enabled else "Disabled"

    @display(description="tokens")
    def tokens(self, rule: RateLimitRule) -> str:
        return f"{rule.capacity.normalize():f}, {rule.refill_per_sec.normalize():f} per second"


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

    @display(description="key (SHA-256)")
    def key(self, row: Any) -> str:
        return bytes(row.key_hash).hex()

    @display(description="key")
    def short_key(self, row: Any) -> str:
        return f"{bytes(row.key_hash).hex()[:12]}…"


@admin.register(RateLimitBucket, DurableBucket)
class BucketAdmin(_KeysAdmin):
    """What is left to each key by now."""

    list_display = ["rule", "short_key", "live", "updated_at"]
    list_filter = [("rule", RelatedDropdownFilter)]
    search_help_text = "Exactly: the key or its hash"
    ordering = ["-id"]
    fields = ["rule", "key", "live", "tokens", "updated_at"]
    readonly_fields = ["key", "live"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bucket]:
        return selectors.with_live_tokens(super().get_queryset(request))

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

    list_display = ["minute", "rule", "refused", "tenant", "short_key", "sample_path", "sample_ip"]
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
        "rule", "key", ("minute", "tenant"), ("refused", "cost"),
        ("first_seen_at", "last_seen_at"), ("sample_path", "sample_ip"), "sample_agent",
    ]  # fmt: skip
    readonly_fields = ["key", "refused"]

    def named(self, term: str) -> Q:
        named = super().named(term)
        try:
            return named | Q(sample_ip=str(ipaddress.ip_address(term)))
        except ValueError:
            return named

    @display(description="refused", label=True, ordering="hits")
    def refused(self, violation: RateLimitViolation) -> str:
        return str(violation.hits)
