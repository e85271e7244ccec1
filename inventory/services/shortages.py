"""Sales of tills that were offline: what was handed over is sold, whatever the books say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from inventory import selectors
from inventory.errors import InventoryError
from inventory.models import Location, Reservation, Shortage, Stock
from inventory.services.calls import NOTHING, Reference
from inventory.services.reservations import Line, added_up, commit, reserve
from inventory.services.stock import lock


@dataclass(frozen=True)
class OfflineSale:
    """What became of a sale that a till made while it was offline.

    Attributes:
        sold: units by SKU that were taken off the stock.
        shortages: the rows of what was not there; stock is never negative.
        repeated: whether the sale had been entered before; nothing was done then.
    """

    sold: dict[str, int]
    shortages: Sequence[Shortage]
    repeated: bool = False


@transaction.atomic
def sell_offline(
    key: UUID,
    location: Location,
    lines: Iterable[Line],
    sold_at: datetime,
    reference: Reference = NOTHING,
) -> OfflineSale:
    """Enter a sale that has happened already; the same key again does nothing.

    What the books have is sold, as of when it was; what they do not have is written down as a
    shortage for somebody to look into. If the month of the sale is closed, it is booked today.

    Args:
        key: the till's own for the sale.
        location: where the units were taken from.
        lines: what was handed over.
        sold_at: when.
        reference: what the sale belongs to, and who made it.

    Raises:
        InventoryError: nothing was sold, or `sold_at` is still to come.
    """
    wanted = added_up(lines)
    if sold_at > timezone.now():
        raise InventoryError(f"sale {key} is of {sold_at:%Y-%m-%d %H:%M}, which is still to come")
    if _entered(key):
        return _standing(key)
    there = _lock(location, wanted)
    if _entered(key):
        return _standing(key)
    sold = {sku: min(units, there[sku]) for sku, units in wanted.items() if there[sku]}
    if sold:
        reserve(key, location, [Line(sku, units) for sku, units in sold.items()])
        commit(key, replace(reference, at=sold_at))
    missing = [
        Shortage(
            sale_key=key, location=location, sku=sku, quantity=units - sold.get(sku, 0),
            reference_type=reference.type, reference_id=reference.id, sold_at=sold_at,
        )
        for sku, units in wanted.items()
        if units > sold.get(sku, 0)
    ]  # fmt: skip
    return OfflineSale(sold, Shortage.objects.bulk_create(missing))


def _entered(key: UUID) -> bool:
    known = Reservation.objects.filter(pk=key).exists()
    return known or Shortage.objects.filter(sale_key=key).exists()


def _standing(key: UUID) -> OfflineSale:
    held = Reservation.objects.filter(pk=key).values_list("lines__sku", "lines__quantity")
    sold: dict[str, int] = {}
    for sku, units in held:
        sold[sku] = sold.get(sku, 0) + units
    return OfflineSale(sold, list(Shortage.objects.filter(sale_key=key)), repeated=True)


def _lock(location: Location, skus: Iterable[str]) -> dict[str, int]:
    """What is there of each SKU; nobody takes any of it meanwhile."""
    # Those too that are not sold now: they may be a moment later, and would be locked last.
    lock(Stock.objects.filter(location=location, sku__in=list(skus)).values_list("pk", flat=True))
    return selectors.on_shelf(location, skus)


@transaction.atomic
def settle_shortage(shortage: Shortage, actor: int | None = None) -> Shortage:
    """Sell the units of a shortage after all: they were found, or have been received.

    Raises:
        InsufficientStockError: they are not there.
        InventoryError: it is settled already.
    """
    standing = _open(shortage)
    key = uuid5(standing.sale_key, f"shortage {standing.pk}")
    reserve(key, standing.location, [Line(standing.sku, standing.quantity)])
    kind, id = standing.reference_type, standing.reference_id
    reference = Reference(kind or "shortage", id or str(standing.pk), actor, standing.sold_at)
    commit(key, reference)
    return _settled(standing, "sold after all", actor)


@transaction.atomic
def write_off(shortage: Shortage, reason: str, actor: int | None = None) -> Shortage:
    """Close a shortage without stock: it was a wrong scan, say, or a count has corrected it.

    Raises:
        InventoryError: it is settled already, or no reason is given.
    """
    if not reason.strip():
        raise InventoryError("a shortage is written off for a reason")
    return _settled(_open(shortage), reason[:120], actor)


def _open(shortage: Shortage) -> Shortage:
    standing = Shortage.objects.select_for_update().get(pk=shortage.pk)
    if standing.settled_at is not None:
        raise InventoryError(f"shortage {standing.pk} is settled: {standing.resolution}")
    return standing


def _settled(shortage: Shortage, resolution: str, actor: int | None) -> Shortage:
    Shortage.objects.filter(pk=shortage.pk).update(
        settled_at=Now(), settled_by_id=actor, resolution=resolution
    )
    shortage.refresh_from_db()
    return shortage
