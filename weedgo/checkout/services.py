"""Placing an order: stock is held, the money taken, and then the units are sold or let go.

Three systems take part, and any of them may fail between any two steps. So an order is placed in
steps that each may be repeated, told by the checkout's one key:

1. in one transaction: the order with its lines and sums, and the reservation of its units;
2. outside any transaction: the charge, see `payments.services`;
3. in one transaction: `settle`, which goes by what the charge came to.

A crash after 1 or 2 leaves a pending order that `settle_pending` brings to its end.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from inventory import selectors as stock
from inventory import services as inventory
from inventory.errors import InsufficientStockError, NotSellableError, ReservationClosedError
from inventory.models import Location, Reservation
from payments import services as payments
from payments.errors import NoProviderError
from payments.models import Operation, Transaction
from payments.money import Money
from weedgo.checkout.errors import CheckoutError, KeyReusedError
from weedgo.store.errors import PromotionError
from weedgo.store.models import Customer, Order, OrderItem, Product
from weedgo.store.services import apply_code
from weedgo.store.services.orders import retotal

log = logging.getLogger(__name__)

# For how long units are held while somebody pays, and while nobody knows whether they did.
HOLD = timedelta(minutes=15)
HOLD_UNKNOWN = timedelta(hours=2)
# A checkout that is older than this has crashed, unless its payment is under way.
STALE = timedelta(minutes=20)
NAMESPACE = UUID("6c9f2f0e-6a4e-4d4e-9a53-0f3b1c5a7e11")
Status = Order.Status
Payment = Order.Payment


@dataclass(frozen=True)
class Item:
    """Units of a product that somebody orders."""

    product: Product
    quantity: int


def place_order(
    key: UUID,
    location: Location,
    items: Sequence[Item],
    method: str,
    customer: Customer | None = None,
    code: str = "",
) -> Order:
    """Place an order and pay for it; the same key is the same order, however often it is asked for.

    Args:
        key: the caller's, made once for a checkout.
        location: where the units are taken from; its shop sells them.
        items: what; a product that is named twice is added up.
        method: card, interac, wallet or cash.
        customer: who, where that is known.
        code: a discount code.

    Returns:
        The order: confirmed and paid; cancelled, where the payment was declined; or pending, where
        nobody knows yet whether the payment was made (`settle_pending` finds out).

    Raises:
        CheckoutError: nothing is ordered, a product is not sold, or the code does not hold.
        InsufficientStockError: units are missing; there is no order.
        KeyReusedError: the key has ordered something else.
        InsideTransactionError: a transaction is open.
    """
    order = _start(key, location, _added_up(items), customer, code)
    if order.status == Status.PENDING:
        try:
            payments.charge(order, _price(order), method, f"checkout:{key}")
        except NoProviderError:
            _give_up(order, "no provider")
            raise
        order = settle(order)
    return order


def _added_up(items: Sequence[Item]) -> dict[int, int]:
    wanted: dict[int, int] = {}
    for item in items:
        if item.quantity <= 0:
            raise CheckoutError(f"{item.product}: {item.quantity} units cannot be ordered")
        wanted[item.product.pk] = wanted.get(item.product.pk, 0) + item.quantity
    if not wanted:
        raise CheckoutError("an order needs a line")
    return dict(sorted(wanted.items()))


def _price(order: Order) -> Money:
    return Money(order.total_minor + order.tip_minor, order.currency)


# --- step 1 -----------------------------------------------------------------------------------


def _start(
    key: UUID, location: Location, wanted: dict[int, int], customer: Customer | None, code: str
) -> Order:
    known = _known(key, wanted)
    if known is not None:
        return known
    with transaction.atomic():
        order, new = Order.objects.get_or_create(
            checkout_key=key,
            defaults={
                "order_number": f"W{timezone.now():%y%m%d}-{uuid4().hex[:10].upper()}",
                "store_id": location.store_id,
                "customer": customer,
            },
        )
        if new:
            _add_lines(order, wanted)
            retotal(order, timezone.localdate(timezone=ZoneInfo(order.store.time_zone)))
            if code:
                _redeem(order, code)
            lines = [inventory.Line(item.sku, item.quantity) for item in order.items.all()]
            inventory.reserve(key, location, lines, HOLD)
            order.refresh_from_db()
            return order
    known = _known(key, wanted)
    assert known is not None
    return known


def _known(key: UUID, wanted: dict[int, int]) -> Order | None:
    order = Order.objects.filter(checkout_key=key).first()
    if order is None:
        return None
    if dict(order.items.values_list("product_id", "quantity")) != wanted:
        raise KeyReusedError(f"the checkout {key} has ordered something else: {order}")
    return order


def _add_lines(order: Order, wanted: dict[int, int]) -> None:
    products = Product.objects.filter(pk__in=wanted, is_active=True).in_bulk()
    for product_id, quantity in wanted.items():
        product = products.get(product_id)
        if product is None:
            raise CheckoutError(f"product {product_id} is not sold")
        OrderItem.objects.create(
            order=order,
            product=product,
            sku=product.sku,
            product_name=product.name,
            quantity=quantity,
            unit_price_minor=product.retail_price_minor,
            unit_cost_minor=product.unit_cost_minor,
            line_total_minor=quantity * product.retail_price_minor,
        )


def _redeem(order: Order, code: str) -> None:
    try:
        apply_code(order, code)
    except PromotionError as error:
        raise CheckoutError(str(error)) from error


# --- step 3 -----------------------------------------------------------------------------------


def settle(order: Order) -> Order:
    """Bring a pending order to what its payment came to; again is no change.

    Paid: the units are sold. Declined or never sent: they are let go. Unknown: they are held on.
    Paid, but the units are gone (held for too long, or recalled meanwhile): the order is
    cancelled and the money goes back.

    Raises:
        InsideTransactionError: a transaction is open, and money has to go back.
    """
    with transaction.atomic():
        standing = Order.objects.select_for_update().get(pk=order.pk)
        if standing.status == Status.PENDING:
            _settle(standing)
    if standing.status == Status.CANCELLED and standing.payment_status == Payment.PAID:
        standing = _pay_back(standing)
    return standing


def _settle(order: Order) -> None:
    operation = _last_charge(order)
    if operation is None:
        return
    if operation.status == Operation.Status.SUCCEEDED:
        _sell(order)
    elif operation.status in (Operation.Status.SENT, Operation.Status.UNKNOWN):
        Reservation.objects.filter(
            pk=order.checkout_key, status="active", expires_at__lt=timezone.now() + HOLD_UNKNOWN / 2
        ).update(expires_at=timezone.now() + HOLD_UNKNOWN)
    else:
        _let_go(order)
        _store(order, Status.CANCELLED, Payment.FAILED, operation.failure_code or "not paid")


def _last_charge(order: Order) -> Operation | None:
    """The charge that counts: the one that may have taken money, else the last."""
    charges = Operation.objects.filter(order=order, kind="charge").order_by("-created_at", "-pk")
    taken = charges.filter(status__in=["pending", "sent", "unknown", "succeeded"]).first()
    return taken or charges.first()


def _sell(order: Order) -> None:
    reference = inventory.Reference("order", order.order_number)
    try:
        with transaction.atomic():
            _commit(order, reference)
    except (InsufficientStockError, NotSellableError) as error:
        log.warning("order %s is paid, but cannot be sold: %s", order, error)
        _let_go(order)
        _store(order, Status.CANCELLED, Payment.PAID, "out of stock")
        return
    _store(order, Status.CONFIRMED, Payment.PAID)
    _note_lots(order)
    if order.customer_id:
        Customer.objects.filter(pk=order.customer_id).update(last_order_at=order.placed_at)


def _note_lots(order: Order) -> None:
    """Write the lot on each line that one lot served; the ledger has them all."""
    lots: dict[str, set[str]] = {}
    for origin in stock.trace_order(order):
        lots.setdefault(origin.sku, set()).add(origin.lot)
    for sku, found in lots.items():
        if len(found) == 1:
            OrderItem.objects.filter(order=order, sku=sku).update(batch_lot=found.pop())


def _commit(order: Order, reference: inventory.Reference) -> None:
    """Sell what is held; what was held for too long is held once more, if it is still there."""
    try:
        with transaction.atomic():
            inventory.commit(order.checkout_key, reference)
            return
    except ReservationClosedError:
        pass
    location = Reservation.objects.select_related("location").get(pk=order.checkout_key).location
    key = uuid5(NAMESPACE, str(order.checkout_key))
    lines = [inventory.Line(item.sku, item.quantity) for item in order.items.all()]
    inventory.reserve(key, location, lines)
    inventory.commit(key, reference)


def _let_go(order: Order) -> None:
    try:
        with transaction.atomic():
            inventory.release(order.checkout_key, "not sold")
    except ReservationClosedError:
        # It has expired: nothing is held any more.
        pass


def _store(order: Order, status: str, payment: str, reason: str = "") -> None:
    order.status = status
    order.payment_status = payment
    order.cancelled_reason = reason
    order.save(update_fields=["status", "payment_status", "cancelled_reason"])


def _pay_back(order: Order) -> Order:
    """Give back what a cancelled order has paid."""
    paid = Transaction.objects.get(order=order)
    money = Money(paid.captured_minor, paid.currency)
    operation = payments.refund(order, money, f"cancelled:{order.checkout_key}")
    if operation.status == Operation.Status.SUCCEEDED:
        Order.objects.filter(pk=order.pk).update(payment_status=Payment.REFUNDED)
        order.refresh_from_db()
    return order


# --- what crashed -----------------------------------------------------------------------------


def settle_pending(limit: int = 100) -> int:
    """Bring orders to their end whose checkout crashed or whose payment was unknown.

    Args:
        limit: how many at most.

    Returns:
        How many came to an end.
    """
    payments.resolve_due(limit)
    ended = 0
    for order in list(_unsettled()[:limit]):
        after = settle(order)
        if after.status == Status.PENDING and _last_charge(after) is None:
            _give_up(after, "not paid")
            after.refresh_from_db()
        ended += (after.status, after.payment_status) != (order.status, order.payment_status)
    return ended


def _unsettled() -> list[Order]:
    """Pending ones whose charge has ended or never began, and those whose money is to go back.

    Orders that hold no units were made by others and are theirs.
    """
    before = timezone.now() - STALE
    ours = Order.objects.filter(checkout_key__in=Reservation.objects.values("pk"))
    charged = Operation.objects.filter(kind="charge")
    ended = charged.filter(status__in=["succeeded", "declined", "not_sent"])
    pending = ours.filter(payment_status="unpaid", status="pending")
    known = pending.filter(pk__in=ended.values("order_id"))
    never = pending.filter(placed_at__lt=before).exclude(pk__in=charged.values("order_id"))
    back = ours.filter(payment_status="paid", status="cancelled")
    return [*known.order_by("placed_at"), *never.order_by("placed_at"), *back.order_by("placed_at")]


@transaction.atomic
def _give_up(order: Order, reason: str) -> None:
    """Cancel an order that nobody has been asked to pay; a charge locks the order too."""
    standing = Order.objects.select_for_update().get(pk=order.pk)
    if standing.status == Status.PENDING and _last_charge(standing) is None:
        _let_go(standing)
        _store(standing, Status.CANCELLED, Payment.FAILED, reason)
