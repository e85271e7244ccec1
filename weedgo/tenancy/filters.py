"""Filters of the admin for tables of many rows over a long time."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib.admin.options import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter

from weedgo.tenancy.models import Tenant


class DayRangeFilter(RangeDateFilter):
    """From one day to another, both whole, by the site's time zone.

    Unfold's own takes the last day's midnight for its end.
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the rows of those days; a value that is no day is ignored."""
        first = self._midnight("from", 0)
        after = self._midnight("to", 1)
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        if after:
            queryset = queryset.filter(**{f"{self.field_path}__lt": after})
        return queryset

    def _midnight(self, end: str, later: int) -> dt.datetime | None:
        text = self.used_parameters.get(f"{self.field_path}_{end}") or ""
        try:
            day = parse_date(text)
            if day is None:
                return None
            return timezone.make_aware(
                dt.datetime.combine(day, dt.time()) + dt.timedelta(days=later)
            )
        except (OverflowError, ValueError):
            return None


class PeriodFilter(DropdownFilter):
    """The last days; without a choice, a search or a range of days, the last seven.

    A table of years is not read for a page that nobody has asked anything yet.

    Attributes:
        field: the column of time.
    """

    title = "period"
    parameter_name = "period"
    field: ClassVar[str]
    all_option = ("", "Last 7 days")
    periods: ClassVar[dict[str, str]] = {
        "1": "Last 24 hours",
        "30": "Last 30 days",
        "365": "Last year",
        "all": "All time",
    }

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Return the choices."""
        return list(self.periods.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the rows of the period."""
        chosen = self.value()
        if not chosen:
            asked = ("q", f"{self.field}_from", f"{self.field}_to")
            chosen = "all" if any(request.GET.get(name) for name in asked) else "7"
        if chosen not in (*self.periods, "7") or chosen == "all":
            return queryset
        since = timezone.now() - dt.timedelta(days=int(chosen))
        return queryset.filter(**{f"{self.field}__gte": since})


class TenantFilter(DropdownFilter):
    """One tenant's rows, by the schema that a column names."""

    title = "tenant"
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[Any]:
        """Return the tenants there are now; rows of those gone are found by searching."""
        return [
            (tenant.schema_name, tenant.name)
            for tenant in Tenant.objects.exclude(schema_name="public").order_by("name")
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the tenant's rows."""
        return queryset.filter(tenant=self.value()) if self.value() else queryset
