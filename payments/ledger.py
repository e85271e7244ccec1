"""Writing the double-entry ledger; the database refuses what does not balance."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Sum

from payments.models import LedgerAccount, LedgerEntry, LedgerLine, Operation
from payments.models.ledger import LedgerAccountKind
from payments.money import Money

SALES = "sales"
CASH = "cash"
CASH_ROUNDING = "cash_rounding"
FEES = "fees"
LATE = "late_money"
BANK = "bank"
EXCHANGE = "exchange_differences"
SUSPENSE = "suspense"
CHARGEBACKS = "chargebacks"
_KINDS = {
    SALES: LedgerAccountKind.INCOME,
    CASH: LedgerAccountKind.ASSET,
    CASH_ROUNDING: LedgerAccountKind.EXPENSE,
    FEES: LedgerAccountKind.EXPENSE,
    LATE: LedgerAccountKind.LIABILITY,
    BANK: LedgerAccountKind.ASSET,
    EXCHANGE: LedgerAccountKind.EXPENSE,
    SUSPENSE: LedgerAccountKind.LIABILITY,
    CHARGEBACKS: LedgerAccountKind.EXPENSE,
}


def receivable(provider: str) -> str:
    """Return the account of what a provider owes us."""
    return f"receivable:{provider}"


def in_transit(provider: str) -> str:
    """Return the account of what a provider has paid out and the bank has not shown yet."""
    return f"in_transit:{provider}"


@transaction.atomic
def post(
    key: str,
    description: str,
    lines: Sequence[tuple[str, Money]],
    operation: Operation | None = None,
) -> LedgerEntry:
    """Enter something that happened to money; the same key again is the entry that stands.

    Args:
        key: what happened.
        description: the same in words.
        lines: account and amount, debit positive; those of nothing are left out.
        operation: the operation behind it.
    """
    entry, new = LedgerEntry.objects.get_or_create(
        key=key, defaults={"description": description[:200], "operation": operation}
    )
    if new:
        LedgerLine.objects.bulk_create(
            LedgerLine(
                entry=entry,
                account=account(code),
                amount_minor=money.minor,
                currency=money.currency,
            )
            for code, money in lines
            if money.minor
        )
    return entry


def account(code: str) -> LedgerAccount:
    """Return an account, made when first used."""
    kind = _KINDS.get(code, LedgerAccountKind.ASSET)
    name = code.replace("_", " ").replace(":", ": ").capitalize()
    found, _ = LedgerAccount.objects.get_or_create(code=code, defaults={"name": name, "kind": kind})
    return found


def balance(code: str, currency: str) -> Money:
    """Return the sum of an account's lines."""
    total = LedgerLine.objects.filter(account__code=code, currency=currency).aggregate(
        total=Sum("amount_minor")
    )["total"]
    return Money(int(total or 0), currency)


def record(operation: Operation) -> LedgerEntry:
    """Enter a charge or refund that succeeded."""
    money = Money(operation.amount_minor, operation.currency)
    if operation.kind == Operation.Kind.REFUND:
        money = -money
    if operation.provider.kind == "cash":
        paid = money.in_cash() if money.minor > 0 else -((-money).in_cash())
        lines = [(CASH, paid), (CASH_ROUNDING, money - paid), (SALES, -money)]
    else:
        lines = [(receivable(operation.provider.code), money), (SALES, -money)]
    what = f"{operation.kind} of order {operation.order.order_number}"
    return post(f"operation:{operation.pk}", what, lines, operation)


def record_late(operation: Operation) -> LedgerEntry:
    """Enter money that came in too late to be the order's: it is owed to who paid it."""
    money = Money(operation.amount_minor, operation.currency)
    lines = [(receivable(operation.provider.code), money), (LATE, -money)]
    what = f"late {operation.kind} of order {operation.order.order_number}"
    return post(f"operation:{operation.pk}", what, lines, operation)


def record_late_return(refund: Operation) -> LedgerEntry:
    """Enter that late money went back."""
    money = Money(refund.amount_minor, refund.currency)
    lines = [(LATE, money), (receivable(refund.provider.code), -money)]
    what = f"late money of order {refund.order.order_number} went back"
    return post(f"operation:{refund.pk}", what, lines, refund)
