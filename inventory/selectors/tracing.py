"""Where a lot came from, where it is, and whom it was sold to; and the same from an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.models import Location, Movement, MovementType, Reservation, ReservationLine, Stock
from inventory.selectors.records import movements_for, receipts_of_lot, transferred_lot
from inventory.selectors.stock import stock_of_lot
from weedgo.store.models import Order

# What takes a lot away for good, beside sales.
LOST = [MovementType.DESTRUCTION, MovementType.THEFT, MovementType.SUPPLIER_RETURN]


@dataclass(frozen=True)
class Trace:
    """Where the units of a lot are and where they went.

    Attributes:
        locations: (location, on hand, reserved) of each stock row.
        receipts: (notice, units) of each shipment that brought some.
        reservations: (key, units) of each open reservation that holds some.
        sales: (order's number, else reservation's key, units, when) of each sale.
        transfers: (code, units) of each transfer of some.
        lost: (kind, units, when) of what was destroyed, stolen or sent back.
    """

    locations: Sequence[tuple[Location, int, int]]
    receipts: Sequence[tuple[str, int]]
    reservations: Sequence[tuple[str, int]]
    sales: Sequence[tuple[str, int, datetime]]
    transfers: Sequence[tuple[str, int]] = ()
    lost: Sequence[tuple[str, int, datetime]] = ()

    def orders(self) -> dict[str, Order]:
        """Return the orders behind the sales by their number, with their customers."""
        numbers = [sale[0] for sale in self.sales]
        found = Order.objects.filter(order_number__in=numbers).select_related("customer", "store")
        return {order.order_number: order for order in found}

    @property
    def units(self) -> dict[str, int]:
        """How many units came, are here, are held and were sold."""
        return {
            "received": sum(units for _, units in self.receipts),
            "on_hand": sum(units for _, units, _ in self.locations),
            "reserved": sum(units for _, units in self.reservations),
            "sold": sum(units for _, units, _ in self.sales),
            "lost": sum(units for _, units, _ in self.lost),
        }


def trace(sku: str, lot: str) -> Trace:
    """Return where a lot came from, where it is and whom it was sold to."""
    stock = stock_of_lot(lot, sku).select_related("location", "location__store").order_by("pk")
    receipts = receipts_of_lot(sku, lot).exclude(inventory=None)
    held_by = ReservationLine.objects.filter(
        batch_lot=lot, sku=sku, reservation__status=Reservation.Status.ACTIVE
    )
    moved = Movement.objects.filter(batch_lot=lot, sku=sku)
    sales = moved.filter(movement_type=MovementType.SALE).order_by("occurred_at")
    lost = moved.filter(movement_type__in=LOST).order_by("occurred_at")
    return Trace(
        locations=[(s.location, s.quantity_on_hand, s.quantity_reserved) for s in stock],
        receipts=list(receipts.values_list("shipment__asn_number", "units_received")),
        reservations=[
            (str(key), units) for key, units in held_by.values_list("reservation_id", "quantity")
        ],
        sales=[
            (id, -delta, at)
            for id, delta, at in sales.values_list("reference_id", "quantity_delta", "occurred_at")
        ],
        transfers=list(
            transferred_lot(sku, lot).values_list("transfer__reference_code", "quantity_sent")
        ),
        lost=[
            (kind, -delta, at)
            for kind, delta, at in lost.values_list(
                "movement_type", "quantity_delta", "occurred_at"
            )
        ],
    )


@dataclass(frozen=True)
class Origin:
    """Where units of an order came from.

    Attributes:
        sku: of the units.
        lot: their lot.
        units: how many of that lot the order got.
        location: where they were taken from.
        receipts: (notice, units) of each shipment that brought the lot.
    """

    sku: str
    lot: str
    units: int
    location: Location
    receipts: Sequence[tuple[str, int]]


def trace_order(order: Order) -> list[Origin]:
    """Return the lots of an order's units and the shipments that brought them."""
    sales = movements_for("order", order.order_number).filter(movement_type=MovementType.SALE)
    rows = Stock.objects.select_related("location", "location__store").in_bulk(
        [movement.inventory_id for movement in sales]
    )
    return [
        Origin(
            movement.sku,
            movement.batch_lot,
            -movement.quantity_delta,
            rows[movement.inventory_id].location,
            list(
                receipts_of_lot(movement.sku, movement.batch_lot)
                .exclude(inventory=None)
                .values_list("shipment__asn_number", "units_received")
            ),
        )
        for movement in sales
    ]
