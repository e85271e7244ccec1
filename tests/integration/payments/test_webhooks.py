"""Events count once, in whatever order and however often they come; forged ones not at all."""

from __future__ import annotations

import json
import random
import time

import pytest
from django.test import Client
from django.utils import timezone

from payments import services, signatures
from payments.errors import ForgedWebhookError
from payments.models import Dispute, LedgerEntry, Operation, Provider, Transaction, WebhookEvent
from payments.money import Money
from payments.providers.sandbox import HEADER, Mode
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)
SECRET = "whsec_one"  # the sandbox's


@pytest.fixture(autouse=True)
def secret(provider, monkeypatch):
    monkeypatch.setenv("SANDBOX_SECRET", SECRET)
    provider.webhook_secret_ref = "SANDBOX_SECRET"
    provider.save()


def ingest(provider, events):
    return [services.ingest_webhook(provider, body, headers) for body, headers in events]


def test_an_event_ends_what_was_unknown(provider, sandbox):
    sandbox.tell(Mode.LOSE_ANSWER)
    operation = services.charge(OrderFactory(), PRICE, "card", "one")
    assert operation.status == "unknown"
    assert ingest(provider, sandbox.events(SECRET)) == [True]
    assert services.process_webhooks() == 1
    operation.refresh_from_db()
    assert operation.status == "succeeded"
    assert services.process_webhooks() == 0


def test_duplicates_shuffles_and_replays_change_nothing(provider, sandbox):
    orders = [OrderFactory() for _ in range(8)]
    sandbox.tell(Mode.LOSE_ANSWER, 8)
    for order in orders:
        services.charge(order, PRICE, "card", "one")
    events = sandbox.events(SECRET) * 3
    random.Random(1).shuffle(events)
    assert sum(ingest(provider, events)) == 8
    assert services.process_webhooks() == 8
    for event in WebhookEvent.objects.all():
        assert services.replay(event)
    assert LedgerEntry.objects.count() == 8
    assert {p.captured_minor for p in Transaction.objects.all()} == {3384}


def test_an_event_of_the_past_moves_nothing_back(provider, sandbox):
    operation = services.charge(OrderFactory(), PRICE, "card", "one")
    services.refund(operation.order, PRICE, "back")
    ingest(provider, reversed(sandbox.events(SECRET)))
    assert services.process_webhooks() == 2
    assert Transaction.objects.get().status == "refunded"


@pytest.mark.parametrize(
    "forge",
    [
        lambda body: {},
        lambda body: {HEADER: "t=1,v1=00"},
        lambda body: {HEADER: signatures.sign(body, "another")},
        lambda body: {HEADER: signatures.sign(body + b" ", SECRET)},
        lambda body: {HEADER: signatures.sign(body, SECRET, int(time.time()) - 400)},
        lambda body: {HEADER: signatures.sign(body, SECRET, int(time.time()) + 400)},
        lambda body: {HEADER: signatures.sign(body, SECRET).replace("v1", "v0")},
    ],
)
def test_what_is_not_signed_is_refused(provider, sandbox, forge):
    services.charge(OrderFactory(), PRICE, "card", "one")
    ((body, _),) = sandbox.events(SECRET)
    with pytest.raises(ForgedWebhookError):
        services.ingest_webhook(provider, body, forge(body))
    assert not WebhookEvent.objects.exists()


def test_signed_nonsense_is_refused(provider):
    for body in (b"", b"[]", b'{"id": 1}', b"\xff", b'{"type": null}'):
        with pytest.raises(ForgedWebhookError):
            services.ingest_webhook(provider, body, {HEADER: signatures.sign(body, SECRET)})


def test_a_secret_is_replaced_without_a_gap(provider, sandbox, monkeypatch):
    services.charge(OrderFactory(), PRICE, "card", "one")
    monkeypatch.setenv("SANDBOX_SECRET", f"whsec_two {SECRET}")
    assert ingest(provider, sandbox.events(SECRET)) == [True]
    assert ingest(provider, sandbox.events("whsec_two")) == [False]
    monkeypatch.setenv("SANDBOX_SECRET", "whsec_two")
    with pytest.raises(ForgedWebhookError):
        ingest(provider, sandbox.events(SECRET))


def test_an_event_that_came_before_its_operation_is_tried_again(provider, sandbox):
    operation = services.charge(OrderFactory(), PRICE, "card", "one")
    ((body, _),) = sandbox.events(SECRET)
    early = json.loads(body) | {"id": "evt_early", "key": "", "reference": "unknown_yet"}
    text = json.dumps(early).encode()
    services.ingest_webhook(provider, text, {HEADER: signatures.sign(text, SECRET)})
    assert services.process_webhooks() == 0
    event = WebhookEvent.objects.get()
    assert "unknown_yet" in event.last_error
    assert event.retry_at > timezone.now()
    assert services.process_webhooks() == 0, "it waits"
    WebhookEvent.objects.update(object_reference=operation.provider_reference)
    assert services.replay(WebhookEvent.objects.get())


def test_no_card_number_is_kept(provider, sandbox):
    body = json.dumps(
        {"id": "e1", "type": "charge.succeeded", "reference": "", "pan": "4242424242424242",
         "card": {"cvc": "123", "note": "4242 4242 4242 4242"}}
    ).encode()  # fmt: skip
    services.ingest_webhook(provider, body, {HEADER: signatures.sign(body, SECRET)})
    kept = json.dumps(WebhookEvent.objects.get().payload)
    assert "42424242" not in kept
    assert "123" not in kept


def test_a_dispute_comes_before_the_news_of_its_sale(provider, sandbox):
    sandbox.tell(Mode.LOSE_ANSWER)
    operation = services.charge(OrderFactory(), PRICE, "card", "one")
    sandbox.dispute_charge(f"sb_{provider.code}_1", 3384)
    charge, dispute = sandbox.events(SECRET)
    ingest(provider, [dispute])
    assert services.process_webhooks() == 1
    assert Dispute.objects.get().operation is None
    ingest(provider, [charge])
    assert services.process_webhooks() == 1
    assert Dispute.objects.get().operation == operation


class TestAddress:
    """What a provider meets over HTTP."""

    def post(self, provider, body, headers, code=None):
        client = Client(headers={"host": "corner.localhost"}, raise_request_exception=True)
        return client.post(
            f"/payments/webhooks/{code or provider.code}/", body,
            content_type="application/json", headers=headers,
        )  # fmt: skip

    @pytest.fixture(autouse=True)
    def domain(self, made, provider):
        from weedgo.tenancy.models import Domain

        Domain.objects.get_or_create(domain="corner.localhost", tenant=made, is_primary=True)

    def test_an_event_is_kept_and_answered_at_once(self, provider, sandbox):
        services.charge(OrderFactory(), PRICE, "card", "one")
        ((body, headers),) = sandbox.events(SECRET)
        assert [self.post(provider, body, headers).status_code for _ in range(2)] == [200, 200]
        assert WebhookEvent.objects.get().processed_at is None

    def test_a_forged_one_is_refused(self, provider, sandbox):
        assert self.post(provider, b"{}", {}).status_code == 400
        assert self.post(provider, b"{}", {}, code="nobody").status_code == 404
        Provider.objects.filter(pk=provider.pk).update(webhook_secret_ref="")
        refused = self.post(provider, b"{}", {HEADER: signatures.sign(b"{}", "")})
        assert (refused.status_code, b"no signing secret" in refused.content) == (400, True)
        assert not Operation.objects.exists()
