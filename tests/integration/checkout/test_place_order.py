"""An order is placed whole or not at all, whatever fails between."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from inventory import selectors
from inventory import services as inventory
from inventory.errors import InsufficientStockError
from inventory.factories import StockFactory
from inventory.models import Drift, Reservation
from payments import ledger
from payments.errors import NoProviderError
from payments.factories import ProviderFactory
from payments.models import Operation
from payments.money import Money
from payments.providers.sandbox import Mode, Sandbox
from weedgo.checkout import services
from weedgo.checkout.errors import CheckoutError, KeyReusedError
from weedgo.checkout.services import Item, place_order, settle_pending
from weedgo.store.factories import CustomerFactory, PromotionFactory, TaxRateFactory
from weedgo.store.models import DiscountCode, Order, OrderStatusChange, PromotionUse


@pytest.fixture
def stock(shop):
    TaxRateFactory()
    return StockFactory(quantity_on_hand=10)


@pytest.fixture
def sandbox(stock, tmp_path):
    provider = ProviderFactory(config={"path": str(tmp_path / "sandbox")})
    return Sandbox(provider.config["path"], provider.code, deduplicates=True)


def place(stock, quantity=2, key=None, **options):
    items = [Item(stock.product, quantity)]
    return place_order(key or uuid4(), stock.location, items, "card", **options)


def counters(stock):
    stock.refresh_from_db()
    return stock.quantity_on_hand, stock.quantity_reserved


def check_ledgers():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Drift.objects.exists()


def test_an_order_is_paid_and_its_units_sold(stock, sandbox):
    customer = CustomerFactory()
    order = place(stock, customer=customer)
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert (order.subtotal_minor, order.tax_total_minor, order.total_minor) == (5990, 779, 6769)
    assert counters(stock) == (8, 0)
    assert sandbox.done() == [("charge", 6769, True)]
    assert list(OrderStatusChange.objects.values_list("to_status", flat=True)) == [
        "confirmed", "pending",
    ]  # fmt: skip
    check_ledgers()
    customer.refresh_from_db()
    assert customer.last_order_at == order.placed_at
    assert order.items.get().batch_lot == stock.batch_lot
    trace = selectors.trace(stock.sku, stock.batch_lot)
    assert trace.orders()[trace.sales[0][0]].customer == customer


def test_the_same_checkout_is_the_same_order(stock, sandbox):
    key = uuid4()
    assert place(stock, key=key) == place(stock, key=key)
    assert counters(stock) == (8, 0)
    assert len(sandbox.done()) == 1
    with pytest.raises(KeyReusedError):
        place(stock, 3, key=key)


def test_a_declined_card_lets_the_units_go(stock, sandbox):
    sandbox.tell(Mode.DECLINE)
    order = place(stock)
    assert (order.status, order.payment_status) == ("cancelled", "failed")
    assert order.cancelled_reason == "do_not_honour"
    assert counters(stock) == (10, 0)
    check_ledgers()


def test_what_is_not_there_is_not_ordered(stock, sandbox):
    with pytest.raises(InsufficientStockError):
        place(stock, 11)
    with pytest.raises(CheckoutError):
        place(stock, 0)
    stock.product.is_active = False
    stock.product.save()
    with pytest.raises(CheckoutError, match="not sold"):
        place(stock)
    assert not Order.objects.exists()
    assert sandbox.done() == []


def test_without_a_provider_nothing_is_held(stock):
    with pytest.raises(NoProviderError):
        place(stock)
    assert Order.objects.get().status == "cancelled"
    assert counters(stock) == (10, 0)


@pytest.mark.parametrize("mode", [Mode.LOSE_ANSWER, Mode.LOSE_REQUEST])
def test_an_unknown_payment_holds_the_units_until_it_is_known(stock, sandbox, mode):
    sandbox.tell(mode)
    order = place(stock)
    assert (order.status, counters(stock)) == ("pending", (10, 2))
    held = Reservation.objects.get(pk=order.checkout_key)
    assert held.expires_at > timezone.now() + timedelta(minutes=30)
    Operation.objects.update(next_check_at=timezone.now())
    assert settle_pending() == 1
    order.refresh_from_db()
    assert (order.status, order.payment_status, counters(stock)) == ("confirmed", "paid", (8, 0))
    assert sandbox.done() == [("charge", order.total_minor, True)]
    check_ledgers()


def test_a_crash_before_the_charge_cancels_the_order(stock, sandbox, monkeypatch):
    class CrashError(BaseException):
        pass

    def crash(*args):
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr("payments.services.charge", crash)
        with pytest.raises(CrashError):
            place(stock)
    assert settle_pending() == 0
    Order.objects.update(placed_at=timezone.now() - services.STALE * 2)
    assert settle_pending() == 1
    assert Order.objects.get().status == "cancelled"
    assert counters(stock) == (10, 0)


def test_a_crash_after_the_charge_sells_the_units(stock, sandbox, monkeypatch):
    class CrashError(BaseException):
        pass

    def crash(*args):
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr("weedgo.checkout.services.settle", crash)
        with pytest.raises(CrashError):
            place(stock)
    assert (Order.objects.get().status, counters(stock)) == ("pending", (10, 2))
    assert settle_pending() == 1
    assert (Order.objects.get().status, counters(stock)) == ("confirmed", (8, 0))


def test_units_that_were_held_too_long_are_held_again(stock, sandbox):
    sandbox.tell(Mode.LOSE_ANSWER)
    order = place(stock)
    Reservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert inventory.expire_due() == 1
    assert counters(stock) == (10, 0)
    Operation.objects.update(next_check_at=timezone.now())
    settle_pending()
    order.refresh_from_db()
    assert (order.status, counters(stock)) == ("confirmed", (8, 0))
    check_ledgers()


def test_a_recall_during_checkout_gives_the_money_back(stock, sandbox):
    sandbox.tell(Mode.LOSE_ANSWER)
    order = place(stock)
    inventory.recall(stock.sku, stock.batch_lot)
    Operation.objects.update(next_check_at=timezone.now())
    settle_pending()
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "refunded")
    assert counters(stock) == (10, 0)
    assert [kind for kind, _, _ in sandbox.done()] == ["charge", "refund"]
    assert ledger.balance("sales", "CAD") == Money(0)
    check_ledgers()


def test_a_code_lowers_the_price_once(stock, sandbox):
    promotion = PromotionFactory()
    DiscountCode.objects.create(promotion=promotion, code="GREEN10", maximum_redemptions=1)
    order = place(stock, code="green10")
    assert (order.discount_total_minor, order.tax_total_minor) == (599, 701)
    assert sandbox.done() == [("charge", 5391 + 701, True)]
    assert PromotionUse.objects.get().order == order
    with pytest.raises(CheckoutError, match="redeemed as often"):
        place(stock, code="GREEN10")
    assert Order.objects.count() == 1
    assert counters(stock) == (8, 0)
