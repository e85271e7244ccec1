"""The network between us and a provider breaks at any byte: a relay before Stripe's stand-in.

Whatever was cut, and wherever: what may have been done is looked up, and done once.
"""

from __future__ import annotations

import socket

import pytest

from payments import services
from payments.errors import PaymentError
from payments.factories import ProviderFactory
from payments.models import LedgerLine, Provider, Transaction
from payments.money import Money
from payments.providers import stripe as adapter
from tests.integration.payments.sandbox import due
from tests.integration.payments.stripe_server import StripeServer
from tests.proxy import proxied
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)


@pytest.fixture
def stripe():
    server = StripeServer()
    yield server
    server.close()


@pytest.fixture
def relay(stripe):
    with proxied(stripe.url) as between:
        yield between


@pytest.fixture
def provider(shop, relay, monkeypatch):
    monkeypatch.setenv("STRIPE_KEY", "sk_test_not_a_secret")
    # Seconds; a silent network is given up after them.
    monkeypatch.setattr(adapter, "TIMEOUT", 1)
    Provider.objects.update(is_active=False)
    return ProviderFactory(
        kind="card", adapter="stripe", methods=["card"], secret_ref="STRIPE_KEY",
        config={"api_base": f"http://127.0.0.1:{relay.port}"},
    )  # fmt: skip


def charge(key="one"):
    return services.charge(OrderFactory(), PRICE, "card", key, "pm_card")


def healed(relay):
    relay.up = relay.down = None
    relay.silent = relay.refusing = False
    relay.cut()


CUTS = [
    {"refusing": True},
    *({"up": count} for count in (0, 1, 100, 250)),
    *({"down": count} for count in (0, 1, 20, 200)),
    {"up": 0, "silent": True},
    {"up": 200, "silent": True},
    {"down": 0, "silent": True},
    {"down": 120, "silent": True},
]


@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_a_charge_is_done_once_wherever_the_network_breaks(provider, stripe, relay, cut):
    for name, value in cut.items():
        setattr(relay, name, value)
    operation = charge()
    assert operation.status == "unknown"
    with pytest.raises(PaymentError):
        services.refund(operation.order, PRICE, "too soon")
    healed(relay)
    due()
    assert services.resolve_due() == 1
    operation.refresh_from_db()
    assert operation.status == "succeeded"
    assert [intent["amount"] for intent in stripe.intents.values()] == [PRICE.minor]
    assert Transaction.objects.get().captured_minor == PRICE.minor


@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_a_lookup_that_breaks_is_asked_again(provider, stripe, relay, cut):
    stripe.faults.append("close after")
    operation = charge()
    for name, value in cut.items():
        setattr(relay, name, value)
    relay.cut()
    due()
    services.resolve_due()
    operation.refresh_from_db()
    assert (operation.status, operation.next_check_at is None) == ("unknown", False)
    healed(relay)
    due()
    services.resolve_due()
    operation.refresh_from_db()
    assert (operation.status, len(stripe.intents)) == ("succeeded", 1)
    assert LedgerLine.objects.filter(amount_minor__gt=0).count() == 1


def test_where_nobody_listens_another_is_asked(provider, stripe, relay):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        provider.config = {"api_base": f"http://127.0.0.1:{nobody.getsockname()[1]}"}
        provider.save()
        other = ProviderFactory(
            kind="card", adapter="stripe", methods=["card"], secret_ref="STRIPE_KEY",
            priority=9_999, config={"api_base": f"http://127.0.0.1:{relay.port}"},
        )  # fmt: skip
        operation = charge()
    assert (operation.provider, operation.status) == (other, "succeeded")
    assert (operation.attempt, len(stripe.intents)) == (2, 1)
