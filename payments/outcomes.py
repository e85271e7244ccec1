"""What an operation's outcome means for the order's payment and for the ledger."""

from __future__ import annotations

from django.db.models import F, Sum

from payments import ledger
from payments.models import Operation, Transaction
from payments.models.charges import OperationKind as Kind
from payments.models.charges import OperationStatus as Status
from payments.models.charges import TransactionStatus


def is_open(operation: Operation) -> bool:
    """Return whether nobody knows yet what became of it."""
    return operation.status in (Status.PENDING, Status.SENT, Status.UNKNOWN)


def account_for(payment: Transaction, operation: Operation, *, succeeded: bool) -> None:
    """Bring a locked payment to what an operation of it came to, and enter it in the ledger.

    What came too late, and its return, is none of the payment's business: it never counted there.
    """
    if operation.parent is not None and operation.parent.status == Status.LATE:
        if succeeded and operation.kind == Kind.REFUND:
            ledger.record_late_return(operation)
        return
    if operation.kind == Kind.REFUND:
        payment.refund_pending_minor -= operation.amount_minor
        payment.refunded_minor += operation.amount_minor * succeeded
    elif operation.kind == Kind.CAPTURE:
        payment.capture_pending_minor -= operation.amount_minor
        payment.captured_minor += operation.amount_minor * succeeded
    elif operation.kind == Kind.CHARGE and succeeded:
        payment.captured_minor += operation.amount_minor
    payment.status = _status(payment, operation, succeeded=succeeded)
    payment.save(
        update_fields=[
            "refund_pending_minor", "refunded_minor", "capture_pending_minor", "captured_minor",
            "status",
        ]
    )  # fmt: skip
    if succeeded and operation.kind in (Kind.CHARGE, Kind.CAPTURE, Kind.REFUND):
        ledger.record(operation)


def _status(payment: Transaction, operation: Operation, *, succeeded: bool) -> str:
    """Return where the payment stands now that one of its operations has ended."""
    statuses = TransactionStatus
    if payment.captured_minor:
        back = payment.refunded_minor == payment.captured_minor
        return statuses.REFUNDED if back else statuses.PAID
    match operation.kind:
        case Kind.AUTHORIZE if succeeded:
            return statuses.AUTHORIZED
        case Kind.VOID if succeeded:
            return statuses.CANCELLED
        case Kind.CHARGE | Kind.AUTHORIZE:
            return statuses.DECLINED
    return payment.status


def left_to_capture(authorization: Operation) -> int:
    """Return how much of an authorization is neither taken nor asked for, in cents."""
    asked = authorization.followers.filter(
        kind=Kind.CAPTURE, status__in=[Status.SENT, Status.UNKNOWN, Status.SUCCEEDED]
    ).aggregate(total=Sum("amount_minor"))["total"]
    return authorization.amount_minor - int(asked or 0)


def hold_refund(payment: Transaction, minor: int) -> None:
    """Set aside what is about to be asked back."""
    Transaction.objects.filter(pk=payment.pk).update(
        refund_pending_minor=F("refund_pending_minor") + minor
    )


def hold_capture(payment: Transaction, minor: int) -> None:
    """Set aside what is about to be captured."""
    Transaction.objects.filter(pk=payment.pk).update(
        capture_pending_minor=F("capture_pending_minor") + minor
    )
