"""Whatever fails, an order is charged at most once, and every cent is in the ledger."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from payments import ledger, selectors, services
from payments.errors import (
    InsideTransactionError,
    NoProviderError,
    PaymentError,
    RefundTooLargeError,
    RequestReusedError,
)
from payments.factories import CashFactory, ProviderFactory
from payments.models import HealthMetric, LedgerEntry, LedgerLine, Operation, Transaction
from payments.money import Money
from payments.providers.sandbox import Mode
from tests.cluster import cannot
from tests.integration.payments.sandbox import due, wire
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)


def execute(query, *arguments):
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)


def test_a_charge_is_made_once_and_entered(provider, sandbox):
    order = OrderFactory()
    first = services.charge(order, PRICE, "card", "checkout-1")
    again = services.charge(order, PRICE, "card", "checkout-1")
    assert (first.pk, first.status) == (again.pk, "succeeded")
    assert sandbox.done() == [("charge", 3384, True)]
    payment = Transaction.objects.get(order=order)
    assert (payment.status, payment.captured_minor) == ("paid", 3384)
    assert ledger.balance(f"receivable:{provider.code}", "CAD") == PRICE
    assert ledger.balance("sales", "CAD") == -PRICE
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    (metric,) = HealthMetric.objects.all()
    assert (metric.call_count, sum(metric.latency_histogram)) == (1, 1)


def test_other_requests_for_the_same_order_are_refused(provider, sandbox):
    order = OrderFactory()
    services.charge(order, PRICE, "card", "checkout-1")
    with pytest.raises(PaymentError, match="succeeded already"):
        services.charge(order, PRICE, "card", "checkout-2")
    with pytest.raises(RequestReusedError):
        services.charge(order, Money(1), "card", "checkout-1")
    with pytest.raises(NoProviderError):
        services.charge(OrderFactory(), PRICE, "wallet", "checkout-1")
    cancelled = OrderFactory(status="cancelled")
    with pytest.raises(PaymentError, match="cancelled"):
        services.charge(cancelled, PRICE, "card", "checkout-3")
    assert len(sandbox.done()) == 1


def test_a_declined_charge_may_be_tried_again(provider, sandbox):
    order = OrderFactory()
    sandbox.tell(Mode.DECLINE)
    assert services.charge(order, PRICE, "card", "one").status == "declined"
    assert Transaction.objects.get(order=order).status == "declined"
    assert services.charge(order, PRICE, "card", "two").status == "succeeded"
    assert selectors.failures("do_not_honour").count() == 1


@pytest.mark.parametrize(("mode", "charged"), [(Mode.LOSE_ANSWER, 1), (Mode.LOSE_REQUEST, 0)])
def test_what_is_unknown_is_looked_up_and_charged_once(provider, sandbox, mode, charged):
    order = OrderFactory()
    sandbox.tell(mode)
    operation = services.charge(order, PRICE, "card", "one")
    assert operation.status == "unknown"
    assert len(sandbox.done()) == charged
    assert services.charge(order, PRICE, "card", "one").status == "unknown"
    with pytest.raises(PaymentError, match="unknown already"):
        services.charge(order, PRICE, "card", "two")
    assert services.resolve_due() == 0
    due()
    assert services.resolve_due() == 1
    operation.refresh_from_db()
    assert operation.status == "succeeded"
    assert sandbox.done() == [("charge", 3384, True)]
    assert LedgerEntry.objects.count() == 1


def test_nothing_is_sent_again_to_a_provider_that_forgets_keys(shop, tmp_path):
    provider = ProviderFactory(deduplicates=False, config={"path": str(tmp_path / "sandbox")})
    order = OrderFactory()
    wire(provider).tell(Mode.LOSE_REQUEST)
    operation = services.charge(order, PRICE, "card", "one")
    for _ in range(5):
        due()
        assert services.resolve_due(1) == 0
    assert wire(provider).done() == []
    (exception,) = services.exceptions()
    assert (exception.kind, exception.operation) == ("no_outcome", operation)


def test_another_provider_is_asked_only_if_the_first_never_heard_of_it(provider, sandbox):
    second = ProviderFactory(priority=200, config=provider.config)
    sandbox.tell(Mode.REFUSE)
    operation = services.charge(OrderFactory(), PRICE, "card", "one")
    assert (operation.status, operation.provider, operation.attempt) == ("succeeded", second, 2)
    sandbox.tell(Mode.SERVER_ERROR)
    operation = services.charge(OrderFactory(), PRICE, "card", "one")
    assert (operation.status, operation.provider) == ("unknown", provider)
    assert len(wire(second).done()) == 1


def test_refunds_never_exceed_what_came_in(provider, sandbox):
    order = OrderFactory()
    services.charge(order, PRICE, "card", "one")
    assert services.refund(order, Money(3000), "back-1").status == "succeeded"
    assert services.refund(order, Money(3000), "back-1").status == "succeeded"
    with pytest.raises(RequestReusedError):
        services.refund(order, Money(1), "back-1")
    with pytest.raises(RefundTooLargeError, match=r"3\.84 CAD can"):
        services.refund(order, Money(385), "back-2")
    sandbox.tell(Mode.LOSE_ANSWER)
    assert services.refund(order, Money(384), "back-3").status == "unknown"
    with pytest.raises(RefundTooLargeError):
        services.refund(order, Money(384), "back-4")
    due()
    services.resolve_due()
    payment = Transaction.objects.get(order=order)
    assert (payment.status, payment.refunded_minor, payment.refund_pending_minor) == (
        "refunded", 3384, 0,
    )  # fmt: skip
    assert ledger.balance("sales", "CAD") == Money(0)
    assert [kind for kind, _, _ in sandbox.done()] == ["charge", "refund", "refund"]


def test_cash_is_rounded_to_coins_in_an_account_of_its_own(shop):
    CashFactory()
    services.charge(OrderFactory(), Money(3384), "cash", "one")
    services.charge(OrderFactory(), Money(3387), "cash", "two")
    assert ledger.balance("cash", "CAD") == Money(3385 + 3385)
    assert ledger.balance("cash_rounding", "CAD") == Money(-1 + 2)
    execute("SET CONSTRAINTS ALL IMMEDIATE")


@cannot("SET CONSTRAINTS does not reach the node, where a transaction's end does")
def test_an_entry_balances_at_the_end_of_its_transaction(shop):
    for lines in (
        [("sales", Money(5)), ("cash", Money(-4))],
        [("sales", Money(5)), ("cash", Money(-5)), ("cash", Money(1, "USD"))],
        [("sales", Money(5))],
        [],
    ):
        with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012
            ledger.post("wrong", "wrong", lines)
            execute("SET CONSTRAINTS ALL IMMEDIATE")
    ledger.post("right", "right", [("sales", Money(5)), ("cash", Money(-5))])
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    line = {"entry": LedgerEntry.objects.get(), "account": ledger.account("sales")}
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerLine.objects.create(**line, amount_minor=1)


def test_what_was_asked_and_entered_never_changes(provider):
    order = OrderFactory()
    services.charge(order, PRICE, "card", "one")
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (
        "UPDATE payment_operation SET amount_minor = 1",
        "UPDATE payment_operation SET provider_key = gen_random_uuid()",
        "UPDATE payment_operation SET status = 'pending'",
        "UPDATE payment_operation SET status = 'declined'",
        "UPDATE payment_operation SET error_message = 'card 4242 4242 4242 4242 declined'",
        "DELETE FROM payment_operation",
        "UPDATE payment_transactions SET refunded_minor = 3385",
        "UPDATE ledger_line SET amount_minor = 2",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_line",
        "INSERT INTO payment_operation (transaction_id, order_id, provider_id, kind, status,"
        " amount_minor, request_key, provider_key) SELECT transaction_id, order_id, provider_id,"
        " 'charge', 'pending', 1, 'another', gen_random_uuid() FROM payment_operation",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            execute(statement)


def test_many_callers_charge_once(open_shop, lasting):
    order = OrderFactory()
    states, lock = [], threading.Lock()

    def pay():
        connection.set_tenant(open_shop)
        try:
            operation = services.charge(order, PRICE, "card", "same")
            with lock:
                states.append(operation.status)
        finally:
            connection.close()

    threads = [threading.Thread(target=pay) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wire(lasting).done() == [("charge", 3384, True)]
    assert set(states) <= {"sent", "succeeded"}
    assert len(states) == 6


def test_a_callers_transaction_is_refused(open_shop, lasting):
    order = OrderFactory()
    with transaction.atomic(), pytest.raises(InsideTransactionError):
        services.charge(order, PRICE, "card", "one")
    with transaction.atomic(), pytest.raises(InsideTransactionError):
        services.resolve_due()
    assert wire(lasting).done() == []


def test_a_crash_after_the_call_is_found_out(lasting, monkeypatch):
    order = OrderFactory()

    class CrashError(BaseException):
        pass

    def crash(*args):
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr("payments.calls.finish", crash)
        with pytest.raises(CrashError):
            services.charge(order, PRICE, "card", "one")
    operation = Operation.objects.get(order=order)
    assert operation.status == "sent"
    Operation.objects.filter(pk=operation.pk).update(
        next_check_at=timezone.now() - timedelta(days=365)
    )
    assert services.resolve_due(1) == 1
    operation.refresh_from_db()
    assert operation.status == "succeeded"
    assert wire(lasting).done() == [("charge", 3384, True)]
