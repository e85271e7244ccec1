"""Closed months: what Ontario's monthly report says, kept for good."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

from inventory.triggers import KeepChain
from weedgo.store.models import Store
from weedgo.store.schema import money_field, user_link
from weedgo.store.triggers import AppendOnly, NoTruncate
from weedgo.tenancy.base import TenantOwned

# The columns of the report in their order; what adds to the stock, then what takes from it.
ADDITIONS = ("purchased", "returned", "other_additions", "transferred_in")
REDUCTIONS = (
    "sold", "destroyed", "stolen", "supplier_returned", "other_reductions", "transferred_out",
)  # fmt: skip
FLOWS = ("opening", *ADDITIONS, *REDUCTIONS, "closing")


class ClosedMonth(TenantOwned):
    """A month of a shop whose figures stand; the months follow each other without a gap."""

    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    month = models.DateField(db_comment="Its first day.")
    previous_month = models.DateField(
        null=True, blank=True, db_comment="The month before, closed too; the first has none."
    )
    starts_at = models.DateTimeField(db_comment="Midnight by the shop's clock.")
    ends_at = models.DateTimeField(db_comment="The first moment that is not of the month.")
    closed_at = models.DateTimeField(db_default=Now())
    closed_by = user_link(db_column="closed_by", db_index=False)

    class Meta:
        db_table = "inventory_closed_months"
        db_table_comment = "Months whose figures stand, by shop, without a gap."
        ordering = ["store", "-month"]
        constraints = [
            models.UniqueConstraint(fields=["store", "month"], name="inventory_closed_months_key"),
            # One first month, and one that follows each.
            models.UniqueConstraint(
                fields=["store", "previous_month"], nulls_distinct=False,
                name="inventory_closed_months_chain_key",
            ),
            CheckConstraint(condition=Q(month__day=1), name="inventory_closed_months_month_check"),
            CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")) & Q(closed_at__gte=F("ends_at")),
                name="inventory_closed_months_times_check",
            ),
        ]  # fmt: skip
        triggers = [AppendOnly(), NoTruncate()]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


def _units(**options: object) -> models.IntegerField:
    return models.IntegerField(db_default=0, **options)  # type: ignore[arg-type]


def _balanced(suffix: str) -> Q:
    """What came in and went out makes the closing out of the opening."""
    expected = F(f"opening_{suffix}")
    for flow in ADDITIONS:
        expected += F(f"{flow}_{suffix}")  # type: ignore[assignment]
    for flow in REDUCTIONS:
        expected -= F(f"{flow}_{suffix}")  # type: ignore[assignment]
    return Q(**{f"closing_{suffix}": expected})


class Period(TenantOwned):
    """What one SKU under one UPC did in one month of one shop: a row of the monthly report."""

    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    sku = models.CharField(max_length=64)
    upc = models.CharField(
        max_length=14, blank=True, db_default="", db_comment="GTIN of the unit; empty if unknown."
    )
    month = models.DateField(db_comment="Its first day.")
    previous_month = models.DateField(
        null=True,
        blank=True,
        db_comment="With the opening, refers to the period before; the first has none.",
    )
    unit_weight_g = models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True)
    opening_units = models.IntegerField()
    purchased_units = _units()
    returned_units = _units()
    other_additions_units = _units()
    transferred_in_units = _units()
    sold_units = _units()
    destroyed_units = _units()
    stolen_units = _units()
    supplier_returned_units = _units()
    other_reductions_units = _units()
    transferred_out_units = _units()
    closing_units = models.IntegerField()
    opening_minor = money_field("At cost, in cents.", db_default=0)
    purchased_minor = money_field("At cost, in cents.", db_default=0)
    returned_minor = money_field("At cost, in cents.", db_default=0)
    other_additions_minor = money_field("At cost, in cents.", db_default=0)
    transferred_in_minor = money_field("At cost, in cents.", db_default=0)
    sold_minor = money_field("At cost, in cents.", db_default=0)
    destroyed_minor = money_field("At cost, in cents.", db_default=0)
    stolen_minor = money_field("At cost, in cents.", db_default=0)
    supplier_returned_minor = money_field("At cost, in cents.", db_default=0)
    other_reductions_minor = money_field("At cost, in cents.", db_default=0)
    transferred_out_minor = money_field("At cost, in cents.", db_default=0)
    closing_minor = money_field("At cost, in cents.", db_default=0)

    class Meta:
        db_table = "inventory_periods"
        db_table_comment = "Closed months by shop, SKU and UPC: Ontario's federal report."
        ordering = ["store", "sku", "upc", "-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "sku", "upc", "month", "closing_units", "closing_minor"],
                name="inventory_periods_closing_key",
            ),
            models.UniqueConstraint(
                "store", "sku", "upc", "month", name="inventory_periods_key"
            ),
            CheckConstraint(condition=Q(month__day=1), name="inventory_periods_month_check"),
            CheckConstraint(
                condition=Q(opening_units__gte=0) & Q(closing_units__gte=0),
                name="inventory_periods_units_check",
            ),
            CheckConstraint(condition=_balanced("units"), name="inventory_periods_balance_check"),
            CheckConstraint(condition=_balanced("minor"), name="inventory_periods_value_check"),
        ]  # fmt: skip
        indexes = [Index("month", "store", name="idx_inventory_periods_month")]
        triggers = [AppendOnly(), NoTruncate(), KeepChain()]

    def __str__(self) -> str:
        return f"{self.sku} in {self.month:%Y-%m}"
