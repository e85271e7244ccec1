"""Stock and its ledger in a tenant's admin; what changes stock goes by the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from inventory import models, selectors, services
from inventory.errors import InventoryError
from inventory.views import AvailabilityPage, MovementsPage, Page, ReportPage, TracePage
from weedgo.store.admin_base import ReadOnlyAdmin, ReadOnlyInline, ShopAdmin, label
from weedgo.tenancy.filters import DayRangeFilter

LOTS = {
    "sellable": "success",
    "quarantine": "warning",
    "recalled": "danger",
    "expired": "danger",
}
STATUS = {
    "active": "info",
    "committed": "success",
    "posted": "success",
    "received": "success",
    "in_transit": "info",
    "open": "info",
    "expired": "warning",
    "cancelled": "danger",
}
EXCEPTIONS = {
    "unknown_gtin": "danger",
    "expired": "danger",
    "short": "warning",
    "over": "warning",
    "broken": "warning",
}
COUNTERS = {"quantity_on_hand", "quantity_reserved", "seq"}


def own_page(site: ModelAdmin, page: type[Page], model: str, name: str) -> URLPattern:
    """Return the address of a page beside a model's own."""
    view = site.admin_site.admin_view(page.as_view(model_admin=site))
    return path(f"{name}/", view, name=f"inventory_{model}_{name}")


@admin.register(models.Location)
class LocationAdmin(ShopAdmin):
    """Places."""

    list_display = ["name", "code", "store", "kind", "is_active"]
    list_filter = [("store", RelatedDropdownFilter), ("kind", ChoicesDropdownFilter)]
    list_select_related = ["store"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["store"]


@admin.register(models.Stock)
class StockAdmin(ShopAdmin):
    """Stock by location, SKU and lot. A changed quantity is an adjustment by who changes it."""

    list_display = ["sku", "batch_lot", "location", "expires_on", "quantity_on_hand",
                    "quantity_reserved", "quantity_available", "shown_status"]  # fmt: skip
    list_filter = [
        ("store", RelatedDropdownFilter),
        ("location", RelatedDropdownFilter),
        ("lot_status", ChoicesDropdownFilter),
        ("expires_on", DayRangeFilter),
    ]
    list_select_related = ["location"]
    search_fields = ["sku", "batch_lot", "each_gtin", "case_gtin"]
    autocomplete_fields = ["store", "location", "product"]
    readonly_fields = ["quantity_reserved", "quantity_available", "seq", "last_counted_at",
                       "movements_shown"]  # fmt: skip
    actions = ["quarantine", "recall"]
    actions_list = ["open_availability", "open_movements"]
    shown_status = label("lot_status", LOTS, "lot")

    def get_urls(self) -> list[Any]:
        """Add the pages of its own."""
        return [
            own_page(self, AvailabilityPage, "stock", "availability"),
            own_page(self, MovementsPage, "stock", "movements"),
            *super().get_urls(),
        ]

    @action(description="Availability by SKU", permissions=["view"])
    def open_availability(self, request: HttpRequest) -> HttpResponse:
        """Show what can be sold."""
        return redirect("admin:inventory_stock_availability")

    @action(description="Movements", permissions=["view"])
    def open_movements(self, request: HttpRequest) -> HttpResponse:
        """Show the ledger."""
        return redirect("admin:inventory_stock_movements")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a row with movements stays."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: models.Stock,
        form: ModelForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Save what was changed; quantities by the service, as others sell meanwhile."""
        if not change:
            obj.save()
            return
        fields = set(form.changed_data) - COUNTERS
        if fields:
            obj.save(update_fields=fields)
        if "quantity_on_hand" in form.changed_data:
            delta = obj.quantity_on_hand - form.initial["quantity_on_hand"]
            reference = services.Reference("admin", str(obj.pk), request.user.pk)
            try:
                services.adjust(obj.pk, delta, "changed in the admin", reference)
            except InventoryError as error:
                messages.error(request, str(error))
                request.stock_refused = True  # type: ignore[attr-defined]

    def response_change(self, request: HttpRequest, obj: models.Stock) -> HttpResponse:
        """Show the row as it is where its quantity could not be changed: that is no success."""
        if getattr(request, "stock_refused", False):
            return redirect(request.path)
        return super().response_change(request, obj)

    @display(description="Latest movements")
    def movements_shown(self, stock: models.Stock) -> SafeString:
        """The last of the ledger: rows of two keys have no page of their own."""
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (
                    m.seq, f"{m.occurred_at:%Y-%m-%d %H:%M:%S}", m.movement_type,
                    f"{m.quantity_delta:+}", m.balance_after,
                    m.reason or f"{m.reference_type} {m.reference_id}",
                )
                for m in selectors.movements_of(stock)[:50]
            ),
        )  # fmt: skip
        return format_html(
            "<table><thead><tr><th>#</th><th>when</th><th>what</th><th>units</th>"
            "<th>on hand</th><th>why</th></tr></thead><tbody>{}</tbody></table>",
            rows,
        )

    @action(description="Put the lots into quarantine", permissions=["change"])
    def quarantine(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Everywhere, not only in the chosen rows."""
        for sku, lot in _lots(queryset):
            rows = services.quarantine(sku, lot)
            messages.success(request, f"{sku} lot {lot}: {rows} places")

    @action(description="Recall the lots", permissions=["change"])
    def recall(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Everywhere, not only in the chosen rows."""
        for sku, lot in _lots(queryset):
            trace = services.recall(sku, lot)
            messages.warning(
                request,
                f"{sku} lot {lot}: {len(trace.locations)} places,"
                f" {len(trace.reservations)} reservations, {len(trace.sales)} sales",
            )


def _lots(queryset: QuerySet) -> list[tuple[str, str]]:
    return sorted(set(queryset.order_by().values_list("sku", "batch_lot")))


@admin.register(models.Drift)
class DriftAdmin(ReadOnlyAdmin):
    """What does not add up."""

    list_display = ["sku", "batch_lot", "quantity_on_hand", "moved_on_hand", "quantity_reserved",
                    "moved_reserved", "seq", "movements"]  # fmt: skip
    search_fields = ["sku", "batch_lot"]


@admin.register(models.Lot)
class LotAdmin(ShopAdmin):
    """Lots."""

    list_display = ["sku", "lot_number", "packaged_on", "expires_on", "shown_status"]
    list_filter = [("status", ChoicesDropdownFilter), ("expires_on", DayRangeFilter)]
    search_fields = ["sku", "lot_number"]
    autocomplete_fields = ["product"]
    readonly_fields = ["status"]
    shown_status = label("status", LOTS)


@admin.register(models.GtinAlias)
class GtinAliasAdmin(ShopAdmin):
    """What GTINs mean."""

    list_display = ["gtin", "product", "packaging", "units", "valid_from", "valid_to"]
    list_filter = [("packaging", ChoicesDropdownFilter)]
    list_select_related = ["product"]
    search_fields = ["gtin", "product__sku"]
    autocomplete_fields = ["product"]


class ReservationLineInline(ReadOnlyInline):
    """What a reservation holds."""

    model = models.ReservationLine
    fields = ["sku", "batch_lot", "quantity"]


@admin.register(models.Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """Reservations."""

    list_display = ["key", "location", "created_at", "expires_at", "shown_status"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("created_at", DayRangeFilter),
        ("location", RelatedDropdownFilter),
    ]
    list_select_related = ["location"]
    search_fields = ["key"]
    inlines = [ReservationLineInline]
    shown_status = label("status", STATUS)


class ShipmentLineInline(ReadOnlyInline):
    """What came, and what could not be put away."""

    model = models.ShipmentLine
    fields = ["line_number", "sku", "case_gtin", "cases_shipped", "units_per_case", "batch_lot",
              "expires_on", "exception_code"]  # fmt: skip


@admin.register(models.Shipment)
class ShipmentAdmin(ReadOnlyAdmin):
    """Shipments."""

    list_display = ["asn_number", "location", "carrier", "shipped_at", "arrived_at"]
    list_filter = [("arrived_at", DayRangeFilter), ("location", RelatedDropdownFilter)]
    list_select_related = ["location"]
    search_fields = ["asn_number", "tracking_number"]
    inlines = [ShipmentLineInline]


class CountLineInline(ReadOnlyInline):
    """Counted against booked."""

    model = models.CountLine
    fields = ["sku", "book_quantity", "counted_quantity", "counted_by", "counted_at"]


@admin.register(models.Count)
class CountAdmin(ReadOnlyAdmin):
    """Counts."""

    list_display = ["started_at", "location", "count_type", "posted_at", "shown_status"]
    list_filter = [("status", ChoicesDropdownFilter), ("started_at", DayRangeFilter)]
    list_select_related = ["location"]
    search_fields = ["location__name"]
    inlines = [CountLineInline]
    shown_status = label("status", STATUS)


class TransferLineInline(ReadOnlyInline):
    """What goes."""

    model = models.TransferLine
    fields = ["sku", "batch_lot", "quantity_sent", "quantity_received"]


@admin.register(models.Transfer)
class TransferAdmin(ReadOnlyAdmin):
    """Transfers."""

    list_display = ["reference_code", "origin", "destination", "shipped_at", "shown_status"]
    list_filter = [("status", ChoicesDropdownFilter), ("shipped_at", DayRangeFilter)]
    list_select_related = ["origin", "destination"]
    search_fields = ["reference_code"]
    inlines = [TransferLineInline]
    shown_status = label("status", STATUS)


@admin.register(models.Destruction)
class DestructionAdmin(ReadOnlyAdmin):
    """Destructions."""

    list_display = ["destroyed_at", "certificate_number", "sku", "quantity", "reason", "method"]
    list_filter = [("destroyed_at", DayRangeFilter), ("store", RelatedDropdownFilter)]
    search_fields = ["certificate_number", "sku"]


@admin.register(models.Recall)
class RecallAdmin(ReadOnlyAdmin):
    """Recalls."""

    list_display = ["announced_at", "sku", "lot_number", "severity", "notice_number", "closed_at"]
    list_filter = [("announced_at", DayRangeFilter), ("severity", ChoicesDropdownFilter)]
    search_fields = ["sku", "lot_number", "notice_number"]
    actions_list = ["open_trace"]

    def get_urls(self) -> list[Any]:
        """Add the page of its own."""
        return [own_page(self, TracePage, "recall", "trace"), *super().get_urls()]

    @action(description="Trace a lot", permissions=["view"])
    def open_trace(self, request: HttpRequest) -> HttpResponse:
        """Show where a lot is."""
        return redirect("admin:inventory_recall_trace")


@admin.register(models.Shortage)
class ShortageAdmin(ReadOnlyAdmin):
    """What was sold offline and was not there."""

    list_display = ["sold_at", "sku", "quantity", "location", "reference_id", "settled_at",
                    "resolution"]  # fmt: skip
    list_filter = [("sold_at", DayRangeFilter), ("location", RelatedDropdownFilter)]
    list_select_related = ["location"]
    search_fields = ["sku", "reference_id"]
    actions = ["settle"]

    @action(description="Sell the units after all", permissions=["settle"])
    def settle(self, request: HttpRequest, queryset: QuerySet) -> None:
        """For those that were found or have been received."""
        for shortage in queryset.order_by("pk"):
            try:
                services.settle_shortage(shortage, request.user.pk)
                messages.success(request, f"{shortage}: settled")
            except InventoryError as error:
                messages.error(request, f"{shortage}: {error}")

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Who may change shortages, though nobody does by hand."""
        return request.user.has_perm("inventory.change_shortage")


@admin.register(models.ShipmentLine)
class ShipmentLineAdmin(ReadOnlyAdmin):
    """Lines of deliveries; those with an exception are to be looked at."""

    list_display = ["shipment", "line_number", "sku", "case_gtin", "batch_lot", "cases_shipped",
                    "units_received", "units_broken", "shown_exception"]  # fmt: skip
    list_filter = [("exception_code", ChoicesDropdownFilter)]
    list_select_related = ["shipment"]
    search_fields = ["sku", "case_gtin", "batch_lot", "shipment__asn_number"]
    actions = ["book"]
    shown_exception = label("exception_code", EXCEPTIONS, "exception")

    @action(description="Put into stock, now that the GTIN is known", permissions=["book"])
    def book(self, request: HttpRequest, queryset: QuerySet) -> None:
        """For lines whose GTIN nobody knew."""
        for line in queryset.order_by("pk"):
            try:
                services.book_exception(line, request.user.pk)
                messages.success(request, f"{line}: put into stock")
            except InventoryError as error:
                messages.error(request, str(error))

    def has_book_permission(self, request: HttpRequest) -> bool:
        """Who may change lines, though nobody does by hand."""
        return request.user.has_perm("inventory.change_shipmentline")


@admin.register(models.ClosedMonth)
class ClosedMonthAdmin(ReadOnlyAdmin):
    """Months whose figures stand."""

    list_display = ["month", "store", "closed_at", "closed_by"]
    list_filter = [("store", RelatedDropdownFilter), ("month", DayRangeFilter)]
    list_select_related = ["store", "closed_by"]
    actions_list = ["open_report"]

    def get_urls(self) -> list[Any]:
        """Add the page of its own."""
        return [own_page(self, ReportPage, "closedmonth", "report"), *super().get_urls()]

    @action(description="Monthly report", permissions=["view"])
    def open_report(self, request: HttpRequest) -> HttpResponse:
        """Show a month."""
        return redirect("admin:inventory_closedmonth_report")


@admin.register(models.Period)
class PeriodAdmin(ReadOnlyAdmin):
    """Closed months."""

    list_display = ["month", "store", "sku", "opening_units", "purchased_units", "sold_units",
                    "destroyed_units", "closing_units"]  # fmt: skip
    list_filter = [("store", RelatedDropdownFilter), ("month", DayRangeFilter)]
    list_select_related = ["store"]
    search_fields = ["sku"]
