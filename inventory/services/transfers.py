"""Bringing stock from one place to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now

from inventory.errors import InventoryError
from inventory.models import Location, LocationKind, MovementType, Stock, Transfer, TransferLine
from inventory.services.calls import Reference
from inventory.services.stock import adjust, lock


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
        transit=special(destination.store_id, LocationKind.IN_TRANSIT),
        reference_code=f"TRF-{uuid4().hex[:12].upper()}",
        requested_by_id=actor,
    )
    moves = []
    # Rows are made in the same order by all, as who makes one waits for who else makes it.
    for stock, units in sorted(lines, key=_place):
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
    lock(_keys(moves))
    _move(transfer, moves, actor)
    Transfer.objects.filter(pk=transfer.pk).update(status="in_transit", shipped_at=Now())
    transfer.refresh_from_db()
    return transfer


@transaction.atomic
def receive_transfer(
    transfer: Transfer, received: Mapping[int, int] | None = None, actor: int | None = None
) -> Transfer:
    """Put the units of a transfer into stock at its destination.

    Args:
        transfer: it is under way.
        received: units by id of the line, where not all arrived; what is missing is taken off
            the books with that reason.
        actor: who received it.

    Raises:
        InventoryError: it is not under way, or more came than were sent.
    """
    transfer = Transfer.objects.select_for_update().get(pk=transfer.pk)
    if transfer.status != Transfer.Status.IN_TRANSIT:
        raise InventoryError(f"transfer {transfer} is {transfer.status}")
    moves, missing = [], []
    for line in transfer.lines.order_by("sku", "batch_lot"):
        units = (received or {}).get(line.pk, line.quantity_sent)
        if not 0 <= units <= line.quantity_sent:
            raise InventoryError(f"{line}: {units} units cannot have arrived")
        stock = Stock.objects.get(location=transfer.transit, sku=line.sku, batch_lot=line.batch_lot)
        if units:
            moves.append((stock, row_at(transfer.destination, stock), units))
        if units < line.quantity_sent:
            missing.append((stock.pk, line.quantity_sent - units))
        TransferLine.objects.filter(pk=line.pk).update(quantity_received=units)
    lock([*_keys(moves), *(stock_id for stock_id, _ in missing)])
    _move(transfer, moves, actor)
    reference = Reference("transfer", transfer.reference_code, actor)
    for stock_id, units in sorted(missing):
        adjust(stock_id, -units, "missing on arrival", reference)
    Transfer.objects.filter(pk=transfer.pk).update(status="received", received_at=Now())
    transfer.refresh_from_db()
    return transfer


@transaction.atomic
def transfer(
    origin: Location,
    destination: Location,
    lines: Iterable[tuple[Stock, int]],
    actor: int | None = None,
) -> Transfer:
    """Bring units from one location to another at once, such as from the vault to the shelf.

    Raises:
        InsufficientStockError: fewer units are free than go.
        InventoryError: a row is not of the origin.
    """
    lines = list(lines)
    through = special(destination.store_id, LocationKind.IN_TRANSIT), destination
    lock(
        row.pk
        for stock, _ in sorted(lines, key=_place)
        for row in (stock, *(row_at(place, stock) for place in through))
    )
    return receive_transfer(send_transfer(origin, destination, lines, actor), actor=actor)


def special(store_id: int, kind: LocationKind) -> Location:
    """Return a shop's place of a kind that nothing is sold from, made if there is none."""
    location, _ = Location.objects.get_or_create(
        store_id=store_id,
        code=kind.value.upper().replace("_", "-"),
        defaults={"name": kind.label.capitalize(), "kind": kind},
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


def _place(line: tuple[Stock, int]) -> tuple[str, str]:
    stock, _ = line
    return stock.sku, stock.batch_lot


def _keys(moves: Sequence[tuple[Stock, Stock, int]]) -> list[int]:
    return [row.pk for out, into, _ in moves for row in (out, into)]


def _move(transfer: Transfer, moves: Sequence[tuple[Stock, Stock, int]], actor: int | None) -> None:
    """Out of rows and into others of the same lots, all in the ledger; they are locked."""
    reference = Reference("transfer", transfer.reference_code, actor)
    for out, into, units in moves:
        if units <= 0:
            raise InventoryError(f"{out.sku}: {units} units cannot be transferred")
        adjust(out.pk, -units, "sent", reference, MovementType.TRANSFER_OUT)
        adjust(into.pk, units, "sent", reference, MovementType.TRANSFER_IN)
