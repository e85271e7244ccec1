"""Calling a provider, and storing what came of it.

A first transaction commits the operation with the key that the provider will know it by; the
provider is called outside any transaction; a second transaction stores what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from payments import breaker, health, scrubbing
from payments.errors import InsideTransactionError
from payments.models import Operation, Provider, Transaction
from payments.models.charges import OperationKind, OperationStatus
from payments.money import Money
from payments.outcomes import account_for, is_open
from payments.providers import Adapter, Answer, NotSentError, Request, UnknownOutcomeError

# A call that takes longer has timed out; until then nobody else looks the operation up.
CALL_TIMEOUT = timedelta(seconds=30)
# When an operation of unknown outcome is looked up, after the last time.
CHECKS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600))
# After those a person looks at it too; the machine goes on in case the provider learns of it.
LATER_CHECKS = timedelta(hours=6)

Kind = OperationKind
Status = OperationStatus
Ask = Callable[[Request], Answer]


@contextmanager
def own_transaction() -> Iterator[None]:
    """A transaction that is committed at its end, not by a caller's leave.

    Raises:
        InsideTransactionError: a transaction is open.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(transaction.atomic(durable=True))
        except RuntimeError as error:
            raise InsideTransactionError(
                "payments call providers outside transactions: call this after the caller's commit"
            ) from error
        yield


def sent(
    payment: Transaction, provider: Provider, kind: OperationKind, money: Money, request_key: str,
    **more: Any,
) -> Operation:  # fmt: skip
    """An operation as it stands while its provider is called.

    Args:
        payment: whose it is.
        provider: who is asked.
        kind: for what.
        money: how much.
        request_key: the caller's.
        more: attempt, parent, source.
    """
    now = timezone.now()
    return Operation.objects.create(
        transaction=payment,
        order_id=payment.order_id,
        provider=provider,
        kind=kind,
        status=Status.SENT,
        amount_minor=money.minor,
        currency=money.currency,
        request_key=request_key,
        sent_at=now,
        next_check_at=now + CALL_TIMEOUT + CHECKS[0],
        **more,
    )


def request_of(operation: Operation, *, card_present: bool = False) -> Request:
    """Return what a provider is asked; the same for the same operation, however often."""
    parent = operation.parent
    return Request(
        operation.provider_key,
        Money(operation.amount_minor, operation.currency),
        operation.transaction.method,
        parent.provider_reference if parent else "",
        operation.source,
        card_present=card_present,
    )


def way_of(wire: Adapter, kind: str) -> Ask:
    """Return the adapter's way to ask for a kind of operation."""
    ways: dict[str, Ask] = {
        Kind.CHARGE: wire.charge,
        Kind.AUTHORIZE: wire.authorize,
        Kind.CAPTURE: wire.capture,
        Kind.VOID: wire.void,
        Kind.REFUND: wire.refund,
    }
    return ways[kind]


def call(
    operation: Operation, wire: Adapter, probe: UUID | None = None, *, card_present: bool = False
) -> None:
    """Call the provider outside any transaction, then store what came of it.

    Args:
        operation: committed as sent.
        wire: the provider's side.
        probe: the breaker's, where this call tries whether the provider is back.
        card_present: the card is at the terminal.
    """
    request = request_of(operation, card_present=card_present)
    method = operation.transaction.method
    started = monotonic()
    answer: Answer | None = None
    failure = Status.UNKNOWN
    message = ""
    try:
        answer = way_of(wire, operation.kind)(request)
    except NotSentError as error:
        failure, message = Status.NOT_SENT, str(error)
    except UnknownOutcomeError as error:
        message = str(error)
    elapsed = int((monotonic() - started) * 1000)
    with own_transaction():
        if answer is not None:
            finish(operation, answer)
        else:
            failed(operation, failure, message)
        health.record(operation, method, elapsed, health.outcome_of(answer, failure))
    breaker.after_call(operation.provider_id, method, probe, well=answer is not None)
    operation.refresh_from_db()


def finish(operation: Operation, answer: Answer) -> None:
    """Store the provider's word; what is final already stays.

    Money that came in though we had been told it would not is a late success: it is kept apart
    from the order's payment and given back.
    """
    payment, standing = locked(operation)
    if not is_open(standing):
        operation.status = standing.status
        return
    operation.status = Status.SUCCEEDED if answer.succeeded else Status.DECLINED
    Operation.objects.filter(pk=operation.pk).update(
        status=operation.status,
        provider_reference=standing.provider_reference or scrubbing.text(answer.reference, 80),
        failure_code=scrubbing.text(answer.code, 40),
        error_message=scrubbing.text(answer.message),
        may_fail_over=answer.elsewhere and not answer.succeeded,
        next_check_at=None,
        finished_at=Now(),
    )
    account_for(payment, standing, succeeded=answer.succeeded)


def failed(operation: Operation, status: OperationStatus, message: str) -> None:
    """Store that there was no answer: certainly not sent, or unknown.

    A call that was held up until somebody else took the operation up speaks for itself alone: what
    it could not send, the other may have sent.
    """
    payment, standing = locked(operation)
    if not is_open(standing):
        operation.status = standing.status
        return
    if standing.checks > operation.checks:
        status = Status.UNKNOWN
    unknown = status == Status.UNKNOWN
    operation.status = status
    wait = CHECKS[standing.checks] if standing.checks < len(CHECKS) else LATER_CHECKS
    Operation.objects.filter(pk=operation.pk).update(
        status=status,
        error_message=scrubbing.text(message),
        may_fail_over=not unknown,
        next_check_at=timezone.now() + wait if unknown else None,
        finished_at=None if unknown else Now(),
    )
    if not unknown:
        account_for(payment, standing, succeeded=False)


def locked(operation: Operation) -> tuple[Transaction, Operation]:
    """Return payment and operation as they stand, locked in this order everywhere."""
    payment = Transaction.objects.select_for_update().get(pk=operation.transaction_id)
    return payment, Operation.objects.select_for_update().get(pk=operation.pk)
