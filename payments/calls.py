"""Calling a provider, and storing what came of it.

A first transaction commits the operation with the key that the provider will know it by; the
provider is called outside any transaction; a second transaction stores what came of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from payments import health, ledger
from payments.errors import InsideTransactionError, PaymentError
from payments.models import Operation, Provider, Transaction
from payments.models.charges import OperationKind, OperationStatus
from payments.money import Money
from payments.providers import Answer, NotSentError, Request, UnknownOutcomeError

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
    attempt: int = 1,
) -> Operation:  # fmt: skip
    """An operation as it stands while its provider is called."""
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
        attempt=attempt,
        sent_at=now,
        next_check_at=now + CALL_TIMEOUT + CHECKS[0],
    )


def money_in(payment: Transaction) -> Operation:
    """Return the charge that took a payment's money.

    Raises:
        PaymentError: nothing was paid.
    """
    taken = payment.operations.filter(kind=Kind.CHARGE, status=Status.SUCCEEDED).first()
    if taken is None:
        raise PaymentError(f"order {payment.order} has paid nothing")
    return taken


def call(operation: Operation, ask: Ask, request: Request, method: str) -> None:
    """Call the provider outside any transaction, then store what came of it."""
    started = monotonic()
    answer: Answer | None = None
    failure = Status.UNKNOWN
    message = ""
    try:
        answer = ask(request)
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
        health.record(operation, method, elapsed)
    operation.refresh_from_db()


def finish(operation: Operation, answer: Answer) -> None:
    """Store the provider's word; what is final already stays."""
    payment = Transaction.objects.select_for_update().get(pk=operation.transaction_id)
    standing = Operation.objects.select_for_update().get(pk=operation.pk)
    if standing.status not in (Status.SENT, Status.UNKNOWN):
        operation.status = standing.status
        return
    operation.status = Status.SUCCEEDED if answer.succeeded else Status.DECLINED
    Operation.objects.filter(pk=operation.pk).update(
        status=operation.status,
        provider_reference=answer.reference[:80],
        failure_code=answer.code[:40],
        error_message=scrubbed(answer.message),
        next_check_at=None,
        finished_at=Now(),
    )
    _settle(payment, standing, succeeded=answer.succeeded)


def _settle(payment: Transaction, operation: Operation, *, succeeded: bool) -> None:
    """Bring the payment to what its operation came to, and enter it in the ledger."""
    if operation.kind == Kind.REFUND:
        payment.refund_pending_minor -= operation.amount_minor
        if succeeded:
            payment.refunded_minor += operation.amount_minor
            if payment.refunded_minor == payment.captured_minor:
                payment.status = Transaction.Status.REFUNDED
    elif succeeded:
        payment.captured_minor += operation.amount_minor
        payment.status = Transaction.Status.PAID
    else:
        payment.status = Transaction.Status.DECLINED
    payment.save(
        update_fields=["refund_pending_minor", "refunded_minor", "captured_minor", "status"]
    )
    if succeeded:
        ledger.record(operation)


def failed(operation: Operation, status: OperationStatus, message: str) -> None:
    """Store that there was no answer: certainly not sent, or unknown."""
    payment = Transaction.objects.select_for_update().get(pk=operation.transaction_id)
    standing = Operation.objects.select_for_update().get(pk=operation.pk)
    if standing.status not in (Status.SENT, Status.UNKNOWN):
        operation.status = standing.status
        return
    unknown = status == Status.UNKNOWN
    operation.status = status
    wait = CHECKS[standing.checks] if standing.checks < len(CHECKS) else LATER_CHECKS
    Operation.objects.filter(pk=operation.pk).update(
        status=status,
        error_message=scrubbed(message),
        next_check_at=timezone.now() + wait if unknown else None,
        finished_at=None if unknown else Now(),
    )
    if not unknown and standing.kind == Kind.REFUND:
        Transaction.objects.filter(pk=payment.pk).update(
            refund_pending_minor=F("refund_pending_minor") - standing.amount_minor
        )


def scrubbed(text: str) -> str:
    """Return a message without anything as long as a card's number."""
    return re.sub(r"[0-9]([ -]?[0-9]){12,18}", "[number]", text)[:2000]
