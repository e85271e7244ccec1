"""The inventory's own pages in a tenant's admin: availability, movements, trace, monthly report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.generic import TemplateView

from inventory import exports, pictures, selectors, services
from inventory.errors import InventoryError
from inventory.forms import AvailabilityForm, MovementsForm, ReportForm, TraceForm
from inventory.models import Movement, Stock
from inventory.models.periods import ADDITIONS, FLOWS
from weedgo.store.models import Order, Store

PAGE = 50
MINUTE = "%Y-%m-%d %H:%M"
LABELS = {
    "opening": "Opening", "purchased": "Purchased", "returned": "Customer returns",
    "other_additions": "Other additions", "transferred_in": "Transferred in", "sold": "Sold",
    "destroyed": "Destroyed", "stolen": "Lost or stolen", "supplier_returned": "Supplier returns",
    "other_reductions": "Other reductions", "transferred_out": "Transferred out",
    "closing": "Closing",
}  # fmt: skip


class Page(TemplateView):
    """A page of the admin that a form asks for and that tables answer.

    Attributes:
        model_admin: whose permissions and site it has.
        form_class: what it is asked.
        title: its heading.
    """

    template_name = "inventory/page.html"
    model_admin: Any = None
    form_class: ClassVar[type[forms.Form]]
    title: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse whoever may not see the stock, and the platform, which has none."""
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        request.current_app = self.model_admin.admin_site.name
        return super().dispatch(request, *args, **kwargs)

    def asked(self) -> tuple[forms.Form, dict[str, Any]]:
        """Return the form and what of it is understood; the rest is as if it were not asked."""
        form = self.form_class(self.request.GET or None)
        return form, form.cleaned_data if form.is_valid() else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the template shows."""
        form, asked = self.asked()
        site = self.model_admin.admin_site.each_context(self.request)
        base = {
            "title": self.title, "content_title": self.title, "model_admin": self.model_admin,
            "form": form, "opts": None, "is_fullwidth": "1",
        }  # fmt: skip
        return site | super().get_context_data(**kwargs) | base | self.answer(asked)

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the cards, tables and pictures."""
        raise NotImplementedError

    def paged(self, rows: QuerySet[Any, Any]) -> tuple[list[Any], dict[str, str]]:
        """Return a page of rows, and where those before and after it are; nothing counts all."""
        number = int(page) if (page := self.request.GET.get("page", "1")).isdecimal() else 1
        number = min(max(number, 1), 100_000)
        found = list(rows[(number - 1) * PAGE : number * PAGE + 1])
        more = {"next_page": number + 1} if len(found) > PAGE else {}
        if number > 1:
            more["previous_page"] = number - 1
        query = self.request.GET.copy()
        links = {}
        for name, target in more.items():
            query["page"] = str(target)
            links[name] = f"?{query.urlencode()}"
        return found[:PAGE], links


def _table(
    title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]], empty: str = ""
) -> Any:
    return {"title": title, "headers": headers, "rows": [list(row) for row in rows], "empty": empty}


def _card(label: str, value: Any, note: str = "", *, bad: bool = False) -> dict[str, Any]:
    shown = f"{value:,}" if isinstance(value, int) else value
    return {"label": label, "value": shown, "note": note, "bad": bad}


def _link(name: str, text: str, **query: str) -> SafeString:
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}?{}">{}</a>',
        reverse(name),
        urlencode(query),
        text,
    )


def _lot(sku: str, lot: str) -> SafeString:
    return _link("admin:inventory_recall_trace", lot or "?", sku=sku, lot=lot)


def _notices(origin: selectors.Origin) -> str:
    return ", ".join(name for name, _ in origin.receipts) or "not received here"


class AvailabilityPage(Page):
    """What can be sold, by SKU."""

    title = "Availability"
    form_class = AvailabilityForm

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return a row for each SKU."""
        rows = selectors.overview(asked.get("store"), asked.get("location"), asked.get("q", ""))
        shown, pages = self.paged(rows)
        shortages = selectors.open_shortages().count()
        due = selectors.due_reservations().count()
        return pages | {
            "cards": [
                _card("Units on this page", sum(row["on_hand"] for row in shown)),
                _card("Free to sell", sum(row["available"] for row in shown)),
                _card("Sold offline, not there", shortages, "to be looked into" * bool(shortages),
                      bad=bool(shortages)),
                _card("Held for too long", due),
            ],
            "tables": [
                _table(
                    "Stock by SKU",
                    ["SKU", "Product", "Free to sell", "Reserved", "On hand", "Held back", "Lots",
                     "Places", "Next expiry"],
                    (
                        (
                            _link("admin:inventory_stock_movements", row["sku"], sku=row["sku"]),
                            row["name"], _free(row), row["reserved"], row["on_hand"], row["held"],
                            row["lots"], row["places"], str(row["expires_on"] or ""),
                        )
                        for row in shown
                    ),
                    "No stock answers to that.",
                )
            ],
        }  # fmt: skip


def _free(row: dict[str, Any]) -> SafeString:
    """Units that can be sold; said in words too where there are few or none."""
    free = row["available"]
    low = row["reorder_point"] is not None and free <= row["reorder_point"]
    words, colour = (
        ("sold out", "text-red-600 dark:text-red-500")
        if free <= 0
        else ("low", "text-orange-600 dark:text-orange-500")
    )
    note = format_html(' <span class="{}">{}</span>', colour, words) if free <= 0 or low else ""
    return format_html("<strong>{}</strong>{}", f"{free:,}", note)


class MovementsPage(Page):
    """The ledger."""

    title = "Movements of stock"
    form_class = MovementsForm

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the latest movements, by whatever index serves what is asked."""
        rows = Movement.objects.select_related("inventory__location", "actor").order_by(
            "-occurred_at"
        )
        filters = {
            "sku": asked.get("sku", "").upper(), "batch_lot": asked.get("lot", ""),
            "reference_id": asked.get("reference", ""), "movement_type": asked.get("kind", ""),
        }  # fmt: skip
        rows = rows.filter(**{name: value for name, value in filters.items() if value})
        store = asked.get("store")
        if store is None and not (filters["sku"] or filters["reference_id"]):
            store = Store.objects.order_by("name").first()
        if store is not None:
            rows = rows.filter(store=store)
        shown, pages = self.paged(rows)
        return pages | {
            "tables": [
                _table(
                    f"Movements{f' in {store}' if store else ''}, the latest first",
                    ["When (UTC)", "What", "Units", "Reserved", "On hand then", "SKU", "Lot",
                     "Place", "Why", "By"],
                    ((
                        f"{m.occurred_at:%Y-%m-%d %H:%M:%S}", m.movement_type.replace("_", " "),
                        f"{m.quantity_delta:+,}", f"{m.reserved_delta:+,}", m.balance_after, m.sku,
                        _lot(m.sku, m.batch_lot),
                        m.inventory.location.name,
                        f"{m.reference_type} {m.reference_id} {m.reason}".strip(), m.actor or "",
                    ) for m in shown),
                    "Nothing moved.",
                )
            ]
        }  # fmt: skip


class TracePage(Page):
    """Where a lot came from, where it is and whom it went to; and from an order back."""

    title = "Trace of a lot"
    form_class = TraceForm

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the trace forward of a lot, or backward of an order."""
        sku, lot = asked.get("sku", "").upper(), asked.get("lot", "")
        if number := asked.get("order", "").upper():
            return self._backward(number)
        if not sku or not lot:
            return {"tables": [_table("Lot", [], [], "Name a SKU and its lot, or an order.")]}
        return self._forward(sku, lot)

    def _backward(self, number: str) -> dict[str, Any]:
        order = Order.objects.filter(order_number=number).first()
        origins = [] if order is None else selectors.trace_order(order)
        headers = ["SKU", "Lot", "Units", "Taken from", "Came with"]
        return {
            "tables": [
                _table(f"Where order {number} came from", headers, (
                    (
                        x.sku, _lot(x.sku, x.lot),
                        x.units, x.location, _notices(x),
                    )
                    for x in origins
                ), "No units were sold with such an order."),
            ]
        }  # fmt: skip

    def _forward(self, sku: str, lot: str) -> dict[str, Any]:
        trace = selectors.trace(sku, lot)
        orders = trace.orders()
        units = trace.units
        stock = Stock.objects.filter(sku=sku, batch_lot=lot).first()
        status = "unknown" if stock is None else stock.lot_status
        deed = None
        if stock and status != "recalled" and self.request.user.has_perm("inventory.add_recall"):
            text = f"Nothing of {sku} lot {lot} is sold from then on, anywhere, reserved or not."
            deed = {"title": "Recall this lot", "name": "recall", "text": text, "variant": "danger"}
        return {
            "deed": deed,
            "cards": [
                _card("Lot", status, bad=status != "sellable"),
                _card("Received", units["received"]), _card("On hand", units["on_hand"]),
                _card("Sold", units["sold"]),
            ],
            "picture": {"title": f"{sku} lot {lot}", "svg": pictures.lot_flow(units)},
            "tables": [
                _table("Came with", ["Notice", "Units"], trace.receipts, "Nothing was received."),
                _table("Is at", ["Place", "Shop", "On hand", "Reserved"], (
                    (place, place.store, here, held) for place, here, held in trace.locations
                ), "It is nowhere."),
                _table("Is held by", ["Reservation", "Units"], trace.reservations,
                       "No open reservation."),
                _table("Was sold to", ["Sale", "Units", "When", "Customer", "E-mail", "Phone"],
                       (_sale(*sale, orders.get(sale[0])) for sale in trace.sales),
                       "Nothing was sold."),
                _table("Went elsewhere", ["What", "Units", "When"],
                       [*((f"transfer {code}", n, "") for code, n in trace.transfers),
                        *((kind, n, f"{at:{MINUTE}}") for kind, n, at in trace.lost)],
                       "Nothing was transferred, destroyed, stolen or sent back."),
            ],
        }  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        """Recall the lot."""
        _, asked = self.asked()
        if not request.user.has_perm("inventory.add_recall"):
            raise PermissionDenied
        try:
            trace = services.recall(asked.get("sku", "").upper(), asked.get("lot", ""))
            messages.warning(
                request,
                f"Recalled: {trace.units['on_hand']} units here, {trace.units['sold']} sold.",
            )
        except InventoryError as error:
            messages.error(request, str(error))
        return redirect(request.get_full_path())


def _sale(reference: str, units: int, when: Any, order: Order | None) -> Sequence[Any]:
    customer = None if order is None else order.customer
    contact = ("", "", "") if customer is None else (str(customer), customer.email, customer.phone)
    return (reference, units, f"{when:%Y-%m-%d %H:%M}", *contact)


class ReportPage(Page):
    """Ontario's monthly report."""

    title = "Monthly report"
    form_class = ReportForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show it, or hand it out as CSV."""
        if request.GET.get("format") != "csv":
            return super().get(request, *args, **kwargs)
        report = self._report(self.asked()[1])
        if report is None:
            return redirect(request.path)
        answer = StreamingHttpResponse(exports.monthly_csv(report), content_type="text/csv")
        name = f"{report.store.code}-{report.month:%Y-%m}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _report(self, asked: dict[str, Any]) -> services.Report | None:
        store = asked.get("store") or Store.objects.order_by("name").first()
        if store is None:
            return None
        text = asked.get("month") or f"{selectors.local_today(store):%Y-%m}"
        return services.monthly_report(store, date.fromisoformat(f"{text}-01"))

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the figures, a picture of the flows, and what can be done."""
        report = self._report(asked)
        if report is None:
            return {"tables": [_table("Shops", [], [], "There is no shop.")]}
        month = f"{report.month:%Y-%m}"
        query = urlencode({"store": str(report.store.pk), "month": month, "format": "csv"})
        bars = pictures.bars(report.units, LABELS, ADDITIONS)
        headers = ["SKU", "UPC", *LABELS.values(), "Weight, kg", "Value, $"]
        return {
            "deed": self._deed(report),
            "links": [{"url": f"?{query}", "label": "CSV", "icon": "download"}],
            "cards": [
                _card("Month", f"{report.month:%B %Y}", "closed" if report.closed else "open"),
                _card("Balance", "balances" if report.balances else "does not balance",
                      "" if report.balances else "see the drift of stock", bad=not report.balances),
                _card("Closing value", f"${report.minor['closing'] / 100:,.2f}", "at cost"),
                _card("Count", "posted" if report.counted else "not posted",
                      "" if report.counted else "the AGCO asks for one each month",
                      bad=not report.counted),
            ],
            "picture": {
                "title": f"{report.store}: units in {report.month:%B %Y}",
                "svg": pictures.waterfall(bars, "Units from opening to closing"),
            },
            "tables": [
                _table(f"{len(report.rows):,} products", headers, (
                    (row.sku, row.upc, *(row.units[flow] for flow in FLOWS), _kilograms(row),
                     f"{row.minor['closing'] / 100:,.2f}")
                    for row in report.rows[:1000]
                ), "Nothing was there and nothing moved."),
            ],
        }  # fmt: skip

    def _deed(self, report: services.Report) -> dict[str, str] | None:
        over = selectors.month_bounds(report.store, report.month)[
            1
        ].date() <= selectors.local_today(report.store)
        if report.closed or not over or not self.request.user.has_perm("inventory.add_closedmonth"):
            return None
        text = (
            "Its figures stand from then on; what comes late is booked in the month that is open."
        )
        return {
            "title": f"Close {report.month:%B %Y}",
            "name": "close",
            "text": text,
            "variant": "",
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Close the month."""
        report = self._report(self.asked()[1])
        if report is None or not request.user.has_perm("inventory.add_closedmonth"):
            raise PermissionDenied
        try:
            services.close_month(report.store, report.month, request.user.pk)
            messages.success(request, f"{report.month:%B %Y} is closed.")
        except InventoryError as error:
            messages.error(request, str(error))
        return redirect(request.get_full_path())


def _kilograms(row: services.Row) -> str:
    grams = row.weight_g("closing")
    return "" if grams is None else f"{grams / 1000:.3f}"
