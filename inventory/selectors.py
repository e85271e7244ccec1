"""What is read of stock: what can be sold, where a lot is, what moved, what does not add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Lower, Now

from inventory.models import (
    Count,
    Destruction,
    Drift,
    GtinAlias,
    Location,
    LocationKind,
    Lot,
    LotStatus,
    Movement,
    MovementType,
    Period,
    Recall,
    Reservation,
    ReservationLine,
    Shipment,
    ShipmentLine,
    Stock,
    Transfer,
    TransferLine,
)
from weedgo.store.models import Product, Store

# --- what there is ----------------------------------------------------------------------------


def availability(location: Location, skus: Iterable[str]) -> dict[str, int]:
    """Return the units that can be sold at a location today, by SKU; 0 where there are none."""
    wanted = dict.fromkeys(skus, 0)
    today = local_today(location.store)
    rows = (
        Stock.objects.filter(location=location, sku__in=wanted, lot_status=LotStatus.SELLABLE)
        .exclude(expires_on__lt=today)
        .values("sku")
        .annotate(units=Sum("quantity_available"))
    )
    return wanted | {row["sku"]: row["units"] for row in rows}


def local_today(store: Store) -> date:
    """Return the day by a shop's clock."""
    from zoneinfo import ZoneInfo

    from django.utils import timezone

    return timezone.localdate(timezone=ZoneInfo(store.time_zone))


def stock_of_sku(sku: str) -> QuerySet[Stock]:
    """Every lot of a SKU at every place, first expired first."""
    return Stock.objects.filter(sku=sku).order_by(F("expires_on").asc(nulls_last=True))


def stock_by_any_case(sku: str) -> QuerySet[Stock]:
    """Every lot of a SKU, however it is typed."""
    return Stock.objects.annotate(lower=Lower("sku")).filter(lower=sku.lower())


def stock_at(location: Location, sku: str) -> QuerySet[Stock]:
    """The lots of a SKU at a location."""
    return Stock.objects.filter(location=location, sku=sku)


def stock_in_store(store: Store, sku: str) -> QuerySet[Stock]:
    """The lots of a SKU anywhere in a shop."""
    return Stock.objects.filter(store=store, sku=sku)


def stock_of_product(product: Product, store: Store) -> QuerySet[Stock]:
    """The lots of a product in a shop."""
    return Stock.objects.filter(product=product, store=store)


def stock_of_lot(lot: str, sku: str) -> QuerySet[Stock]:
    """Where a lot is."""
    return Stock.objects.filter(batch_lot=lot, sku=sku).exclude(batch_lot="")


def stock_by_unit_gtin(gtin: str) -> QuerySet[Stock]:
    """What a scanned unit is."""
    return Stock.objects.filter(each_gtin=gtin)


def stock_by_case_gtin(gtin: str) -> QuerySet[Stock]:
    """What a scanned case is."""
    return Stock.objects.filter(case_gtin=gtin)


def expiring(store: Store, before: date) -> QuerySet[Stock]:
    """What has to be sold soon."""
    return Stock.objects.filter(store=store, lot_status="sellable", expires_on__lt=before).order_by(
        "expires_on"
    )


def held(status: LotStatus, store: Store) -> QuerySet[Stock]:
    """What may not be sold, by reason."""
    return Stock.objects.filter(lot_status=status, store=store).exclude(lot_status="sellable")


def low_stock(store: Store) -> QuerySet[Stock]:
    """What has to be ordered."""
    return Stock.objects.filter(
        store=store, reorder_point__isnull=False, quantity_on_hand__lte=F("reorder_point")
    )


def locations_of_kind(kind: LocationKind) -> QuerySet[Location]:
    """Places of a kind in all shops."""
    return Location.objects.filter(kind=kind).order_by("kind", "store")


# --- lots, GTINs, shipments -------------------------------------------------------------------


def lots_of_sku(sku: str) -> QuerySet[Lot]:
    """The lots that were received of a SKU."""
    return Lot.objects.filter(sku=sku).order_by("sku", "expires_on")


def lots_by_number(number: str) -> QuerySet[Lot]:
    """The lots that bear a number."""
    return Lot.objects.filter(lot_number=number)


def lots_expiring(before: date) -> QuerySet[Lot]:
    """The lots that expire soon."""
    return Lot.objects.filter(expires_on__lt=before).order_by("expires_on")


def gtin_at(gtin: str, day: date) -> QuerySet[GtinAlias]:
    """What a GTIN meant on a day."""
    return GtinAlias.objects.filter(gtin=gtin, valid_from__lte=day).exclude(valid_to__lte=day)


def shipments_under_way() -> QuerySet[Shipment]:
    """What was sent and has not arrived."""
    return Shipment.objects.filter(arrived_at__isnull=True).order_by("shipped_at")


def shipment_by_tracking(number: str) -> QuerySet[Shipment]:
    """The shipment that a carrier calls so."""
    return Shipment.objects.filter(tracking_number=number).exclude(tracking_number="")


def receipts_of_lot(sku: str, lot: str) -> QuerySet[ShipmentLine]:
    """How a lot came here."""
    return ShipmentLine.objects.filter(sku=sku, batch_lot=lot)


def receipt_exceptions() -> QuerySet[ShipmentLine]:
    """What came and could not be put away."""
    return ShipmentLine.objects.exclude(exception_code="").order_by("shipment")


# --- reservations and movements ---------------------------------------------------------------


def due_reservations() -> QuerySet[Reservation]:
    """What was held for too long."""
    return Reservation.objects.filter(status="active", expires_at__lte=Now()).order_by("expires_at")


def reservations_at(location: Location) -> QuerySet[Reservation]:
    """The reservations of a location, the latest first."""
    return Reservation.objects.filter(location=location).order_by("-created_at")


def reservations_of_stock(stock: Stock) -> QuerySet[ReservationLine]:
    """What holds units of a stock row."""
    return ReservationLine.objects.filter(inventory=stock)


def movements_of(stock: Stock) -> QuerySet[Movement]:
    """What happened to a stock row, the latest first."""
    return Movement.objects.filter(inventory=stock).order_by("-inventory_id", "-seq")


def movements_of_sku(sku: str) -> QuerySet[Movement]:
    """What happened to a SKU, the latest first."""
    return Movement.objects.filter(sku=sku).order_by("-occurred_at")


def movements_in_store(store: Store, since: datetime) -> QuerySet[Movement]:
    """What happened in a shop."""
    return Movement.objects.filter(store=store, occurred_at__gte=since).order_by("-occurred_at")


def movements_for(type: str, id: str) -> QuerySet[Movement]:
    """What an order, a count or a transfer moved."""
    return Movement.objects.filter(reference_type=type, reference_id=id).exclude(reference_id="")


def losses(store: Store, since: datetime) -> QuerySet[Movement]:
    """What was destroyed or stolen."""
    lost = [MovementType.DESTRUCTION.value, MovementType.THEFT.value]
    return Movement.objects.filter(
        store=store, occurred_at__gte=since, movement_type__in=lost
    ).order_by("occurred_at")


def direct_writes() -> QuerySet[Movement]:
    """What was changed past the services."""
    return Movement.objects.filter(movement_type="direct_write").order_by("-occurred_at")


def drift() -> QuerySet[Drift]:
    """Stock rows whose counters are not the sum of their movements."""
    return Drift.objects.all()


# --- counts, transfers, destructions, recalls, periods ----------------------------------------


def counts_at(location: Location) -> QuerySet[Count]:
    """The counts of a location, the latest first."""
    return Count.objects.filter(location=location).order_by("-started_at")


def open_transfers() -> QuerySet[Transfer]:
    """What is between two places."""
    return Transfer.objects.filter(status__in=["draft", "in_transit"]).order_by("created_at")


def transfers_from(location: Location) -> QuerySet[Transfer]:
    """What left a location, the latest first."""
    return Transfer.objects.filter(origin=location).order_by("-created_at")


def transfers_to(location: Location) -> QuerySet[Transfer]:
    """What came to a location, the latest first."""
    return Transfer.objects.filter(destination=location).order_by("-created_at")


def transferred_lot(sku: str, lot: str) -> QuerySet[TransferLine]:
    """How a lot went from place to place."""
    return TransferLine.objects.filter(sku=sku, batch_lot=lot)


def destructions_in(store: Store) -> QuerySet[Destruction]:
    """What a shop destroyed, the latest first."""
    return Destruction.objects.filter(store=store).order_by("-destroyed_at")


def destructions_of(sku: str) -> QuerySet[Destruction]:
    """What was destroyed of a SKU, the latest first."""
    return Destruction.objects.filter(sku=sku).order_by("-destroyed_at")


def open_recalls() -> QuerySet[Recall]:
    """Recalls that are not closed."""
    return Recall.objects.filter(closed_at__isnull=True).order_by("-announced_at")


def recalls_of(product: Product) -> QuerySet[Recall]:
    """Recalls of a product."""
    return Recall.objects.filter(product=product)


def periods_of(month: date) -> QuerySet[Period]:
    """The closed figures of a month."""
    return Period.objects.filter(month=month).order_by("month", "store")


# --- recall trace -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Trace:
    """Where the units of a lot are and where they went.

    Attributes:
        locations: (location, on hand, reserved) of each stock row.
        receipts: (notice, units) of each shipment that brought some.
        reservations: (key, units) of each open reservation that holds some.
        sales: (reservation's key, units, when) of each sale.
    """

    locations: Sequence[tuple[Location, int, int]]
    receipts: Sequence[tuple[str, int]]
    reservations: Sequence[tuple[str, int]]
    sales: Sequence[tuple[str, int, datetime]]


def trace(sku: str, lot: str) -> Trace:
    """Return where a lot came from, where it is and whom it was sold to."""
    stock = stock_of_lot(lot, sku).select_related("location", "location__store").order_by("pk")
    receipts = receipts_of_lot(sku, lot).exclude(inventory=None).select_related("shipment")
    held_by = ReservationLine.objects.filter(
        batch_lot=lot, sku=sku, reservation__status=Reservation.Status.ACTIVE
    )
    sales = Movement.objects.filter(batch_lot=lot, sku=sku, movement_type="sale")
    return Trace(
        locations=[(s.location, s.quantity_on_hand, s.quantity_reserved) for s in stock],
        receipts=[
            (line.shipment.asn_number, line.cases_shipped * line.units_per_case)
            for line in receipts
        ],
        reservations=[(str(line.reservation_id), line.quantity) for line in held_by],
        sales=[(m.reference_id, -m.quantity_delta, m.occurred_at) for m in sales],
    )


def soon(days: int = 30) -> date:
    """Return the day so many days from now, in UTC."""
    from django.utils import timezone

    return (timezone.now() + timedelta(days=days)).date()
