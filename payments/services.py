"""Charging and refunding, so that whatever fails nobody is charged twice.

A crash in the midst of a charge leaves an operation that is `sent`, with a time at which
`resolve_due` looks it up. Nothing here works inside the transaction of a caller, whose rollback
would forget a charge.
"""

from __future__ import annotations

from django.db.models import F

from payments import selectors
from payments.calls import Kind, Status, call, money_in, own_transaction, sent
from payments.errors import (
    NoProviderError,
    PaymentError,
    RefundTooLargeError,
    RequestReusedError,
)
from payments.models import Method, Operation, Provider, Transaction
from payments.money import Money
from payments.providers import Request, adapter
from payments.resolving import resolve_due
from weedgo.store.models import Order

__all__ = ["charge", "refund", "resolve_due"]


def charge(order: Order, money: Money, method: str, request_key: str) -> Operation:
    """Take the payment of an order.

    Args:
        order: a pending order.
        money: what it costs.
        method: card, interac, wallet or cash.
        request_key: the caller's; the same key is the same charge, however often it is asked for.

    Returns:
        The operation: succeeded, declined, unknown (it will be looked up), sent (another caller
        is at it) or not_sent (no provider could be reached).

    Raises:
        InsideTransactionError: a transaction is open.
        NoProviderError: nobody takes that method and currency.
        RequestReusedError: the order has been asked for another amount or by another method.
        PaymentError: the order is not to be paid any more, or is being paid by another request.
    """
    providers = selectors.providers_for(Method(method), money.currency)
    if not providers:
        raise NoProviderError(f"no active provider takes {method} in {money.currency}")
    operation: Operation | None = None
    for attempt, provider in enumerate(providers, 1):
        operation, new = _begin_charge(order, money, method, request_key, provider, attempt)
        if not new:
            if operation.status != Status.NOT_SENT:
                return operation
            continue
        request = Request(operation.provider_key, money, method)
        call(operation, adapter(provider).charge, request, method)
        # Another provider is asked only when this one certainly never heard of it.
        if operation.status != Status.NOT_SENT:
            break
    assert operation is not None
    return operation


def _begin_charge(
    order: Order, money: Money, method: str, request_key: str, provider: Provider, attempt: int
) -> tuple[Operation, bool]:
    with own_transaction():
        standing = Order.objects.select_for_update().get(pk=order.pk)
        payment, _ = Transaction.objects.get_or_create(
            order=standing,
            defaults={
                "store_id": standing.store_id,
                "method": method,
                "amount_minor": money.minor,
                "currency": money.currency,
            },
        )
        asked = Money(payment.amount_minor, payment.currency), payment.method
        if asked != (money, method):
            raise RequestReusedError(
                f"order {standing} was to be paid {asked[0]} by {asked[1]}, not {money} by {method}"
            )
        known = payment.operations.filter(
            kind=Kind.CHARGE, request_key=request_key, attempt=attempt
        ).first()
        if known is not None:
            return known, False
        if standing.status != Order.Status.PENDING:
            raise PaymentError(f"order {standing} is {standing.status}: it is not paid any more")
        live = payment.operations.filter(
            kind__in=[Kind.CHARGE, Kind.AUTHORIZE],
            status__in=[Status.PENDING, Status.SENT, Status.UNKNOWN, Status.SUCCEEDED],
        ).first()
        if live is not None:
            raise PaymentError(f"order {standing} has a payment that is {live.status} already")
        return sent(payment, provider, Kind.CHARGE, money, request_key, attempt), True


def refund(order: Order, money: Money, request_key: str, actor: int | None = None) -> Operation:
    """Give back some or all of what an order has paid, by the provider that took it.

    Args:
        order: a paid order.
        money: how much.
        request_key: the caller's; the same key is the same refund.
        actor: the user who asked for it.

    Raises:
        InsideTransactionError: a transaction is open.
        RefundTooLargeError: more would go back than came in.
        RequestReusedError: the key has asked for another amount.
        PaymentError: nothing was paid.
    """
    operation, new = _begin_refund(order, money, request_key, actor)
    if new:
        taken = money_in(operation.transaction)
        method = operation.transaction.method
        request = Request(operation.provider_key, money, method, taken.provider_reference)
        call(operation, adapter(operation.provider).refund, request, method)
    return operation


def _begin_refund(
    order: Order, money: Money, request_key: str, actor: int | None
) -> tuple[Operation, bool]:
    with own_transaction():
        payment = Transaction.objects.select_for_update().filter(order=order).first()
        if payment is None:
            raise PaymentError(f"order {order} has paid nothing")
        known = payment.operations.filter(kind=Kind.REFUND, request_key=request_key).first()
        if known is not None:
            if Money(known.amount_minor, known.currency) != money:
                raise RequestReusedError(f"refund {request_key} was of another amount than {money}")
            return known, False
        taken = money_in(payment)
        left = payment.captured_minor - payment.refunded_minor - payment.refund_pending_minor
        if money.minor <= 0 or money.minor > left or money.currency != payment.currency:
            raise RefundTooLargeError(
                f"order {order}: {money} cannot go back, {Money(left, payment.currency)} can"
            )
        Transaction.objects.filter(pk=payment.pk).update(
            refund_pending_minor=F("refund_pending_minor") + money.minor
        )
        operation = sent(payment, taken.provider, Kind.REFUND, money, request_key)
        Operation.objects.filter(pk=operation.pk).update(requested_by_id=actor)
        return operation, True
