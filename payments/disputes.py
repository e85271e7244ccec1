"""Disputes: a customer's bank wants money back; evidence is due by a day, and months may pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from payments import ledger, scrubbing, selectors
from payments.calls import own_transaction
from payments.errors import PaymentError
from payments.models import Dispute, Operation, Provider
from payments.models.disputes import DisputeStatus as Status
from payments.money import Money
from payments.providers import DisputeNews, adapter

_STANDS = {
    "needs_response": Status.OPEN,
    "under_review": Status.SUBMITTED,
    "won": Status.WON,
    "lost": Status.LOST,
}
# From what a status can be reached; what a provider says of the past is passed over.
_BEFORE = {
    Status.SUBMITTED: [Status.OPEN],
    Status.WON: [Status.OPEN, Status.SUBMITTED, Status.LOST],
    Status.LOST: [Status.OPEN, Status.SUBMITTED],
    Status.ACCEPTED: [Status.OPEN],
}
# A question of the customer's bank: no money moves yet.
INQUIRY = "inquiry"


def open_dispute(provider: Provider, reference: str) -> Dispute:
    """Ask a provider how a dispute stands, and store it; again moves it only forward.

    Args:
        provider: who told of it.
        reference: what the provider calls it.

    Returns:
        The dispute; without an operation while the news of its sale is not here yet.

    Raises:
        InsideTransactionError: a transaction is open.
        NotSentError, UnknownOutcomeError: the provider did not say.
    """
    news = adapter(provider).dispute(reference)
    with own_transaction():
        dispute, new = Dispute.objects.select_for_update().get_or_create(
            provider=provider,
            provider_reference=news.reference,
            stage=news.stage,
            defaults={
                "charge_reference": news.charge_reference,
                "operation": _charge(provider, news.charge_reference),
                "reason": scrubbing.text(news.reason, 40),
                "amount_minor": news.money.minor,
                "currency": news.money.currency,
                "fee_minor": news.fee,
                "evidence_due_at": news.due_at,
            },
        )
        if new and dispute.stage != INQUIRY:
            _enter_opening(dispute)
        _move(dispute, _STANDS[news.status], news)
    return dispute


def link(charge: Operation) -> int:
    """Give disputes that came before the news of their sale the charge that they are about."""
    if not charge.provider_reference:
        charge.refresh_from_db()
    if not charge.provider_reference:
        return 0
    return Dispute.objects.filter(
        provider=charge.provider_id, charge_reference=charge.provider_reference, operation=None
    ).update(operation=charge)


def submit_evidence(dispute: Dispute, evidence: Mapping[str, str]) -> Dispute:
    """Send what speaks for us.

    Args:
        dispute: an open one.
        evidence: texts by the provider's names; card numbers are taken out of them.

    Raises:
        InsideTransactionError: a transaction is open.
        PaymentError: it is not open any more, its day has passed, or there is no evidence.
        NotSentError, UnknownOutcomeError: it did not arrive; sending it again is safe.
    """
    clean = {name: scrubbing.text(value, 20_000) for name, value in evidence.items() if value}
    if not clean:
        raise PaymentError(f"dispute {dispute}: there is no evidence to send")
    with own_transaction():
        standing = Dispute.objects.select_for_update().get(pk=dispute.pk)
        if standing.status != Status.OPEN:
            raise PaymentError(f"dispute {standing} is {standing.status}: evidence is too late")
        if standing.evidence_due_at and standing.evidence_due_at < timezone.now():
            raise PaymentError(f"dispute {standing}: evidence was due {standing.evidence_due_at}")
        Dispute.objects.filter(pk=standing.pk).update(evidence=clean)
    adapter(standing.provider).submit_evidence(standing.provider_reference, clean)
    with own_transaction():
        standing = Dispute.objects.select_for_update().get(pk=dispute.pk)
        _move(standing, Status.SUBMITTED)
    return standing


def accept_dispute(dispute: Dispute) -> Dispute:
    """Let the customer's bank have the money.

    Raises:
        PaymentError: it is not open any more.
    """
    with own_transaction():
        standing = Dispute.objects.select_for_update().get(pk=dispute.pk)
        if standing.status != Status.OPEN:
            raise PaymentError(f"dispute {standing} is {standing.status}")
        _move(standing, Status.ACCEPTED)
    return standing


def due_disputes(within: timedelta = timedelta(days=3)) -> QuerySet[Dispute]:
    """Return open disputes whose evidence is due, the most urgent first.

    Args:
        within: as far as one looks ahead.
    """
    return selectors.due_disputes(timezone.now() + within)


def _charge(provider: Provider, reference: str) -> Operation | None:
    return selectors.operation_by_reference(provider, reference).first() if reference else None


def _move(dispute: Dispute, status: Status, news: DisputeNews | None = None) -> None:
    """Bring a locked dispute to a status, if one leads there from where it stands."""
    if dispute.status not in _BEFORE.get(status, []):
        return
    closed = status in (Status.WON, Status.LOST, Status.ACCEPTED)
    won = status == Status.WON
    dispute.status = status
    dispute.recovered_minor = dispute.amount_minor if won else 0
    Dispute.objects.filter(pk=dispute.pk).update(
        status=status,
        recovered_minor=dispute.recovered_minor,
        closed_at=Now() if closed else None,
        **({"evidence_due_at": news.due_at} if news and news.due_at else {}),
    )
    if won and dispute.stage != INQUIRY:
        _enter(dispute, "won", -Money(dispute.amount_minor, dispute.currency))


def _enter_opening(dispute: Dispute) -> None:
    """Enter what the provider takes back at once: the money in dispute, and its fee."""
    _enter(dispute, "opened", Money(dispute.amount_minor, dispute.currency))
    fee = Money(dispute.fee_minor, dispute.currency)
    if fee.minor:
        lines = [(ledger.FEES, fee), (ledger.receivable(dispute.provider.code), -fee)]
        ledger.post(f"dispute:{dispute.pk}:fee", f"fee of dispute {dispute}", lines)


def _enter(dispute: Dispute, what: str, money: Money) -> None:
    lines = [(ledger.CHARGEBACKS, money), (ledger.receivable(dispute.provider.code), -money)]
    ledger.post(f"dispute:{dispute.pk}:{what}", f"dispute {dispute} {what}", lines)
