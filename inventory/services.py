"""What changes stock. Every change goes through a function of the database (sql/).

All of these work inside a transaction of the caller or make their own; those that take several
rows lock them in the order of their ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from inventory import selectors
from inventory.errors import InventoryError, NoSuchReservationError, told
from inventory.models import (
    Destruction,
    Location,
    Lot,
    LotStatus,
    MovementType,
    Recall,
    Reservation,
    Stock,
)

TTL = timedelta(minutes=15)


@dataclass(frozen=True)
class Line:
    """Units of a SKU that are wanted."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class Reference:
    """Why stock changed and by whom, for the ledger.

    Attributes:
        type: what kind of thing it refers to, such as `order`.
        id: which one.
        actor: the user's id.
    """

    type: str = ""
    id: str = ""
    actor: int | None = None


NOTHING = Reference()


def _function(query: str, arguments: Mapping[str, Any]) -> Any:
    """Call one of the app's functions; its errors come as the app's exceptions."""
    with told(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, arguments)
        row = cursor.fetchone()
    return row[0] if row else None


# --- reservations -----------------------------------------------------------------------------


def reserve(
    key: UUID, location: Location, lines: Iterable[Line], ttl: timedelta = TTL
) -> Reservation:
    """Hold units at a location until they are sold or let go; all of them or none.

    Lots go first expired, first out. The same key with the same lines is the same reservation.

    Args:
        key: the caller's, made once for what it wants to hold.
        location: where.
        lines: what; a SKU that is named twice is added up.
        ttl: for how long.

    Raises:
        InsufficientStockError: some units are missing; nothing is held.
        KeyReusedError: the key has reserved something else.
        InventoryError: nothing is asked for.
    """
    wanted = _added_up(lines)
    asked = json.dumps(wanted, sort_keys=True)
    digest = hashlib.sha256(f"{location.pk} {asked}".encode()).hexdigest()
    _function(
        "SELECT inventory_reserve(%(key)s, %(location)s, %(digest)s, %(lines)s::jsonb, %(ttl)s)",
        {"key": key, "location": location.pk, "digest": digest, "lines": asked, "ttl": ttl},
    )
    return Reservation.objects.get(pk=key)


def _added_up(lines: Iterable[Line]) -> list[dict[str, Any]]:
    wanted: dict[str, int] = {}
    for line in lines:
        if line.quantity <= 0:
            raise InventoryError(f"{line.sku}: {line.quantity} units cannot be reserved")
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    if not wanted:
        raise InventoryError("a reservation needs a line")
    return [{"sku": sku, "quantity": quantity} for sku, quantity in sorted(wanted.items())]


def extend(key: UUID, ttl: timedelta = TTL) -> Reservation:
    """Hold a reservation's units for so long from now.

    Raises:
        NoSuchReservationError: no active reservation has that key.
    """
    changed = Reservation.objects.filter(pk=key, status=Reservation.Status.ACTIVE).update(
        expires_at=Now() + ttl
    )
    if not changed:
        raise NoSuchReservationError(f"no active reservation has the key {key}")
    return Reservation.objects.get(pk=key)


def commit(key: UUID, reference: Reference = NOTHING) -> None:
    """Take the units of a reservation off the stock: they are sold. Again is no change.

    Raises:
        NoSuchReservationError: no reservation has that key.
        ReservationClosedError: it was released or has expired.
        NotSellableError: a lot was recalled or put into quarantine meanwhile.
    """
    _close(key, Reservation.Status.COMMITTED, reference.id or "sold", reference.actor)


def release(key: UUID, reason: str = "released", actor: int | None = None) -> None:
    """Let the units of a reservation go. Again is no change.

    Raises:
        NoSuchReservationError: no reservation has that key.
        ReservationClosedError: it was sold or has expired.
    """
    _close(key, Reservation.Status.RELEASED, reason, actor)


def expire_due(limit: int = 100) -> int:
    """Let go what was held for too long, each in a transaction of its own.

    Args:
        limit: how many at most.

    Returns:
        How many were let go.
    """
    due = selectors.due_reservations().values_list("pk", flat=True)[:limit]
    return sum(_expire(key) for key in list(due))


def _expire(key: UUID) -> bool:
    """Expire one; another worker, a sale or an extension may have been quicker."""
    with transaction.atomic():
        still = (
            Reservation.objects.select_for_update(skip_locked=True)
            .filter(pk=key, status=Reservation.Status.ACTIVE, expires_at__lte=Now())
            .exists()
        )
        if still:
            _close(key, Reservation.Status.EXPIRED, "expired", None)
    return still


def _close(key: UUID, status: str, reason: str, actor: int | None) -> None:
    done = _function(
        "SELECT inventory_close(%(key)s, %(status)s, %(reason)s, %(actor)s)",
        {"key": key, "status": str(status), "reason": reason[:40], "actor": actor},
    )
    if done is None:
        raise NoSuchReservationError(f"no reservation has the key {key}")


# --- single stock rows ------------------------------------------------------------------------


def adjust(
    stock_id: int,
    delta: int,
    reason: str,
    reference: Reference = NOTHING,
    kind: MovementType = MovementType.ADJUSTMENT,
) -> int:
    """Change what is on hand of one lot at one place.

    Args:
        stock_id: the stock row.
        delta: units that came (positive) or went.
        reason: for the ledger.
        reference: what it belongs to and who did it.
        kind: the kind of movement.

    Returns:
        What is on hand then.

    Raises:
        InsufficientStockError: fewer units are free than go.
        InventoryError: there is no such row.
    """
    after = _function(
        "SELECT inventory_move(%(stock)s, %(delta)s, 0, %(kind)s, %(type)s, %(id)s, %(reason)s,"
        " %(actor)s)",
        {
            "stock": stock_id,
            "delta": delta,
            "kind": str(kind),
            "type": reference.type,
            "id": reference.id,
            "reason": reason[:120],
            "actor": reference.actor,
        },
    )
    if after is None:
        raise InventoryError(f"there is no stock {stock_id}")
    return int(after)


@transaction.atomic
def destroy(stock: Stock, quantity: int, reason: str, method: str, certificate: str,
            actor: int | None = None) -> Destruction:  # fmt: skip
    """Destroy units, and record it as the AGCO asks.

    Raises:
        InsufficientStockError: fewer units are free than are to be destroyed.
    """
    adjust(
        stock.pk, -quantity, reason, Reference("destruction", certificate, actor),
        MovementType.DESTRUCTION,
    )  # fmt: skip
    return Destruction.objects.create(
        inventory=stock, store_id=stock.store_id, sku=stock.sku, quantity=quantity,
        reason=reason, method=method, certificate_number=certificate, witness_id=actor,
    )  # fmt: skip


def quarantine(sku: str, lot: str) -> int:
    """Keep a lot from being sold, everywhere; returns how many stock rows that is."""
    return _hold(sku, lot, LotStatus.QUARANTINE)


@transaction.atomic
def recall(
    sku: str, lot: str, *, severity: str = "II", notice: str = "", instructions: str = ""
) -> selectors.Trace:
    """Call a lot back: nothing of it is sold from now on, reserved or not.

    Args:
        sku: which product.
        lot: which lot of it.
        severity: Health Canada's class, I to III.
        notice: number of the notice.
        instructions: what shops have to do.

    Returns:
        Where the units are, who has reserved some, and whom some were sold to.

    Raises:
        InventoryError: no stock row ever held that lot.
    """
    stock = Stock.objects.filter(sku=sku, batch_lot=lot).order_by("pk").first()
    if stock is None:
        raise InventoryError(f"{sku} was never here with lot {lot}")
    _hold(sku, lot, LotStatus.RECALLED)
    Recall.objects.get_or_create(
        sku=sku,
        lot_number=lot,
        defaults={
            "product_id": stock.product_id,
            "severity": severity,
            "notice_number": notice,
            "instructions": instructions,
            "announced_at": timezone.now(),
        },
    )
    return selectors.trace(sku, lot)


@transaction.atomic
def _hold(sku: str, lot: str, status: LotStatus) -> int:
    rows = Stock.objects.select_for_update().filter(sku=sku, batch_lot=lot).order_by("pk")
    keys = list(rows.values_list("pk", flat=True))
    Lot.objects.filter(sku=sku, lot_number=lot).update(status=status)
    return Stock.objects.filter(pk__in=keys).update(lot_status=status)
