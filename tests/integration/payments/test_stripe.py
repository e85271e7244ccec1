"""The Stripe adapter, against a server that speaks its documented requests, answers and errors."""

from __future__ import annotations

import socket

import pytest

from payments import services
from payments.errors import ForgedWebhookError, PaymentError
from payments.factories import ProviderFactory
from payments.models import Operation, Provider, WebhookEvent
from payments.money import Money
from tests.integration.payments.sandbox import due
from tests.integration.payments.stripe_server import StripeServer
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)
API_KEY = "sk_test_not_a_secret"


@pytest.fixture
def stripe():
    server = StripeServer()
    yield server
    server.close()


@pytest.fixture
def provider(shop, stripe, monkeypatch):
    monkeypatch.setenv("STRIPE_KEY", API_KEY)
    monkeypatch.setenv("STRIPE_SIGNING", "whsec_s")
    Provider.objects.update(is_active=False)
    return ProviderFactory(
        kind="card", adapter="stripe", methods=["card"], secret_ref="STRIPE_KEY",
        webhook_secret_ref="STRIPE_SIGNING", config={"api_base": stripe.url},
    )  # fmt: skip


def charge(source="pm_card", key="one"):
    return services.charge(OrderFactory(), PRICE, "card", key, source)


def test_a_charge_and_its_refund(provider, stripe):
    operation = charge()
    assert (operation.status, operation.provider_reference) == ("succeeded", "pi_1")
    intent = stripe.intents["pi_1"]
    assert (intent["amount"], intent["currency"]) == (3384, "cad")
    method, path, headers = stripe.requests[0]
    assert (method, path) == ("POST", "/v1/payment_intents")
    assert headers["Idempotency-Key"] == str(operation.provider_key)
    assert intent["metadata"] == {"weedgo_key": str(operation.provider_key)}
    back = services.refund(operation.order, Money(384), "back")
    assert (back.status, stripe.refunds[back.provider_reference]["amount"]) == ("succeeded", 384)


def test_a_decline_is_an_answer_and_holds_no_card_number(provider, stripe):
    operation = charge("pm_declined")
    assert (operation.status, operation.failure_code) == ("declined", "insufficient_funds")
    assert "4242424242" not in operation.error_message
    assert not operation.may_fail_over
    assert charge("pm_stripe_failed").may_fail_over, "Stripe's own reason, not the bank's"


@pytest.mark.parametrize("fault", ["close before", "close after", 500, 503])
def test_without_an_answer_it_is_looked_up_and_done_once(provider, stripe, fault):
    stripe.faults.append(fault)
    operation = charge()
    assert operation.status == "unknown"
    due()
    assert services.resolve_due() == 1
    operation.refresh_from_db()
    assert (operation.status, len(stripe.intents)) == ("succeeded", 1)


@pytest.mark.parametrize("fault", ["close before", "close after"])
@pytest.mark.parametrize("what", ["capture", "void", "refund"])
def test_what_follows_is_looked_up_too(provider, stripe, what, fault):
    order = OrderFactory()
    services.authorize(order, PRICE, "card", "hold", "pm_card")
    if what == "refund":
        services.capture(order, PRICE, "take")
    stripe.faults.append(fault)
    operation = {
        "capture": lambda: services.capture(order, PRICE, "take"),
        "void": lambda: services.void(order, "no"),
        "refund": lambda: services.refund(order, PRICE, "back"),
    }[what]()
    assert operation.status == "unknown"
    due()
    assert services.resolve_due() == 1
    operation.refresh_from_db()
    assert (operation.status, len(stripe.refunds)) == ("succeeded", int(what == "refund"))


@pytest.mark.parametrize("status", [401, 403, 429])
def test_refused_before_it_was_read_is_not_sent(provider, stripe, status):
    stripe.faults.append(status)
    assert charge().status == "not_sent"


def test_nobody_listens_is_not_sent(provider):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        provider.config = {"api_base": f"http://127.0.0.1:{taken.getsockname()[1]}"}
        provider.save()
        assert charge().status == "not_sent"
    provider.config = {"api_base": "http://no-such-host.invalid"}
    provider.save()
    assert charge(key="two").status == "not_sent"


def test_an_invalid_request_is_an_answer(provider, stripe):
    order = OrderFactory()
    services.authorize(order, PRICE, "card", "hold", "pm_card")
    stripe.intents["pi_1"]["status"] = "canceled"
    operation = services.capture(order, PRICE, "take")
    assert (operation.status, operation.failure_code) == (
        "declined", "payment_intent_unexpected_state",
    )  # fmt: skip


def test_events_are_verified_and_end_what_was_unknown(provider, stripe):
    stripe.faults.append("close after")
    operation = charge()
    body, headers = stripe.signed("payment_intent.succeeded", stripe.intents["pi_1"], "whsec_s")
    assert services.ingest_webhook(provider, body, headers)
    assert not services.ingest_webhook(provider, body, headers)
    assert services.process_webhooks() == 1
    operation.refresh_from_db()
    assert operation.status == "succeeded"
    forged, headers = stripe.signed("payment_intent.succeeded", stripe.intents["pi_1"], "other")
    with pytest.raises(ForgedWebhookError):
        services.ingest_webhook(provider, forged, headers)
    assert WebhookEvent.objects.count() == 1


def test_a_dispute_is_fetched_and_answered(provider, stripe):
    operation = charge()
    stripe.disputes["dp_1"] = {
        "id": "dp_1", "object": "dispute", "amount": 3384, "currency": "cad", "reason": "general",
        "status": "needs_response", "payment_intent": "pi_1", "charge": "ch_1",
        "evidence_details": {"due_by": 1900000000}, "balance_transactions": [{"fee": 1500}],
    }  # fmt: skip
    dispute = services.open_dispute(provider, "dp_1")
    assert (dispute.operation, dispute.fee_minor, dispute.status) == (operation, 1500, "open")
    assert services.submit_evidence(dispute, {"receipt": "here"}).status == "submitted"
    assert stripe.disputes["dp_1"]["evidence"]["evidence[receipt]"] == "here"


def test_without_its_key_it_says_what_is_missing(provider, monkeypatch):
    monkeypatch.delenv("STRIPE_KEY")
    with pytest.raises(PaymentError, match="'STRIPE_KEY' is not set"):
        charge()
    assert not Operation.objects.exists(), "nothing was asked, so nothing is to be looked up"
