"""No column of payments takes a card's number, whoever writes; `scan` finds it anywhere."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from payments import services
from payments.errors import PaymentError
from payments.models import Dispute, Operation, WebhookEvent
from payments.money import Money
from payments.scrubbing import scan
from weedgo.store.factories import OrderFactory

CARD = "4242 4242 4242 4242"


def test_a_callers_key_or_token_is_refused(provider):
    for key, source in ((CARD, ""), ("one", "4242424242424242")):
        with pytest.raises(PaymentError, match="holds a card's number"):
            services.charge(OrderFactory(), Money(1), "card", key, source)
    assert not Operation.objects.exists()


@pytest.mark.parametrize("column", ["error_message", "source"])
def test_the_database_refuses_it_in_an_operation(provider, column):
    operation = services.charge(OrderFactory(), Money(1), "card", "one")
    with pytest.raises(IntegrityError, match="no_card"), transaction.atomic():
        Operation.objects.filter(pk=operation.pk).update(**{column: f"a {CARD} b"})


def test_the_database_refuses_it_in_json(provider):
    event = WebhookEvent(provider=provider, event_id="1", payload={"deep": [{"n": CARD}]})
    with pytest.raises(IntegrityError, match="no_card"), transaction.atomic():
        event.save()
    dispute = Dispute(
        provider=provider, provider_reference="1", amount_minor=1, reason="x",
        evidence={"receipt": "4242424242424242"},
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="no_card"), transaction.atomic():
        dispute.save()


def test_scan_finds_what_stands_elsewhere(shop, provider):
    assert scan(connection, shop.schema_name) == []
    order = OrderFactory()
    order.cancelled_reason = f"paid with {CARD}"
    order.save()
    assert scan(connection, shop.schema_name) == [("orders", "cancelled_reason", 1)]
