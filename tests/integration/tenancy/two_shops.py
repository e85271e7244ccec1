"""Two shops pay at once with the same orders, keys and provider: ``python -m`` this ``PATH``.

Threads that change shops charge, and each event of one shop's provider is sent to the other's
address too. Prints as JSON what each shop knows and what each provider took.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.integration.tenancy.conftest import SHOPS

CODE, ORDERS, CALLERS = "same", 6, 4
# In cents; of an order's 3384.
PRICES = dict(zip(SHOPS, (3384, 1000), strict=True))
SECRETS = {shop: f"whsec_{shop}" for shop in SHOPS}


def main() -> None:
    """Charge, send the events, look everything up, and print what came of it."""
    import django

    django.setup()
    sys.stdout.write(json.dumps(run(sys.argv[1])))


def run(folder: str) -> dict[str, Any]:
    """Charge in both shops; return what became of it by shop."""
    from payments import services

    os.environ.update({f"SECRET_{shop.upper()}": secret for shop, secret in SECRETS.items()})
    for shop in SHOPS:
        _in(shop, lambda s=shop: _prepare(s, folder))
    calls = [
        (shop, number)
        for number in range(ORDERS)
        for _ in range(CALLERS)
        for shop in SHOPS
    ]  # fmt: skip
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda call: _in(call[0], lambda: _charge(*call)), calls))
    answers = {shop: _sent(shop, folder) for shop in SHOPS}
    for shop in SHOPS:
        _in(shop, services.process_webhooks)
    return {
        shop: _in(shop, lambda s=shop: _seen(s, folder)) | {"answers": answers[shop]}
        for shop in SHOPS
    }


def _in(shop: str, work: Any) -> Any:
    from django.db import connection

    from weedgo.tenancy.models import Tenant

    connection.set_schema_to_public()
    connection.set_tenant(Tenant.objects.get(schema_name=shop))
    try:
        return work()
    finally:
        connection.set_schema_to_public()


def _wire(shop: str, folder: str) -> Any:
    from payments.providers.sandbox import Sandbox

    return Sandbox(f"{folder}/{shop}", CODE, deduplicates=True)


def _prepare(shop: str, folder: str) -> None:
    """The same provider, order numbers and, as each schema counts for itself, the same ids."""
    from payments.models import Provider
    from payments.providers.sandbox import Mode
    from weedgo.store.factories import OrderFactory, StoreFactory

    Provider.objects.create(
        code=CODE, name="Same", kind="sandbox", adapter="sandbox", methods=["card"],
        config={"path": f"{folder}/{shop}"}, webhook_secret_ref=f"SECRET_{shop.upper()}",
    )  # fmt: skip
    store = StoreFactory(code="same")
    for number in range(ORDERS):
        OrderFactory(store=store, customer=None, order_number=f"S-{number}")
    _wire(shop, folder).tell(Mode.LOSE_ANSWER, 2)


def _charge(shop: str, number: int) -> None:
    from contextlib import suppress

    from payments import services
    from payments.errors import PaymentError
    from payments.money import Money
    from weedgo.store.models import Order

    order = Order.objects.get(order_number=f"S-{number}")
    with suppress(PaymentError):
        services.charge(order, Money(PRICES[shop]), "card", "same")


def _sent(shop: str, folder: str) -> dict[str, list[int]]:
    """Send a shop's events to its own address and the other's; return the answers."""
    from django.test import Client
    from django.urls import reverse

    events = _wire(shop, folder).events(SECRETS[shop])
    answers: dict[str, list[int]] = {}
    for other in SHOPS:
        client = Client(headers={"host": f"{other}.localhost"})
        answers[other] = sorted(
            {
                client.post(
                    reverse("payments:webhook", args=[CODE]), body,
                    content_type="application/json", headers=headers,
                ).status_code
                for body, headers in events
            }
        )  # fmt: skip
    return answers


def _seen(shop: str, folder: str) -> dict[str, Any]:
    from payments import ledger
    from payments.models import Operation, Transaction, WebhookEvent

    return {
        "statuses": sorted(set(Operation.objects.values_list("status", flat=True))),
        "operations": Operation.objects.count(),
        "amounts": sorted(set(Transaction.objects.values_list("captured_minor", flat=True))),
        "transactions": Transaction.objects.count(),
        "events": WebhookEvent.objects.count(),
        "receivable": ledger.balance(f"receivable:{CODE}", "CAD").minor,
        "taken": [minor for _, minor in _wire(shop, folder).taken()],
    }


if __name__ == "__main__":
    main()
