"""What is read of lots, deliveries, reservations, movements and what the law asks for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from inventory.models import (
    ClosedMonth,
    Count,
    Destruction,
    GtinAlias,
    Location,
    Lot,
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


def closed_months(store: Store) -> QuerySet[ClosedMonth]:
    """The months of a shop that are closed, the latest first."""
    return ClosedMonth.objects.filter(store=store).order_by("-month")


def month_bounds(store: Store, month: date) -> tuple[datetime, datetime]:
    """Return the midnights by a shop's clock between which the month of a day is."""
    zone = ZoneInfo(store.time_zone)
    first = month.replace(day=1)
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    start, end = (datetime.combine(day, time(), zone) for day in (first, after))
    return start, end


def uncounted_locations(store: Store, start: datetime, end: datetime) -> QuerySet[Location]:
    """Places of a shop that hold stock and of which no count was posted in a time."""
    counts = Count.objects.filter(
        location=OuterRef("pk"), status=Count.Status.POSTED, posted_at__gte=start, posted_at__lt=end
    )
    held = Stock.objects.filter(location=OuterRef("pk"), quantity_on_hand__gt=0)
    return Location.objects.filter(Exists(held), ~Exists(counts), store=store).order_by("code")
