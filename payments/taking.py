"""Taking money: at once, or held first and taken later. Whatever fails, at most once per order.

A crash in the midst of a charge leaves an operation that is `sent`, with a time at which
`resolve_due` looks it up. Nothing here works inside the transaction of a caller, whose rollback
would forget a charge.
"""

from __future__ import annotations

from dataclasses import dataclass

from payments import breaker, routing, scrubbing
from payments.calls import Kind, Status, call, own_transaction, sent
from payments.capabilities import CAPABILITIES, method_named, require
from payments.errors import PaymentError, ProvidersDownError, RequestReusedError
from payments.models import Method, Operation, Provider, Transaction
from payments.money import Money
from payments.providers import adapter
from weedgo.store.models import Order

LIVE = [Status.PENDING, Status.SENT, Status.UNKNOWN, Status.SUCCEEDED]


def charge(
    order: Order, money: Money, method: str, request_key: str, source: str = ""
) -> Operation:
    """Take the payment of an order.

    Args:
        order: a pending order.
        money: what it costs.
        method: card, interac, wallet or cash.
        request_key: the caller's; the same key is the same charge, however often it is asked for.
        source: the provider's token of the card, where there is no terminal; never its number.

    Returns:
        The operation: succeeded, declined, unknown (it will be looked up), sent (another caller
        is at it) or not_sent (no provider could be reached).

    Raises:
        InsideTransactionError: a transaction is open.
        NoProviderError: nobody takes that method and currency.
        ProvidersDownError: those who do are left alone for a while; nothing was asked.
        RequestReusedError: the order has been asked for another amount or by another method.
        PaymentError: the order is not to be paid any more, or is being paid by another request.
    """
    asked = _Asked(order, money, method_named(method), request_key, Kind.CHARGE, source)
    return _take(asked)


def authorize(
    order: Order, money: Money, method: str, request_key: str, source: str = ""
) -> Operation:
    """Hold the payment of an order, to be captured or voided later.

    Takes, returns and raises what `charge` does, and NotSupportedError for a method that cannot.
    """
    known = method_named(method)
    require(known, "hold money to take it later", able=CAPABILITIES[known].authorize)
    return _take(_Asked(order, money, known, request_key, Kind.AUTHORIZE, source))


@dataclass(frozen=True)
class _Asked:
    """What a caller asks for."""

    order: Order
    money: Money
    method: Method
    request_key: str
    kind: Kind
    source: str


def _take(asked: _Asked) -> Operation:
    """Ask one provider after another, so long as those before certainly took nothing."""
    _require_no_card(asked)
    operation = _last(asked)
    if operation is not None and not operation.may_fail_over:
        _same(operation, asked)
        return operation
    for provider in routing.candidates(asked.method, asked.money.currency):
        admitted = breaker.admit(provider, asked.method)
        if admitted is None:
            continue
        wire = adapter(provider)
        operation, new = _begin(asked, provider)
        if new:
            call(operation, wire, admitted.probe)
        if not operation.may_fail_over:
            return operation
    if operation is None:
        raise ProvidersDownError(
            f"order {asked.order}: all who take {asked.method} in {asked.money.currency} are "
            f"failing; nothing was asked, try again in {int(breaker.REST.total_seconds())} s"
        )
    return operation


def _begin(asked: _Asked, provider: Provider) -> tuple[Operation, bool]:
    """Commit what is about to be asked; return it and whether it is new.

    What stands already is the answer: the request's last operation, unless another provider may be
    asked and this one has not been.
    """
    with own_transaction():
        order = Order.objects.select_for_update().get(pk=asked.order.pk)
        payment = _payment(order, asked.money, asked.method)
        before = list(
            payment.operations.filter(kind=asked.kind, request_key=asked.request_key).order_by(
                "attempt"
            )
        )
        if before and not before[-1].may_fail_over:
            return before[-1], False
        for operation in before:
            if operation.provider_id == provider.pk:
                return operation, False
        _require_unpaid(order, payment)
        new = sent(
            payment, provider, asked.kind, asked.money, asked.request_key,
            attempt=len(before) + 1, source=asked.source,
        )  # fmt: skip
        return new, True


def _require_unpaid(order: Order, payment: Transaction) -> None:
    if order.status != Order.Status.PENDING:
        raise PaymentError(f"order {order} is {order.status}: it is not paid any more")
    live = payment.operations.filter(
        kind__in=[Kind.CHARGE, Kind.AUTHORIZE], status__in=LIVE
    ).first()
    if live is not None:
        raise PaymentError(f"order {order} has a payment that is {live.status} already")


def _require_no_card(asked: _Asked) -> None:
    for name, value in (("request_key", asked.request_key), ("source", asked.source)):
        if scrubbing.text(value) != value:
            raise PaymentError(f"{name} holds a card's number; it takes a key or token instead")


def _last(asked: _Asked) -> Operation | None:
    before = Operation.objects.filter(
        order=asked.order, kind=asked.kind, request_key=asked.request_key
    )
    return before.select_related("transaction").order_by("-attempt").first()


def _same(operation: Operation, asked: _Asked) -> None:
    before = Money(operation.amount_minor, operation.currency)
    if (before, operation.transaction.method) != (asked.money, asked.method):
        raise RequestReusedError(
            f"the request {operation.request_key} was of {before} by "
            f"{operation.transaction.method}, not of {asked.money} by {asked.method}"
        )


def _payment(order: Order, money: Money, method: str) -> Transaction:
    """Return the payment of a locked order, made at its first request."""
    if money.minor <= 0:
        raise PaymentError(f"order {order}: {money} cannot be taken")
    payment, _ = Transaction.objects.get_or_create(
        order=order,
        defaults={
            "store_id": order.store_id,
            "method": method,
            "amount_minor": money.minor,
            "currency": money.currency,
        },
    )
    asked = Money(payment.amount_minor, payment.currency), payment.method
    if asked != (money, method):
        raise RequestReusedError(
            f"order {order} was to be paid {asked[0]} by {asked[1]}, not {money} by {method}"
        )
    return payment
