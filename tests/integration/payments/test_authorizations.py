"""Money is held, taken in parts or let go, and never beyond what is held."""

from __future__ import annotations

import pytest

from payments import ledger, services
from payments.errors import (
    CaptureTooLargeError,
    NotSupportedError,
    PaymentError,
    RefundTooLargeError,
)
from payments.factories import ProviderFactory
from payments.models import Transaction
from payments.money import Money
from payments.providers.sandbox import Mode
from tests.integration.payments.sandbox import due, wire
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)


def held(method="card"):
    order = OrderFactory()
    assert services.authorize(order, PRICE, method, "hold").status == "succeeded"
    return order


def payment(order):
    return Transaction.objects.get(order=order)


def test_what_is_held_is_taken_in_parts(provider, sandbox):
    order = held()
    assert payment(order).status == "authorized"
    assert ledger.balance("sales", "CAD") == Money(0)
    first = services.capture(order, Money(1000), "first")
    again = services.capture(order, Money(1000), "first")
    assert first.pk == again.pk
    with pytest.raises(CaptureTooLargeError, match=r"23\.84 CAD is held"):
        services.capture(order, Money(2385), "second")
    services.capture(order, Money(2384), "second")
    standing = payment(order)
    assert (standing.status, standing.captured_minor) == ("paid", 3384)
    assert ledger.balance(f"receivable:{provider.code}", "CAD") == PRICE
    assert [kind for kind, _, _ in sandbox.done()] == ["authorize", "capture", "capture"]


def test_a_refund_takes_from_one_capture(provider):
    order = held()
    services.capture(order, Money(1000), "first")
    services.capture(order, Money(2384), "second")
    assert services.refund(order, Money(2000), "back").parent.amount_minor == 2384
    with pytest.raises(RefundTooLargeError, match="in parts"):
        services.refund(order, Money(1384), "more")
    services.refund(order, Money(1000), "most")
    services.refund(order, Money(384), "rest")
    assert payment(order).status == "refunded"


def test_what_is_held_is_let_go_once_and_not_taken_then(provider, sandbox):
    order = held()
    assert services.void(order, "no").status == "succeeded"
    assert payment(order).status == "cancelled"
    assert services.void(order, "no").status == "succeeded"
    with pytest.raises(PaymentError, match="let go"):
        services.capture(order, PRICE, "late")
    assert [kind for kind, _, _ in sandbox.done()] == ["authorize", "void"]


def test_what_was_taken_is_not_let_go(provider):
    order = held()
    services.capture(order, Money(1), "first")
    with pytest.raises(PaymentError, match="has been taken"):
        services.void(order, "no")


def test_a_capture_of_unknown_outcome_holds_its_part(provider, sandbox):
    order = held()
    sandbox.tell(Mode.LOSE_ANSWER)
    assert services.capture(order, Money(3000), "first").status == "unknown"
    with pytest.raises(CaptureTooLargeError):
        services.capture(order, Money(400), "second")
    due()
    assert services.resolve_due() == 1
    assert payment(order).captured_minor == 3000
    assert payment(order).capture_pending_minor == 0


def test_a_capture_that_was_not_sent_frees_its_part(provider, sandbox):
    order = held()
    sandbox.tell(Mode.REFUSE)
    assert services.capture(order, PRICE, "first").status == "not_sent"
    assert services.capture(order, PRICE, "second").status == "succeeded"


def test_methods_do_only_what_they_can(shop, tmp_path):
    provider = ProviderFactory(
        methods=["interac", "cash"], config={"path": str(tmp_path / "sandbox")}
    )
    order = OrderFactory()
    with pytest.raises(NotSupportedError, match="interac cannot hold"):
        services.authorize(order, PRICE, "interac", "hold")
    with pytest.raises(NotSupportedError, match="one of card, interac, wallet, cash"):
        services.charge(order, PRICE, "cheque", "one")
    services.charge(order, PRICE, "interac", "one")
    with pytest.raises(NotSupportedError, match="without the card"):
        services.refund(order, PRICE, "back")
    assert services.refund(order, PRICE, "back", card_present=True).status == "succeeded"
    assert len(wire(provider).done()) == 2
