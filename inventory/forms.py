"""What the inventory's pages are asked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from inventory.models import Location, MovementType
from inventory.selectors import local_today
from weedgo.store.models import Store


def _words(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=80, widget=UnfoldAdminTextInputWidget()
    )


def _one_of(model: type[Any], label: str, empty: str | None) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        model.objects.none(), label=label, required=False, empty_label=empty,
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip


class AvailabilityForm(forms.Form):
    """Which stock."""

    store = _one_of(Store, "Shop", "All shops")
    location = _one_of(Location, "Place", "All places")
    q = _words("SKU, lot or name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows(self, "store", Store.objects.order_by("name"))
        places = Location.objects.select_related("store").order_by("store__name", "code")
        _rows(self, "location", places)


class MovementsForm(forms.Form):
    """Which movements."""

    store = _one_of(Store, "Shop", None)
    sku = _words("SKU")
    lot = _words("Lot")
    reference = _words("Order, count, transfer …")
    kind = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "All"), *MovementType.choices],
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows(self, "store", Store.objects.order_by("name"))


class TraceForm(forms.Form):
    """A lot, or an order."""

    sku = _words("SKU")
    lot = _words("Lot")
    order = _words("or an order's number")


class ReportForm(forms.Form):
    """A month of a shop."""

    store = _one_of(Store, "Shop", None)
    month = forms.ChoiceField(label="Month", required=False, widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows(self, "store", Store.objects.order_by("name"))
        field = self.fields["month"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in _months()]


def _months() -> list[date]:
    """The current month and three years back, for which records are kept."""
    store = Store.objects.order_by("name").first()
    month = (date.today() if store is None else local_today(store)).replace(day=1)  # noqa: DTZ011
    found = [month]
    while len(found) < 37:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _rows(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows
