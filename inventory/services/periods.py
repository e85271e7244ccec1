"""Ontario's monthly report, of a month that is open or closed, and closing one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from inventory import selectors
from inventory.errors import PeriodError
from inventory.models import ClosedMonth, Location, Period
from inventory.models.periods import ADDITIONS, FLOWS, REDUCTIONS
from inventory.services.calls import function
from weedgo.store.models import Store


@dataclass(frozen=True)
class Row:
    """One SKU under one UPC in a month.

    Attributes:
        sku: the tenant's.
        upc: GTIN of the unit; empty if unknown.
        unit_weight_g: net weight of a unit in grams, if known.
        units: by flow, see `inventory.models.periods.FLOWS`.
        minor: the same at cost, in cents.
        unexplained: by how many units the ledger differs from opening and flows; not zero is an
            error.
    """

    sku: str
    upc: str
    unit_weight_g: Decimal | None
    units: dict[str, int]
    minor: dict[str, int]
    unexplained: int = 0

    def weight_g(self, flow: str) -> Decimal | None:
        """Return the net weight of a flow in grams, None where a unit's is not known."""
        return None if self.unit_weight_g is None else self.units[flow] * self.unit_weight_g


@dataclass(frozen=True)
class Report:
    """A month of a shop.

    Attributes:
        store: which.
        month: its first day.
        closed: the record of its closing, None while it is open.
        rows: by SKU and UPC.
        counted: whether a count was posted in the month at every location that holds stock.
    """

    store: Store
    month: date
    closed: ClosedMonth | None
    rows: Sequence[Row]
    counted: bool
    units: dict[str, int] = field(init=False)
    minor: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("units", "minor"):
            sums = {flow: sum(getattr(row, name)[flow] for row in self.rows) for flow in FLOWS}
            object.__setattr__(self, name, sums)

    @property
    def balances(self) -> bool:
        """Whether every row's closing is its opening and flows, and the ledger says the same."""
        return all(
            _balances(row.units) and _balances(row.minor) and not row.unexplained
            for row in self.rows
        )

    def weight_g(self, flow: str) -> Decimal:
        """Return the net weight of a flow in grams, of all whose unit's weight is known."""
        return sum((row.weight_g(flow) or Decimal(0) for row in self.rows), Decimal(0))


def _balances(flows: dict[str, int]) -> bool:
    came = sum(flows[name] for name in ADDITIONS)
    went = sum(flows[name] for name in REDUCTIONS)
    return flows["opening"] + came - went == flows["closing"]


def monthly_report(store: Store, month: date) -> Report:
    """Return a month's figures: as they were closed, else as the ledger has them now.

    Args:
        store: the shop; months and days are those of its clock.
        month: any day of it.
    """
    month = month.replace(day=1)
    closed = ClosedMonth.objects.filter(store=store, month=month).first()
    counted = not _uncounted(store, month)
    if closed is None:
        return Report(store, month, None, _live(store, month), counted)
    rows = [
        Row(
            period.sku, period.upc, period.unit_weight_g,
            {flow: getattr(period, f"{flow}_units") for flow in FLOWS},
            {flow: getattr(period, f"{flow}_minor") for flow in FLOWS},
        )
        for period in Period.objects.filter(store=store, month=month).order_by("sku", "upc")
    ]  # fmt: skip
    return Report(store, month, closed, rows, counted)


def _live(store: Store, month: date) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM inventory_month(%s, %s)", [store.pk, month])
        return [_row(values) for values in cursor.fetchall()]


def _row(values: Sequence[Any]) -> Row:
    sku, upc, weight, *figures, unexplained = values
    units, minor = figures[: len(FLOWS)], figures[len(FLOWS) :]
    return Row(
        sku, upc, weight, dict(zip(FLOWS, units, strict=True)),
        dict(zip(FLOWS, minor, strict=True)), unexplained,
    )  # fmt: skip


@transaction.atomic
def close_month(store: Store, month: date, actor: int | None = None) -> Report:
    """Write a month's figures down for good.

    Sales that are under way are waited for. What comes later and is of the month (a till that was
    offline) is booked in the month that is open then.

    Args:
        store: the shop.
        month: any day of it; it must be over by the shop's clock.
        actor: the user who closes it.

    Raises:
        PeriodError: it is not over, is closed already, the month before is not closed, the ledger
            does not open with what that one closed with, or no count was posted though the setting
            INVENTORY_MONTHLY_COUNT asks for one.
    """
    month = month.replace(day=1)
    if getattr(settings, "INVENTORY_MONTHLY_COUNT", False) and (places := _uncounted(store, month)):
        named = ", ".join(str(place) for place in places)
        raise PeriodError(f"{month:%Y-%m} has no posted count of {named}: post one first")
    function(
        "SELECT inventory_close_month(%(store)s, %(month)s, %(actor)s)",
        {"store": store.pk, "month": month, "actor": actor},
    )
    return monthly_report(store, month)


def _uncounted(store: Store, month: date) -> list[Location]:
    """The places with stock where no count was posted from the month's first day to its last."""
    starts, ends = selectors.month_bounds(store, month)
    return list(selectors.uncounted_locations(store, starts, ends))
