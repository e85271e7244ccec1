"""Counting what is there."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from inventory.errors import InventoryError
from inventory.models import Count, CountLine, Location, MovementType, Stock
from inventory.models.records import ONE_OPEN_COUNT, CountType
from inventory.services.calls import Reference
from inventory.services.stock import adjust, lock


@transaction.atomic
def start_count(
    location: Location, kind: CountType = CountType.CYCLE, actor: int | None = None
) -> Count:
    """Start a count of a location: what the books say now is kept for each row.

    Sales go on meanwhile.

    Raises:
        InventoryError: a count of that location is open.
    """
    try:
        # The key decides, so that of two who start at once one is told.
        with transaction.atomic():
            count = Count.objects.create(location=location, count_type=kind, started_by_id=actor)
    except IntegrityError as error:
        if ONE_OPEN_COUNT not in str(error):
            raise
        message = f"a count of {location} is open: post or cancel it first"
        raise InventoryError(message) from error
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
        InventoryError: a row is not part of the count, or it is closed already.
    """
    with transaction.atomic():
        standing = Count.objects.select_for_update().get(pk=count.pk)
        if standing.status not in (Count.Status.OPEN, Count.Status.COUNTED):
            raise InventoryError(f"count {count.pk} is {standing.status}")
        for stock_id, units in sorted(counted.items()):
            changed = count.lines.filter(inventory_id=stock_id).update(
                counted_quantity=units, counted_by_id=actor, counted_at=Now()
            )
            if not changed:
                raise InventoryError(f"stock {stock_id} is not part of count {count.pk}")


@transaction.atomic
def count_now(count: Count, counted: Mapping[int, int], actor: int | None = None) -> None:
    """Enter what lies on the shelf at this moment, while the shop sells.

    What moved since the count began is taken into account, so that it is as if all had been
    counted then.

    Args:
        count: the open count.
        counted: units by stock row's id.
        actor: who counted.

    Raises:
        InventoryError: a row is not part of the count.
    """
    # The count before its rows, as who posts it.
    Count.objects.select_for_update().get(pk=count.pk)
    lock(counted)
    now = dict(Stock.objects.filter(pk__in=counted).values_list("pk", "quantity_on_hand"))
    book = dict(count.lines.values_list("inventory_id", "book_quantity"))
    enter_count(
        count,
        {pk: max(0, units - now.get(pk, 0) + book.get(pk, 0)) for pk, units in counted.items()},
        actor,
    )


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
    lock(deltas)
    for stock_id, delta in deltas.items():
        if delta:
            reference = Reference("count", str(count.pk), actor)
            adjust(stock_id, delta, "counted", reference, MovementType.COUNT)
    Stock.objects.filter(pk__in=deltas).update(last_counted_at=Now())
    Count.objects.filter(pk=count.pk).update(
        status=Count.Status.POSTED, posted_at=Now(), posted_by_id=actor
    )
    return {stock_id: delta for stock_id, delta in deltas.items() if delta}


def cancel_count(count: Count) -> None:
    """Give a count up; the books stay as they are.

    Raises:
        InventoryError: it is closed already.
    """
    changed = Count.objects.filter(
        pk=count.pk, status__in=[Count.Status.OPEN, Count.Status.COUNTED]
    ).update(status=Count.Status.CANCELLED)
    if not changed:
        raise InventoryError(f"count {count.pk} is closed already")
