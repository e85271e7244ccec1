"""The three-way match: operation ↔ line of a payout ↔ line of the bank's statement.

A line is an operation by the provider's reference, else by our key; never by its amount alone. What
does not agree is an open exception with an owner and an age, and a payout closes only without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from payments import discrepancies, ledger
from payments.errors import PaymentError
from payments.models import BankLine, Discrepancy, Settlement
from payments.models.settlements import DiscrepancyKind as Kind
from payments.models.settlements import SettlementStatus as Status
from payments.money import Money

SQL = Path(__file__).parent / "sql"
# A sale that no payout names after so long is asked about.
SETTLED_WITHIN = timedelta(days=7)


@transaction.atomic
def match(settlement: Settlement) -> Settlement:
    """Match the lines of a payout with operations and disputes; again matches what is left.

    Args:
        settlement: an imported payout; its other lines become exceptions.

    Returns:
        The payout: matched, or exception.

    Raises:
        PaymentError: it is closed.
    """
    standing = (
        Settlement.objects.select_for_update(of=("self",))
        .select_related("provider")
        .get(pk=settlement.pk)
    )
    if standing.status == Status.CLOSED:
        raise PaymentError(f"payout {standing} is closed")
    arguments = {"settlement": standing.pk, "provider": standing.provider_id}
    for name in ("link", "judge"):
        _run(f"match_{name}.sql", arguments)
    _check_sum(standing)
    open_ones = discrepancies.exceptions().filter(settlement=standing).exists()
    status = Status.EXCEPTION if open_ones else Status.MATCHED
    if standing.status != status:
        standing.status = status
        standing.save(update_fields=["status"])
    if status == Status.MATCHED:
        _enter(standing)
    return standing


@transaction.atomic
def match_bank() -> int:
    """Match payouts with lines of the bank: by the payout's reference, then the amount must agree.

    Returns:
        How many payouts have found their line.
    """
    found = 0
    for line in BankLine.objects.select_for_update().filter(settlement=None):
        settlement = _named(line)
        if settlement is None:
            continue
        if (settlement.net_minor, settlement.currency) != (line.amount_minor, line.currency):
            discrepancies.open_one(
                Kind.BANK_AMOUNT,
                f"payout:{settlement.pk}",
                Money(line.amount_minor - settlement.net_minor, line.currency),
                f"payout {settlement} is of {Money(settlement.net_minor, settlement.currency)}, "
                f"the bank shows {Money(line.amount_minor, line.currency)}",
                settlement=settlement,
                bank_line=line,
            )
        BankLine.objects.filter(pk=line.pk).update(settlement=settlement)
        Settlement.objects.filter(pk=settlement.pk).update(
            bank_reference=line.reference, bank_amount_minor=line.amount_minor
        )
        found += 1
    return found


@transaction.atomic
def close(settlement: Settlement) -> Settlement:
    """Close a payout: matched, at the bank to the cent, and nothing open.

    Raises:
        PaymentError: it is not; the message says what is missing.
    """
    standing = (
        Settlement.objects.select_for_update(of=("self",))
        .select_related("provider")
        .get(pk=settlement.pk)
    )
    open_ones = discrepancies.exceptions().filter(settlement=standing).count()
    if open_ones:
        raise PaymentError(f"payout {standing} has {open_ones} open exceptions")
    if standing.status == Status.EXCEPTION:
        standing = match(standing)
    if standing.status != Status.MATCHED:
        raise PaymentError(f"payout {standing} is {standing.status}")
    if standing.bank_amount_minor != standing.net_minor:
        shown = standing.bank_amount_minor
        raise PaymentError(
            f"payout {standing} is of {Money(standing.net_minor, standing.currency)}; "
            "the bank shows "
            + ("nothing yet" if shown is None else str(Money(shown, standing.currency)))
        )
    net = Money(standing.net_minor, standing.currency)
    ledger.post(
        f"payout:{standing.pk}:bank",
        f"payout {standing} at the bank",
        [(ledger.BANK, net), (ledger.in_transit(standing.provider.code), -net)],
    )
    standing.status = Status.CLOSED
    standing.save(update_fields=["status"])
    return standing


@transaction.atomic
def find_unsettled() -> int:
    """Open an exception for each sale or refund that no payout names after a week.

    Returns:
        How many were opened.
    """
    before = discrepancies.exceptions().count()
    _run("match_unsettled.sql", {"within": SETTLED_WITHIN})
    return discrepancies.exceptions().count() - before


def _run(name: str, arguments: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute((SQL / name).read_text(encoding="utf-8"), arguments)


def _check_sum(settlement: Settlement) -> None:
    total = int(settlement.lines.aggregate(total=Sum("net_minor"))["total"] or 0)
    key = f"payout:{settlement.pk}"
    seen = Discrepancy.objects.filter(kind=Kind.PAYOUT_SUM, key=key).exists()
    if total != settlement.net_minor and not seen:
        discrepancies.open_one(
            Kind.PAYOUT_SUM,
            key,
            Money(settlement.net_minor - total, settlement.currency),
            f"payout {settlement} is of {Money(settlement.net_minor, settlement.currency)}, "
            f"its lines sum to {Money(total, settlement.currency)}",
            settlement=settlement,
        )


def _named(line: BankLine) -> Settlement | None:
    """Return the payout that a line of the bank names, if it is just one."""
    waiting = Settlement.objects.filter(bank_amount_minor=None).exclude(status=Status.CLOSED)
    named = [one for one in waiting if one.payout_reference in line.reference.split()]
    return named[0] if len(named) == 1 else None


def _enter(settlement: Settlement) -> None:
    """Enter that the provider has paid what it owed, less its fees.

    What a dispute took was entered with it, its fee too. What was charged in another currency is
    owed in that one, and the exchange has an account. What nobody could explain waits in suspense.
    """
    code = settlement.provider.code
    owed = ledger.receivable(code)
    net = Money(settlement.net_minor, settlement.currency)
    lines = [(ledger.in_transit(code), net)]
    for group in _groups(settlement):
        lines += group.lines(owed, settlement.currency)
    rest = -sum(money.minor for _, money in lines if money.currency == settlement.currency)
    lines.append((ledger.SUSPENSE, Money(rest, settlement.currency)))
    ledger.post(f"payout:{settlement.pk}", f"payout {settlement}", lines)


@dataclass(frozen=True)
class _Group:
    """Lines of a payout that are entered alike."""

    kind: str
    foreign: str | None
    gross: int
    fee: int
    net: int
    original: int

    def lines(self, owed: str, currency: str) -> list[tuple[str, Money]]:
        match self.kind:
            case "fee":
                return [(ledger.FEES, Money(-self.net, currency))]
            case "dispute":
                return [(owed, Money(-self.net, currency))]
            case "suspense":
                return [(ledger.SUSPENSE, Money(-self.net, currency))]
        fee = (ledger.FEES, Money(self.fee, currency))
        if self.foreign is None:
            return [(owed, Money(-self.gross, currency)), fee]
        return [
            (owed, Money(-self.original, self.foreign)),
            (ledger.EXCHANGE, Money(self.original, self.foreign)),
            (ledger.EXCHANGE, Money(-self.gross, currency)),
            fee,
        ]


def _groups(settlement: Settlement) -> list[_Group]:
    with connection.cursor() as cursor:
        query = (SQL / "payout_entry.sql").read_text(encoding="utf-8")
        cursor.execute(query, {"settlement": settlement.pk})
        return [_Group(*row) for row in cursor.fetchall()]
