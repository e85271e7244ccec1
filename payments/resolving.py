"""Operations whose outcome nobody stored: looked up, and sent again only where that is safe."""

from __future__ import annotations

from django.utils import timezone

from payments import discrepancies, selectors
from payments.calls import (
    CALL_TIMEOUT,
    CHECKS,
    Kind,
    Status,
    failed,
    finish,
    own_transaction,
    request_of,
    way_of,
)
from payments.errors import PaymentError
from payments.late import late_success, send_back
from payments.models import Operation
from payments.models.settlements import DiscrepancyKind
from payments.money import Money
from payments.outcomes import is_open
from payments.providers import (
    Adapter,
    Answer,
    NotSentError,
    UnknownOutcomeError,
    adapter,
    done,
)


def resolve_due(limit: int = 100) -> int:
    """Look up operations whose outcome nobody stored; each worker takes others.

    Where the provider never heard of one and knows a key again, the request is sent again with
    the same key, so long as the key holds. Where its word is final after the settle window, what
    it does not know then was never done. Otherwise it stays unknown and is looked up later;
    `exceptions` shows what a person has to see.

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
        ended += not is_open(operation)
    return ended


def resolve_by_hand(
    operation: Operation, *, succeeded: bool, reference: str, note: str, actor: int | None
) -> Operation:
    """Store what a person found out about an operation whose outcome nobody knows.

    Args:
        operation: one that is unknown.
        succeeded: the provider did it.
        reference: the provider's own, if it did.
        note: how that was found out.
        actor: the user's id.

    Raises:
        InsideTransactionError: a transaction is open.
        PaymentError: its outcome is known, or the reference or note is missing.
    """
    if not note.strip() or (succeeded and not reference.strip()):
        raise PaymentError("say how it was found out, and the provider's reference if it was done")
    with own_transaction():
        standing = Operation.objects.select_for_update().get(pk=operation.pk)
        if standing.status != Status.UNKNOWN:
            raise PaymentError(f"operation {standing.pk} is {standing.status}: nothing to resolve")
        if succeeded:
            finish(standing, done(reference.strip()))
        else:
            failed(standing, Status.NOT_SENT, note)
        operation.refresh_from_db()
        for one in discrepancies.exceptions().filter(operation=operation):
            discrepancies.resolve(one, note, actor)
    return operation


def learn(operation: Operation, answer: Answer) -> None:
    """Store what a provider said of an operation, whenever it says it; only forward.

    Raises:
        InsideTransactionError: a transaction is open.
    """
    with own_transaction():
        standing = Operation.objects.get(pk=operation.pk)
        if is_open(standing):
            finish(standing, answer)
            return
    if answer.succeeded:
        back = late_success(standing, answer)
        if back is not None:
            send_back(back)


def _claim() -> Operation | None:
    """Take the most urgent; it is not due again while it is looked up."""
    with own_transaction():
        operation = (
            selectors.due_operations()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("provider", "transaction", "parent")
            .first()
        )
        if operation is not None:
            operation.checks += 1
            operation.status = Status.UNKNOWN
            operation.next_check_at = timezone.now() + CALL_TIMEOUT + CHECKS[0]
            operation.save(update_fields=["checks", "status", "next_check_at"])
        return operation


def _resolve(operation: Operation) -> None:
    try:
        wire: Adapter = adapter(operation.provider)
        answer = wire.lookup(request_of(operation), operation.kind)
        if answer is None and _may_resend(operation):
            # What was not sent now may have been sent before: only an answer ends it.
            answer = way_of(wire, operation.kind)(request_of(operation))
    except (NotSentError, UnknownOutcomeError, PaymentError) as error:
        _still_unknown(operation, str(error))
        return
    if answer is not None:
        with own_transaction():
            finish(operation, answer)
    elif _was_never_done(operation):
        with own_transaction():
            failed(operation, Status.NOT_SENT, "the provider never heard of it")
    else:
        _still_unknown(operation, "the provider does not know of it")


def _still_unknown(operation: Operation, message: str) -> None:
    with own_transaction():
        failed(operation, Status.UNKNOWN, message)
        if operation.checks >= len(CHECKS):
            discrepancies.open_one(
                DiscrepancyKind.NO_OUTCOME,
                f"operation:{operation.pk}",
                Money(operation.amount_minor, operation.currency),
                f"{operation.kind} at {operation.provider.code}: {message}",
                operation=operation,
            )


def _may_resend(operation: Operation) -> bool:
    """Only under the same key, where and while the provider knows a key again."""
    provider = operation.provider
    age = timezone.now() - operation.created_at
    card_only = operation.kind == Kind.REFUND and operation.transaction.method == "interac"
    return provider.deduplicates and not card_only and age + CALL_TIMEOUT < provider.key_window


def _was_never_done(operation: Operation) -> bool:
    provider = operation.provider
    age = timezone.now() - operation.created_at
    return provider.lookup_is_final and age > provider.settle_window + CALL_TIMEOUT
