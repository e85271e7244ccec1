"""A dispute is seen before its day, entered once, and may be won months after it was lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import ledger, services
from payments.errors import PaymentError, RefundTooLargeError
from payments.models import Dispute
from payments.money import Money
from tests.integration.payments.sandbox import wire
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)


@pytest.fixture
def charge(provider):
    return services.charge(OrderFactory(), PRICE, "card", "one")


def opened(provider, charge, **options):
    reference = wire(provider).dispute_charge(charge.provider_reference, 3384, **options)
    return services.open_dispute(provider, reference)


def chargebacks():
    return ledger.balance("chargebacks", "CAD")


def test_a_dispute_takes_its_money_and_its_fee_at_once(provider, charge):
    dispute = opened(provider, charge)
    again = services.open_dispute(provider, dispute.provider_reference)
    assert (dispute.operation, again.pk) == (charge, dispute.pk)
    assert (chargebacks(), ledger.balance("fees", "CAD")) == (PRICE, Money(1500))
    owed = ledger.balance(f"receivable:{provider.code}", "CAD")
    assert owed == Money(-1500)


def test_an_inquiry_takes_nothing(provider, charge):
    opened(provider, charge, stage="inquiry")
    assert chargebacks() == Money(0)


def test_evidence_is_sent_once_and_in_time(provider, charge):
    dispute = opened(provider, charge)
    sent = services.submit_evidence(dispute, {"receipt": "card 4242424242424242", "other": ""})
    assert (sent.status, sent.evidence["receipt"]) == ("submitted", "card [card number …4242]")
    with pytest.raises(PaymentError, match="too late"):
        services.submit_evidence(dispute, {"receipt": "again"})
    late = opened(provider, services.charge(OrderFactory(), PRICE, "card", "two"), days=-1)
    with pytest.raises(PaymentError, match="was due"):
        services.submit_evidence(late, {"receipt": "here"})
    with pytest.raises(PaymentError, match="no evidence"):
        services.submit_evidence(late, {})


def test_what_is_due_is_seen(provider, charge):
    soon = opened(provider, charge, days=2)
    opened(provider, services.charge(OrderFactory(), PRICE, "card", "two"), days=9)
    assert list(services.due_disputes()) == [soon]
    assert len(services.due_disputes(timedelta(days=30))) == 2


def test_a_lost_one_is_won_months_later(provider, charge):
    dispute = opened(provider, charge)
    for status, taken in (("lost", PRICE), ("won", Money(0)), ("lost", Money(0))):
        wire(provider).decide_dispute(dispute.provider_reference, status)
        services.open_dispute(provider, dispute.provider_reference)
        assert chargebacks() == taken
    dispute.refresh_from_db()
    assert (dispute.status, dispute.recovered_minor) == ("won", 3384)


def test_money_in_dispute_is_not_given_back_as_well(provider, charge):
    dispute = opened(provider, charge)
    with pytest.raises(RefundTooLargeError, match="disputes the rest"):
        services.refund(charge.order, PRICE, "back")
    wire(provider).decide_dispute(dispute.provider_reference, "won")
    services.open_dispute(provider, dispute.provider_reference)
    assert services.refund(charge.order, PRICE, "back").status == "succeeded"


def test_one_is_accepted(provider, charge):
    dispute = services.accept_dispute(opened(provider, charge))
    assert dispute.status == "accepted"
    assert Dispute.objects.get().closed_at <= timezone.now()
    with pytest.raises(PaymentError, match="is accepted"):
        services.accept_dispute(dispute)
