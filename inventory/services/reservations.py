"""Holding units for carts and orders, and selling them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models.functions import Now

from inventory import selectors
from inventory.errors import InventoryError, NoSuchReservationError
from inventory.models import Location, MovementType, Reservation
from inventory.services.calls import NOTHING, Reference, function

TTL = timedelta(minutes=15)
Status = Reservation.Status


@dataclass(frozen=True)
class Line:
    """Units of a SKU that are wanted."""

    sku: str
    quantity: int


def reserve(
    key: UUID, location: Location, lines: Iterable[Line], ttl: timedelta = TTL
) -> Reservation:
    """Hold units at a location until they are sold or let go; all of them or none.

    Lots go first expired, first out. The same key with the same lines is the same reservation.
    Units whose reservation has run out are taken even if nobody has let them go yet.

    Args:
        key: the caller's, made once for what it wants to hold.
        location: where.
        lines: what; a SKU that is named twice is added up.
        ttl: for how long.

    Raises:
        InsufficientStockError: some units are missing; nothing is held.
        KeyReusedError: the key has reserved something else.
        NotSellableError: nothing is sold from that location.
        InventoryError: nothing is asked for.
    """
    wanted = added_up(lines)
    asked = json.dumps([{"sku": sku, "quantity": units} for sku, units in wanted.items()])
    digest = hashlib.sha256(f"{location.pk} {asked}".encode()).hexdigest()
    standing = function(
        "SELECT inventory_reserve(%(key)s, %(location)s, %(digest)s, %(skus)s, %(units)s, %(ttl)s)",
        {
            "key": key,
            "location": location.pk,
            "digest": digest,
            "skus": list(wanted),
            "units": list(wanted.values()),
            "ttl": ttl,
        },
    )
    return _reservation(key, location, digest, json.loads(standing))


def _reservation(key: UUID, location: Location, digest: str, standing: Any) -> Reservation:
    """The row as the function returned it, without reading it once more."""
    times = {
        name: value and datetime.fromisoformat(value)
        for name, value in standing.items()
        if name.endswith("_at")
    }
    values = {"key": key, "location_id": location.pk, "digest": digest, **standing, **times}
    names = [field.attname for field in Reservation._meta.concrete_fields]
    made = Reservation.from_db(DEFAULT_DB_ALIAS, names, [values[name] for name in names])
    made.location = location
    return made


def added_up(lines: Iterable[Line]) -> dict[str, int]:
    """Return the units by SKU, in the order of the SKUs.

    Raises:
        InventoryError: nothing is asked for, or less than one unit.
    """
    wanted: dict[str, int] = {}
    for line in lines:
        if line.quantity <= 0:
            raise InventoryError(f"{line.sku}: {line.quantity} units cannot be reserved")
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    if not wanted:
        raise InventoryError("a reservation needs a line")
    return dict(sorted(wanted.items()))


def extend(key: UUID, ttl: timedelta = TTL) -> Reservation:
    """Hold a reservation's units for so long from now.

    Raises:
        NoSuchReservationError: no active reservation has that key.
    """
    changed = Reservation.objects.filter(pk=key, status=Status.ACTIVE).update(
        expires_at=Now() + ttl
    )
    if not changed:
        raise NoSuchReservationError(f"no active reservation has the key {key}")
    return Reservation.objects.get(pk=key)


def commit(key: UUID, reference: Reference = NOTHING) -> None:
    """Take the units of a reservation off the stock: they are sold. Again is no change.

    Args:
        key: of the reservation.
        reference: what the sale belongs to, such as an order; by default the reservation.

    Raises:
        NoSuchReservationError: no reservation has that key.
        ReservationClosedError: it was released or has expired.
        NotSellableError: a lot was recalled or put into quarantine meanwhile.
    """
    _close(key, Status.COMMITTED, "sold", reference)


def release(key: UUID, reason: str = "released", actor: int | None = None) -> None:
    """Let the units of a reservation go. Again is no change.

    Raises:
        NoSuchReservationError: no reservation has that key.
        ReservationClosedError: it was sold or has expired.
    """
    _close(key, Status.RELEASED, reason, Reference(actor=actor))


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
            .filter(pk=key, status=Status.ACTIVE, expires_at__lte=Now())
            .exists()
        )
        if still:
            _close(key, Status.EXPIRED, "expired", NOTHING)
    return still


def _close(key: UUID, status: str, reason: str, reference: Reference) -> None:
    if not reference.type:
        reference = Reference("reservation", str(key), reference.actor, reference.at)
    kind = MovementType.SALE if status == Status.COMMITTED else MovementType.RELEASE
    done = function(
        "SELECT inventory_close(%(key)s, %(status)s, %(reason)s, %(label)s::jsonb)",
        {
            "key": key,
            "status": str(status),
            "reason": reason[:40],
            "label": reference.label(kind, reason),
        },
    )
    if done is None:
        raise NoSuchReservationError(f"no reservation has the key {key}")
