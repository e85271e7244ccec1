"""Changing stock: corrections, destruction, lots that may not be sold."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from inventory import selectors
from inventory.errors import InventoryError
from inventory.models import Destruction, Lot, LotStatus, MovementType, Recall, Stock
from inventory.services.calls import NOTHING, Reference, function


def lock(keys: Iterable[int]) -> None:
    """Lock stock rows in the order in which everybody locks them.

    Whoever changes several rows in one transaction locks them all by one call, before it changes
    any: who locks more of them later may be waited for by those that it then waits for.
    """
    rows = Stock.objects.select_for_update().filter(pk__in=set(keys)).order_by("pk")
    list(rows.values_list("pk"))


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
    after = function(
        "SELECT inventory_move(%(stock)s, %(delta)s, %(label)s::jsonb)",
        {"stock": stock_id, "delta": delta, "label": reference.label(kind, reason)},
    )
    if after is None:
        raise InventoryError(f"there is no stock {stock_id}")
    return int(after)


@transaction.atomic
def destroy(
    stock: Stock,
    quantity: int,
    reason: str,
    method: str,
    certificate: str,
    actor: int | None = None,
    second_witness: int | None = None,
) -> Destruction:
    """Destroy units, and record it as the AGCO asks.

    Args:
        stock: of which row.
        quantity: how many units.
        reason: why, such as `expired`.
        method: how, such as `composted`.
        certificate: the number of its certificate; no two destructions have the same.
        actor: the user who saw it done.
        second_witness: another one.

    Raises:
        InsufficientStockError: fewer units are free than are to be destroyed.
        InventoryError: nothing is destroyed, or reason, method or certificate is missing, or the
            certificate is of another destruction.
    """
    if quantity <= 0 or not (reason.strip() and method.strip() and certificate.strip()):
        raise InventoryError("a destruction has units, a reason, a method and a certificate")
    if Destruction.objects.filter(certificate_number=certificate).exists():
        raise InventoryError(f"the certificate {certificate} is of another destruction")
    adjust(
        stock.pk, -quantity, reason, Reference("destruction", certificate, actor),
        MovementType.DESTRUCTION,
    )  # fmt: skip
    weight = stock.product.net_weight_g
    return Destruction.objects.create(
        inventory=stock, store_id=stock.store_id, sku=stock.sku, quantity=quantity,
        reason=reason, method=method, certificate_number=certificate, witness_id=actor,
        second_witness_id=second_witness, weight_g=None if weight is None else weight * quantity,
    )  # fmt: skip


def quarantine(sku: str, lot: str) -> int:
    """Keep a lot from being sold, everywhere; returns how many stock rows that is."""
    return _hold(sku, lot, LotStatus.QUARANTINE, [LotStatus.SELLABLE, LotStatus.EXPIRED])


def lift_quarantine(sku: str, lot: str) -> int:
    """Let a lot be sold again, everywhere; one that was recalled stays recalled."""
    return _hold(sku, lot, LotStatus.SELLABLE, [LotStatus.QUARANTINE])


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
    _hold(sku, lot, LotStatus.RECALLED, list(LotStatus))
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
def _hold(sku: str, lot: str, status: LotStatus, of: list[LotStatus]) -> int:
    rows = Stock.objects.select_for_update().filter(sku=sku, batch_lot=lot, lot_status__in=of)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    Lot.objects.filter(sku=sku, lot_number=lot, status__in=of).update(status=status)
    return Stock.objects.filter(pk__in=keys).update(lot_status=status)
