"""Money that came in after we had been told it would not: kept apart, and given back.

A provider may do late what it said it never got, or what a person closed as not done. By then the
order may have been paid elsewhere or cancelled, so the money is not the order's payment.
"""

from __future__ import annotations

from payments import discrepancies, ledger
from payments.calls import Kind, Status, call, locked, own_transaction, sent
from payments.models import Operation
from payments.models.settlements import DiscrepancyKind
from payments.money import Money
from payments.providers import Answer, adapter


def late_success(operation: Operation, answer: Answer) -> Operation | None:
    """Take note of money that came in late; return its refund, to be sent by `send_back`.

    Args:
        operation: a charge that ended as declined or not sent.
        answer: the provider's word that it succeeded after all.

    Raises:
        InsideTransactionError: a transaction is open.
    """
    with own_transaction():
        payment, standing = locked(operation)
        if standing.status not in (Status.DECLINED, Status.NOT_SENT):
            return None
        Operation.objects.filter(pk=standing.pk).update(
            status=Status.LATE,
            may_fail_over=False,
            provider_reference=standing.provider_reference or answer.reference,
        )
        standing.refresh_from_db()
        money = Money(standing.amount_minor, standing.currency)
        discrepancies.open_one(
            DiscrepancyKind.LATE_SUCCESS,
            f"operation:{standing.pk}",
            money,
            f"{standing.kind} at {standing.provider.code} succeeded after it was given up",
            operation=standing,
        )
        if standing.kind == Kind.CHARGE:
            ledger.record_late(standing)
            kind = Kind.REFUND
        elif standing.kind == Kind.AUTHORIZE:
            kind = Kind.VOID
        else:
            # A late capture or refund of ours: a person decides.
            return None
        return sent(payment, standing.provider, kind, money, f"late:{standing.pk}", parent=standing)


def send_back(refund: Operation) -> None:
    """Ask the provider to give late money back; an unknown outcome is looked up like any other."""
    call(refund, adapter(refund.provider))
