"""What follows upon money that was held or taken: capture, void and refund, by who holds it."""

from __future__ import annotations

from payments.calls import Kind, Status, call, own_transaction, sent
from payments.capabilities import CAPABILITIES, require
from payments.errors import (
    CaptureTooLargeError,
    PaymentError,
    RefundTooLargeError,
    RequestReusedError,
)
from payments.models import Dispute, Operation, Transaction
from payments.money import Money
from payments.outcomes import hold_capture, hold_refund, left_to_capture
from payments.providers import adapter
from weedgo.store.models import Order

UNDER_WAY = [Status.SENT, Status.UNKNOWN]


def capture(order: Order, money: Money, request_key: str, actor: int | None = None) -> Operation:
    """Take some or all of what an order's authorization holds.

    Args:
        order: one whose payment is authorized.
        money: how much; what is left can be taken later, where the method allows it.
        request_key: the caller's; the same key is the same capture.
        actor: the user who asked for it.

    Raises:
        InsideTransactionError: a transaction is open.
        CaptureTooLargeError: more would come in than is held and not asked for yet.
        RequestReusedError: the key has asked for another amount.
        NotSupportedError: the method cannot take less than is held.
        PaymentError: nothing is held.
    """
    with own_transaction():
        payment = _payment(order)
        known = _known(payment, Kind.CAPTURE, request_key, money)
        if known is not None:
            return known
        held = _authorization(payment)
        if held.followers.filter(
            kind=Kind.VOID, status__in=[*UNDER_WAY, Status.SUCCEEDED]
        ).exists():
            raise PaymentError(f"order {order}: the authorization is being let go")
        left = left_to_capture(held)
        if money.minor <= 0 or money.minor > left or money.currency != payment.currency:
            raise CaptureTooLargeError(
                f"order {order}: {money} cannot be taken, {Money(left, payment.currency)} is held"
            )
        able = CAPABILITIES[payment.method].partial_capture
        require(payment.method, "take less than is held", able=able or money.minor == left)
        hold_capture(payment, money.minor)
        operation = _follow(payment, held, Kind.CAPTURE, money, request_key, actor)
    call(operation, adapter(operation.provider))
    return operation


def void(order: Order, request_key: str, actor: int | None = None) -> Operation:
    """Let go what an order's authorization holds, of which nothing has been taken.

    Raises:
        InsideTransactionError: a transaction is open.
        NotSupportedError: the method cannot.
        PaymentError: nothing is held, or some of it has been taken or asked for.
    """
    with own_transaction():
        payment = _payment(order)
        held = _authorization(payment)
        money = Money(held.amount_minor, held.currency)
        known = _known(payment, Kind.VOID, request_key, money)
        if known is not None:
            return known
        require(payment.method, "let go what it holds", able=CAPABILITIES[payment.method].void)
        if left_to_capture(held) != held.amount_minor:
            raise PaymentError(f"order {order}: some of what is held has been taken; refund it")
        if held.followers.filter(kind=Kind.VOID, status__in=UNDER_WAY).exists():
            raise PaymentError(f"order {order}: the authorization is being let go already")
        operation = _follow(payment, held, Kind.VOID, money, request_key, actor)
    call(operation, adapter(operation.provider))
    return operation


def refund(
    order: Order, money: Money, request_key: str, actor: int | None = None, *,
    card_present: bool = False,
) -> Operation:  # fmt: skip
    """Give back some or all of what an order has paid, by the provider that took it.

    Args:
        order: a paid order.
        money: how much; of partial captures at most what one of them took.
        request_key: the caller's; the same key is the same refund.
        actor: the user who asked for it.
        card_present: the card is at the terminal, which Interac asks for.

    Raises:
        InsideTransactionError: a transaction is open.
        RefundTooLargeError: more would go back than came in.
        RequestReusedError: the key has asked for another amount.
        NotSupportedError: the method gives back only to a present card.
        PaymentError: nothing was paid.
    """
    with own_transaction():
        payment = _payment(order)
        known = _known(payment, Kind.REFUND, request_key, money)
        if known is not None:
            return known
        needs_card = CAPABILITIES[payment.method].refund_needs_card
        require(payment.method, "give back without the card", able=card_present or not needs_card)
        taken = _taken(payment, money)
        hold_refund(payment, money.minor)
        operation = _follow(payment, taken, Kind.REFUND, money, request_key, actor)
    call(operation, adapter(operation.provider), card_present=card_present)
    return operation


def _payment(order: Order) -> Transaction:
    payment = Transaction.objects.select_for_update().filter(order=order).first()
    if payment is None:
        raise PaymentError(f"order {order} has paid nothing")
    return payment


def _known(payment: Transaction, kind: Kind, request_key: str, money: Money) -> Operation | None:
    known = payment.operations.filter(kind=kind, request_key=request_key).first()
    if known is not None and Money(known.amount_minor, known.currency) != money:
        raise RequestReusedError(
            f"the {kind} {request_key} was of {Money(known.amount_minor, known.currency)}, "
            f"not of {money}"
        )
    return known


def _authorization(payment: Transaction) -> Operation:
    held = payment.operations.filter(kind=Kind.AUTHORIZE, status=Status.SUCCEEDED).first()
    if held is None:
        raise PaymentError(f"order {payment.order}: nothing is held to be taken")
    return held


def _taken(payment: Transaction, money: Money) -> Operation:
    """Return what took the money that is to go back.

    Raises:
        RefundTooLargeError: no single one took so much that has not gone back.
        PaymentError: nothing was taken.
    """
    takings = payment.operations.filter(
        kind__in=[Kind.CHARGE, Kind.CAPTURE], status=Status.SUCCEEDED
    ).order_by("created_at", "pk")
    if not takings:
        raise PaymentError(f"order {payment.order} has paid nothing")
    left = {taking: max(taking.amount_minor - _given_back(taking), 0) for taking in takings}
    if money.minor > 0 and money.currency == payment.currency:
        for taking, minor in left.items():
            if minor >= money.minor:
                return taking
    most = Money(max(left.values()), payment.currency)
    raise RefundTooLargeError(
        f"order {payment.order}: {money} cannot go back, {most} can"
        + (" at once, for it was taken in parts" if len(left) > 1 else "")
        + (", for the customer's bank disputes the rest" if any(map(_disputed, left)) else "")
    )


def _given_back(taking: Operation) -> int:
    """Return what went back, or may have gone: by refunds, and to the customer's bank."""
    refunds = taking.followers.filter(kind=Kind.REFUND, status__in=[*UNDER_WAY, Status.SUCCEEDED])
    return sum(refunds.values_list("amount_minor", flat=True)) + _disputed(taking)


def _disputed(taking: Operation) -> int:
    """Return what the customer's bank has taken back or may keep, in cents."""
    against_us = taking.disputes.exclude(status=Dispute.Status.WON)
    return max(against_us.values_list("amount_minor", flat=True), default=0)


def _follow(
    payment: Transaction, parent: Operation, kind: Kind, money: Money, request_key: str,
    actor: int | None,
) -> Operation:  # fmt: skip
    # Whether there is an adapter is known before anything is committed.
    adapter(parent.provider)
    operation = sent(payment, parent.provider, kind, money, request_key, parent=parent)
    if actor is not None:
        Operation.objects.filter(pk=operation.pk).update(requested_by_id=actor)
    return operation
