"""What is read of stock: what can be sold, where a lot is, what is about to be missed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Lower, Now
from django.utils import timezone

from inventory.models import (
    Drift,
    Location,
    LocationKind,
    LotStatus,
    Reservation,
    ReservationLine,
    Shortage,
    Stock,
)
from weedgo.store.models import Product, Store


def availability(location: Location, skus: Iterable[str]) -> dict[str, int]:
    """Return the units that can be sold at a location today, by SKU; 0 where there are none.

    What was reserved for too long counts, as whoever wants it gets it.
    """
    wanted = list(skus)
    free = on_shelf(location, wanted)
    due = (
        ReservationLine.objects.filter(
            reservation__status=Reservation.Status.ACTIVE,
            reservation__expires_at__lte=Now(),
            reservation__location=location,
            sku__in=wanted,
        )
        .values("sku")
        .annotate(units=Sum("quantity"))
    )
    # Of a lot that may not be sold any more nothing is free, whoever held it.
    sellable = _sellable(location).values("pk")
    for row in due.filter(inventory__in=sellable):
        free[row["sku"]] += row["units"]
    return free


def on_shelf(location: Location, skus: Iterable[str]) -> dict[str, int]:
    """Return the units that nobody has reserved and that can be sold today, by SKU."""
    wanted = dict.fromkeys(skus, 0)
    rows = (
        _sellable(location)
        .filter(sku__in=wanted)
        .values("sku")
        .annotate(units=Sum("quantity_available"))
    )
    return wanted | {row["sku"]: row["units"] for row in rows}


def _sellable(location: Location) -> QuerySet[Stock]:
    today = local_today(location.store)
    rows = Stock.objects.filter(location=location, lot_status=LotStatus.SELLABLE)
    return rows.exclude(expires_on__lt=today)


def local_today(store: Store) -> date:
    """Return the day by a shop's clock."""
    return timezone.localdate(timezone=ZoneInfo(store.time_zone))


def overview(
    store: Store | None = None, location: Location | None = None, words: str = ""
) -> QuerySet[Any, Any]:
    """Return the stock by SKU: on hand, reserved, free to sell, held back, next expiry.

    Args:
        store: only this shop's.
        location: only this place's.
        words: part of a SKU, a lot or a product's name.
    """
    rows = Stock.objects.filter(~Q(quantity_on_hand=0))
    if store is not None:
        rows = rows.filter(store=store)
    if location is not None:
        rows = rows.filter(location=location)
    if words:
        named = Q(product__name__icontains=words)
        rows = rows.filter(Q(sku__istartswith=words) | Q(batch_lot__istartswith=words) | named)
    today = timezone.localdate()
    free = Q(lot_status=LotStatus.SELLABLE) & (Q(expires_on=None) | Q(expires_on__gte=today))
    return (
        rows.values("sku", name=F("product__name"))
        .annotate(
            on_hand=Sum("quantity_on_hand"),
            reserved=Sum("quantity_reserved"),
            available=Coalesce(Sum("quantity_available", filter=free), 0),
            held=Coalesce(Sum("quantity_on_hand", filter=~free), 0),
            lots=Count("batch_lot", distinct=True),
            places=Count("location", distinct=True),
            expires_on=Min("expires_on", filter=free),
            reorder_point=Sum("reorder_point"),
        )
        .order_by("sku")
    )


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


def check_drift() -> list[Drift]:
    """Return the stock rows whose counters are not the sum of their movements; it mends nothing."""
    return list(drift())


def drift() -> QuerySet[Drift]:
    """Stock rows whose counters are not the sum of their movements."""
    return Drift.objects.order_by("stock")


def open_shortages() -> QuerySet[Shortage]:
    """What was sold offline and was not there, the oldest first."""
    return Shortage.objects.filter(settled_at__isnull=True).order_by("recorded_at")


def soon(days: int = 30) -> date:
    """Return the day so many days from now, in UTC."""
    return (timezone.now() + timedelta(days=days)).date()
