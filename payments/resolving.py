"""Operations whose outcome nobody stored: looked up, and sent again only where that is safe."""

from __future__ import annotations

from django.utils import timezone

from payments import selectors
from payments.calls import (
    CALL_TIMEOUT,
    CHECKS,
    Ask,
    Kind,
    Status,
    failed,
    finish,
    money_in,
    own_transaction,
)
from payments.models import Operation
from payments.money import Money
from payments.providers import Adapter, NotSentError, Request, UnknownOutcomeError, adapter


def resolve_due(limit: int = 100) -> int:
    """Look up operations whose outcome nobody stored; each worker takes others.

    Where the provider never heard of one and knows a key again, the request is sent again with
    the same key, so long as the key holds. Otherwise it stays unknown and is looked up later;
    `selectors.exceptions` shows what a person has to see.

    Args:
        limit: how many at most.

    Returns:
        How many came to an end.

    Raises:
        InsideTransactionError: a transaction is open.
    """
    ended = 0
    for _ in range(limit):
        operation = _claim()
        if operation is None:
            break
        _resolve(operation)
        ended += operation.status not in (Status.SENT, Status.UNKNOWN)
    return ended


def _claim() -> Operation | None:
    """Take the most urgent; it is not due again while it is looked up."""
    with own_transaction():
        operation = (
            selectors.due_operations()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("provider", "transaction")
            .first()
        )
        if operation is not None:
            operation.checks += 1
            operation.status = Status.UNKNOWN
            operation.next_check_at = timezone.now() + CALL_TIMEOUT + CHECKS[0]
            operation.save(update_fields=["checks", "status", "next_check_at"])
        return operation


def _resolve(operation: Operation) -> None:
    wire: Adapter = adapter(operation.provider)
    try:
        answer = wire.lookup(operation.provider_key)
    except (NotSentError, UnknownOutcomeError) as error:
        with own_transaction():
            failed(operation, Status.UNKNOWN, str(error))
        return
    if answer is not None:
        with own_transaction():
            finish(operation, answer)
    elif _may_resend(operation):
        _resend(operation, wire)
    else:
        with own_transaction():
            failed(operation, Status.UNKNOWN, "the provider does not know of it")


def _may_resend(operation: Operation) -> bool:
    provider = operation.provider
    age = timezone.now() - operation.created_at
    return provider.deduplicates and age + CALL_TIMEOUT < provider.key_window


def _resend(operation: Operation, wire: Adapter) -> None:
    money = Money(operation.amount_minor, operation.currency)
    method = operation.transaction.method
    if operation.kind == Kind.REFUND:
        reference = money_in(operation.transaction).provider_reference
        request = Request(operation.provider_key, money, method, reference)
        _resent(operation, wire.refund, request)
    else:
        request = Request(operation.provider_key, money, method)
        _resent(operation, wire.charge, request)


def _resent(operation: Operation, ask: Ask, request: Request) -> None:
    """As a call; but what was not sent now may have been sent before."""
    try:
        answer = ask(request)
    except (NotSentError, UnknownOutcomeError) as error:
        with own_transaction():
            failed(operation, Status.UNKNOWN, str(error))
        return
    with own_transaction():
        finish(operation, answer)
