"""The sums of an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from django.db.models import Sum

from weedgo.store.models import Order, OrderItem
from weedgo.store.money import allocate
from weedgo.store.selectors import tax_rates


def retotal(order: Order, day: date) -> None:
    """Bring an order's sums to what its lines say. The caller holds the order's lock.

    Args:
        order: it is saved.
        day: whose taxes hold.
    """
    sums = order.items.aggregate(total=Sum("line_total_minor"), discount=Sum("discount_minor"))
    net = int(sums["total"] or 0)
    discount = int(sums["discount"] or 0)
    order.subtotal_minor = net + discount
    order.discount_total_minor = discount
    order.tax_total_minor = tax_on(net + order.delivery_fee_minor, order.store.tax_region, day)
    order.total_minor = net + order.tax_total_minor + order.delivery_fee_minor
    order.save(
        update_fields=[
            "subtotal_minor", "discount_total_minor", "tax_total_minor", "delivery_fee_minor",
            "total_minor",
        ]
    )  # fmt: skip


def tax_on(minor: int, region: str, day: date) -> int:
    """Return the taxes on an amount in minor units, each rounded half to even."""
    return sum(
        int((minor * rate).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
        for rate in tax_rates(region, day).values_list("combined_rate", flat=True)
    )


def take_off(items: Sequence[OrderItem], minor: int) -> None:
    """Spread a discount over lines by what they cost, and save them."""
    for item, share in zip(
        items, allocate(minor, [item.line_total_minor for item in items]), strict=True
    ):
        item.discount_minor += share
        item.line_total_minor -= share
        item.save(update_fields=["discount_minor", "line_total_minor"])
