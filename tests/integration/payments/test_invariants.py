"""Any order of requests, failures, lookups, events, disputes and payouts keeps the books true."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from payments import ledger, services
from payments.errors import PaymentError
from payments.factories import ProviderFactory
from payments.models import Circuit, LedgerEntry, LedgerLine, Operation, Provider, Transaction
from payments.money import Money
from payments.providers.sandbox import Mode
from tests.integration.payments.sandbox import due, wire
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)
SECRET = "whsec_machine"
ORDERS = st.integers(0, 2)
KEYS = st.sampled_from(["one", "two"])
AMOUNTS = st.sampled_from([1, 384, 1000, 3000, 3384])
MODES = st.sampled_from([mode for mode in Mode if mode is not Mode.ARRIVE_LATE])


class Shop(RuleBasedStateMachine):
    """Two providers that fail as they are told, and what a shop may do."""

    folder = None

    @initialize(deduplicates=st.booleans())
    def open(self, deduplicates):
        Provider.objects.update(is_active=False)
        path = str(self.folder / f"sandbox{id(self)}")
        self.providers = [
            ProviderFactory(
                priority=place, deduplicates=deduplicates, config={"path": path},
                webhook_secret_ref="MACHINE_SECRET",
            )
            for place in (1, 2)
        ]  # fmt: skip
        self.orders = [OrderFactory() for _ in range(3)]
        self.seen = 0

    @rule(which=st.integers(0, 1), mode=MODES)
    def fail(self, which, mode):
        wire(self.providers[which]).tell(mode)

    @rule(order=ORDERS, key=KEYS)
    def charge(self, order, key):
        self.ask(services.charge, order, PRICE, "card", key)

    @rule(order=ORDERS, key=KEYS)
    def authorize(self, order, key):
        self.ask(services.authorize, order, PRICE, "card", key)

    @rule(order=ORDERS, key=KEYS, minor=AMOUNTS)
    def capture(self, order, key, minor):
        self.ask(services.capture, order, Money(minor), key)

    @rule(order=ORDERS, key=KEYS)
    def void(self, order, key):
        self.ask(services.void, order, key)

    @rule(order=ORDERS, key=KEYS, minor=AMOUNTS)
    def refund(self, order, key, minor):
        self.ask(services.refund, order, Money(minor), key)

    @rule()
    def look_up(self):
        due()
        services.resolve_due(10)

    @rule(again=st.booleans())
    def events(self, again):
        for provider in self.providers:
            for body, headers in wire(provider).events(SECRET) * (1 + again):
                services.ingest_webhook(provider, body, headers)
        services.process_webhooks(50)

    @rule()
    def rest(self):
        Circuit.objects.all().delete()

    def ask(self, service, order, *arguments):
        with suppress(PaymentError):
            service(self.orders[order], *arguments)

    def done(self):
        return [
            (kind, key, minor)
            for provider in self.providers
            for kind, key, minor in books_of(provider)
        ]

    @invariant()
    def nobody_pays_twice(self):
        if not hasattr(self, "orders"):
            return
        key_of = {str(o.provider_key): o for o in Operation.objects.filter(order__in=self.orders)}
        money_in: Counter[int] = Counter()
        for kind, key, _ in self.done():
            assert key in key_of, "nothing is done there that we do not know"
            if kind in ("charge", "authorize"):
                money_in[key_of[key].order_id] += 1
        assert all(count <= 1 for count in money_in.values())

    @invariant()
    def the_books_are_true(self):
        if not hasattr(self, "orders"):
            return
        for payment in Transaction.objects.filter(order__in=self.orders):
            ended = payment.operations.filter(status="succeeded")

            def total(*kinds, ended=ended):
                return ended.filter(kind__in=kinds).aggregate(n=Sum("amount_minor"))["n"] or 0

            assert payment.captured_minor == total("charge", "capture") <= payment.amount_minor
            assert payment.refunded_minor == total("refund")
            assert payment.refunded_minor + payment.refund_pending_minor <= payment.captured_minor
        assert (
            not LedgerLine.objects.values("entry", "currency")
            .annotate(n=Sum("amount_minor"))
            .filter(n__gt=0)
            .exists()
        )
        assert LedgerEntry.objects.values("key").distinct().count() == LedgerEntry.objects.count()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    @invariant()
    def all_that_is_open_is_looked_up(self):
        open_ones = Operation.objects.filter(status__in=["sent", "unknown"])
        assert not open_ones.filter(next_check_at=None).exists()

    def teardown(self):
        """In the end provider and ledger agree."""
        if not hasattr(self, "orders"):
            return
        for provider in self.providers:
            Provider.objects.filter(pk=provider.pk).update(lookup_is_final=True, settle_window="0")
        Operation.objects.filter(next_check_at__isnull=False).update(created_at="2000-01-01T00:00Z")
        due()
        services.resolve_due(100)
        assert not Operation.objects.filter(status__in=["sent", "unknown"]).exists()
        for provider in self.providers:
            taken = sum(minor for _, minor in wire(provider).taken())
            assert ledger.balance(f"receivable:{provider.code}", "CAD").minor == taken


def books_of(provider):
    """Kind, key and amount of what a provider has done."""
    from payments.providers.sandbox import books

    with books.opened(provider.config["path"]) as file:
        rows = file.execute(
            "SELECT kind, key, minor FROM operation WHERE provider = ? AND succeeded",
            (provider.code,),
        ).fetchall()
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    "examples", [5, pytest.param(300, marks=pytest.mark.soak)], ids=["short", "long"]
)
def test_the_books_stay_true(shop, tmp_path, monkeypatch, examples):
    monkeypatch.setenv("MACHINE_SECRET", SECRET)

    class Fresh(Shop):
        folder = tmp_path

        def __init__(self):
            super().__init__()
            self.point = transaction.savepoint()

        def teardown(self):
            try:
                if not connection.needs_rollback:
                    super().teardown()
            finally:
                # Whatever failed, the next example begins clean.
                transaction.set_rollback(rollback=False)
                transaction.savepoint_rollback(self.point)

    run_state_machine_as_test(
        Fresh,
        settings=settings(
            max_examples=examples, stateful_step_count=15, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
