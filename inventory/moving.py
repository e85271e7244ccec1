"""Counting what is there, and bringing it from one place to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now

from inventory.errors import InventoryError
from inventory.models import (
    Count,
    CountLine,
    Location,
    LocationKind,
    MovementType,
    Stock,
    Transfer,
    TransferLine,
)
from inventory.models.records import CountType
from inventory.services import Reference, adjust

# --- counts -----------------------------------------------------------------------------------


@transaction.atomic
def start_count(
    location: Location, kind: CountType = CountType.CYCLE, actor: int | None = None
) -> Count:
    """Start a count of a location: what the books say now is kept for each row.

    Sales go on meanwhile.

    Raises:
        InventoryError: a count of that location is open.
    """
    if Count.objects.filter(location=location, status__in=["open", "counted"]).exists():
        raise InventoryError(f"a count of {location} is open: post or cancel it first")
    count = Count.objects.create(location=location, count_type=kind, started_by_id=actor)
    rows = Stock.objects.select_for_update().filter(location=location).order_by("pk")
    CountLine.objects.bulk_create(
        CountLine(
            count=count,
            inventory=row,
            sku=row.sku,
            book_quantity=row.quantity_on_hand,
            book_seq=row.seq,
        )
        for row in rows
    )
    return count


def enter_count(count: Count, counted: Mapping[int, int], actor: int | None = None) -> None:
    """Enter what was counted.

    Args:
        count: the open count.
        counted: units by stock row's id.
        actor: who counted.

    Raises:
        InventoryError: a row is not part of the count.
    """
    with transaction.atomic():
        for stock_id, units in sorted(counted.items()):
            changed = count.lines.filter(inventory_id=stock_id).update(
                counted_quantity=units, counted_by_id=actor, counted_at=Now()
            )
            if not changed:
                raise InventoryError(f"stock {stock_id} is not part of count {count.pk}")


@transaction.atomic
def post_count(count: Count, actor: int | None = None) -> dict[int, int]:
    """Correct the books by what was counted, less what the books said when the count began.

    What was sold or received since then stays sold and received. Lines that were not counted are
    left as they are.

    Returns:
        The corrections by stock row's id, without those of nothing.

    Raises:
        InventoryError: the count is closed already.
        InsufficientStockError: units that are missing are reserved.
    """
    count = Count.objects.select_for_update().get(pk=count.pk)
    if count.status not in (Count.Status.OPEN, Count.Status.COUNTED):
        raise InventoryError(f"count {count.pk} is {count.status}")
    lines = count.lines.filter(counted_quantity__isnull=False).order_by("inventory_id")
    deltas = {
        line.inventory_id: (line.counted_quantity or 0) - line.book_quantity for line in lines
    }
    for stock_id, delta in deltas.items():
        if delta:
            reference = Reference("count", str(count.pk), actor)
            adjust(stock_id, delta, "counted", reference, MovementType.COUNT)
    Stock.objects.filter(pk__in=deltas).update(last_counted_at=Now())
    Count.objects.filter(pk=count.pk).update(
        status=Count.Status.POSTED, posted_at=Now(), posted_by_id=actor
    )
    return {stock_id: delta for stock_id, delta in deltas.items() if delta}


# --- transfers --------------------------------------------------------------------------------


@transaction.atomic
def send_transfer(
    origin: Location,
    destination: Location,
    lines: Iterable[tuple[Stock, int]],
    actor: int | None = None,
) -> Transfer:
    """Take units from a location; until they arrive they stand at an in-transit location.

    Args:
        origin: where they are.
        destination: where they go.
        lines: stock rows of the origin and units.
        actor: who sends them.

    Raises:
        InsufficientStockError: fewer units are free than go.
        InventoryError: a row is not of the origin.
    """
    transfer = Transfer.objects.create(
        origin=origin,
        destination=destination,
        transit=_transit(destination),
        reference_code=f"TRF-{uuid4().hex[:12].upper()}",
        requested_by_id=actor,
    )
    moves = []
    for stock, units in sorted(lines, key=lambda line: line[0].pk):
        if stock.location_id != origin.pk:
            raise InventoryError(f"{stock} is not at {origin}")
        moves.append((stock, row_at(transfer.transit, stock), units))
        TransferLine.objects.create(
            transfer=transfer,
            inventory=stock,
            sku=stock.sku,
            batch_lot=stock.batch_lot,
            quantity_sent=units,
        )
    _move(transfer, moves, actor)
    Transfer.objects.filter(pk=transfer.pk).update(status="in_transit", shipped_at=Now())
    transfer.refresh_from_db()
    return transfer


@transaction.atomic
def receive_transfer(transfer: Transfer, actor: int | None = None) -> Transfer:
    """Put the units of a transfer into stock at its destination.

    Raises:
        InventoryError: it is not under way.
    """
    transfer = Transfer.objects.select_for_update().get(pk=transfer.pk)
    if transfer.status != Transfer.Status.IN_TRANSIT:
        raise InventoryError(f"transfer {transfer} is {transfer.status}")
    moves = []
    for line in transfer.lines.order_by("inventory_id"):
        stock = Stock.objects.get(location=transfer.transit, sku=line.sku, batch_lot=line.batch_lot)
        moves.append((stock, row_at(transfer.destination, stock), line.quantity_sent))
        TransferLine.objects.filter(pk=line.pk).update(quantity_received=line.quantity_sent)
    _move(transfer, moves, actor)
    Transfer.objects.filter(pk=transfer.pk).update(status="received", received_at=Now())
    transfer.refresh_from_db()
    return transfer


def _transit(destination: Location) -> Location:
    location, _ = Location.objects.get_or_create(
        store_id=destination.store_id,
        code="IN-TRANSIT",
        defaults={"name": "In transit", "kind": LocationKind.IN_TRANSIT},
    )
    return location


def row_at(to: Location, like: Stock) -> Stock:
    """Return the row of a lot at another location, made if there is none."""
    row = Stock(
        store_id=to.store_id,
        location=to,
        product_id=like.product_id,
        sku=like.sku,
        batch_lot=like.batch_lot,
        each_gtin=like.each_gtin,
        case_gtin=like.case_gtin,
        units_per_case=like.units_per_case,
        unit_cost_minor=like.unit_cost_minor,
        packaged_on=like.packaged_on,
        expires_on=like.expires_on,
        lot_status=like.lot_status,
    )
    Stock.objects.bulk_create([row], ignore_conflicts=True)
    return Stock.objects.get(location=to, sku=like.sku, batch_lot=like.batch_lot)


def _move(transfer: Transfer, moves: Sequence[tuple[Stock, Stock, int]], actor: int | None) -> None:
    """Out of rows and into others of the same lots, all in the ledger."""
    # All rows are locked in the order of their ids before any is changed.
    ids = {row.pk for out, into, _ in moves for row in (out, into)}
    list(Stock.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    reference = Reference("transfer", transfer.reference_code, actor)
    for out, into, units in moves:
        if units <= 0:
            raise InventoryError(f"{out.sku}: {units} units cannot be transferred")
        adjust(out.pk, -units, "sent", reference, MovementType.TRANSFER_OUT)
        adjust(into.pk, units, "sent", reference, MovementType.TRANSFER_IN)
