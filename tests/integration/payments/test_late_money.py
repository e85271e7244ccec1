"""Money that comes in after all is not the order's, and goes back by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import ledger, services
from payments.errors import PaymentError
from payments.factories import ProviderFactory
from payments.models import Operation, Provider, Transaction
from payments.money import Money
from payments.providers.sandbox import Mode
from payments.resolving import learn
from tests.integration.payments.sandbox import due, wire
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)


@pytest.fixture
def forgetful(shop, tmp_path):
    """A provider that knows no key again, but whose word is final after a day."""
    Provider.objects.update(is_active=False)
    return ProviderFactory(
        deduplicates=False, lookup_is_final=True, config={"path": str(tmp_path / "sandbox")}
    )


def given_up(provider):
    """A charge that never arrived, as far as anybody knew after a day."""
    wire(provider).tell(Mode.ARRIVE_LATE)
    operation = services.charge(OrderFactory(), PRICE, "card", "one")
    assert operation.status == "unknown"
    yesterday = timezone.now() - timedelta(days=2)
    Operation.objects.filter(pk=operation.pk).update(created_at=yesterday)
    due()
    assert services.resolve_due() == 1
    operation.refresh_from_db()
    return operation


def test_after_the_settle_window_the_providers_word_is_final(forgetful):
    assert given_up(forgetful).status == "not_sent"
    assert wire(forgetful).done() == []


def test_late_money_is_kept_apart_and_sent_back(forgetful):
    operation = given_up(forgetful)
    paid = services.charge(operation.order, PRICE, "card", "two")
    assert paid.status == "succeeded"
    assert wire(forgetful).deliver() == 1
    adapter_says = wire(forgetful).lookup(_request(operation), "charge")
    learn(operation, adapter_says)
    operation.refresh_from_db()
    payment = Transaction.objects.get(order=operation.order)
    assert (operation.status, payment.captured_minor, payment.refunded_minor) == ("late", 3384, 0)
    (back,) = operation.followers.all()
    assert (back.kind, back.status, back.amount_minor) == ("refund", "succeeded", 3384)
    assert ledger.balance("late_money", "CAD") == Money(0)
    assert ledger.balance(f"receivable:{forgetful.code}", "CAD") == PRICE
    (exception,) = services.exceptions()
    assert (exception.kind, exception.operation) == ("late_success", operation)
    learn(operation, adapter_says)
    assert operation.followers.count() == 1


def test_a_person_says_what_became_of_it(provider, sandbox):
    Provider.objects.filter(pk=provider.pk).update(deduplicates=False)
    sandbox.tell(Mode.LOSE_REQUEST, 2)
    found, lost = (services.charge(OrderFactory(), PRICE, "card", "one") for _ in range(2))
    with pytest.raises(PaymentError, match="how it was found out"):
        services.resolve_by_hand(found, succeeded=True, reference="", note="seen", actor=None)
    services.resolve_by_hand(found, succeeded=True, reference="sb_9", note="seen", actor=None)
    services.resolve_by_hand(lost, succeeded=False, reference="", note="asked them", actor=None)
    assert (found.status, lost.status) == ("succeeded", "not_sent")
    with pytest.raises(PaymentError, match="nothing to resolve"):
        services.resolve_by_hand(lost, succeeded=False, reference="", note="again", actor=None)


def _request(operation):
    from payments.calls import request_of

    return request_of(operation)
