"""What happens in shops and must not break the books; deliveries and months have own files."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone

from inventory import selectors, services
from inventory.errors import (
    InsufficientStockError,
    InventoryError,
    KeyReusedError,
    NotSellableError,
    ReservationClosedError,
)
from inventory.factories import LocationFactory, StockFactory
from inventory.models import Drift, Movement, Reservation, Stock
from inventory.services import Line, Reference
from tests.cluster import cannot
from weedgo.store.factories import ProductFactory, StoreFactory


def counters(stock):
    stock.refresh_from_db()
    return stock.quantity_on_hand, stock.quantity_reserved


def run_due(*keys):
    past = timezone.now() - timedelta(minutes=1)
    Reservation.objects.filter(pk__in=keys).update(expires_at=past)


def at_once(tenant, *works):
    """Run things at the same time; what each came to, or its error."""
    results = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(number, work):
        connection.set_tenant(tenant)
        try:
            start.wait()
            results[number] = work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_sku_twice_in_an_order(shop):
    stock = StockFactory(quantity_on_hand=5)
    with pytest.raises(InsufficientStockError, match="1 of 6 missing"):
        services.reserve(uuid4(), stock.location, [Line(stock.sku, 3), Line(stock.sku, 3)])
    services.reserve(uuid4(), stock.location, [Line(stock.sku, 3), Line(stock.sku, 2)])
    assert counters(stock) == (5, 5)


def test_the_same_lines_in_opposite_order_do_not_deadlock(open_shop):
    first = StockFactory(quantity_on_hand=500)
    second = StockFactory(location=first.location, quantity_on_hand=500)
    lines = [Line(first.sku, 1), Line(second.sku, 1)]

    def orders(asked):
        for _ in range(20):
            key = uuid4()
            services.reserve(key, first.location, asked)
            services.commit(key)

    works = [lambda asked=asked: orders(asked) for asked in (lines, lines[::-1]) * 3]
    assert at_once(open_shop, *works) == [None] * 6
    assert counters(first) == counters(second) == (380, 0)


def test_a_sale_and_the_expiry_of_its_units_at_once(open_shop):
    for _ in range(5):
        stock = StockFactory(quantity_on_hand=3)
        key = uuid4()
        services.reserve(key, stock.location, [Line(stock.sku, 2)])
        run_due(key)
        sold, expired = at_once(open_shop, lambda k=key: services.commit(k), services.expire_due)
        status = Reservation.objects.get(pk=key).status
        if status == "committed":
            assert (sold, expired) == (None, 0)
            assert counters(stock) == (1, 0)
        else:
            assert isinstance(sold, ReservationClosedError)
            assert expired == 1
            assert counters(stock) == (3, 0)
        assert not Drift.objects.filter(stock=stock).exists()


def test_a_key_with_other_lines_or_another_place(shop):
    stock = StockFactory()
    key = uuid4()
    made = services.reserve(key, stock.location, [Line(stock.sku, 2)])
    assert services.reserve(key, stock.location, [Line(stock.sku, 1)] * 2) == made
    assert made.expires_at == Reservation.objects.get(pk=key).expires_at
    for location, quantity in ((stock.location, 3), (LocationFactory(), 2)):
        with pytest.raises(KeyReusedError):
            services.reserve(key, location, [Line(stock.sku, quantity)])
    assert counters(stock) == (100, 2)


def test_a_dead_sweeper_keeps_nobody_from_buying(shop):
    stock = StockFactory(quantity_on_hand=5)
    other = StockFactory(location=stock.location, quantity_on_hand=5)
    abandoned, paying = uuid4(), uuid4()
    services.reserve(abandoned, stock.location, [Line(stock.sku, 3), Line(other.sku, 1)])
    services.reserve(paying, stock.location, [Line(stock.sku, 2)])
    with pytest.raises(InsufficientStockError):
        services.reserve(uuid4(), stock.location, [Line(stock.sku, 1)])
    run_due(abandoned)
    assert services.availability(stock.location, [stock.sku, other.sku]) == {
        stock.sku: 3, other.sku: 5,
    }  # fmt: skip
    services.reserve(uuid4(), stock.location, [Line(stock.sku, 3)])
    assert Reservation.objects.get(pk=abandoned).status == "expired"
    assert (counters(stock), counters(other)) == ((5, 5), (5, 0))
    services.commit(paying)
    with pytest.raises(ReservationClosedError):
        services.commit(abandoned)
    assert not Drift.objects.exists()


def test_a_recall_during_checkout(open_shop):
    stock = StockFactory(quantity_on_hand=5)
    key = uuid4()
    services.reserve(key, stock.location, [Line(stock.sku, 2)])
    sold, trace = at_once(
        open_shop, lambda: services.commit(key), lambda: services.recall(stock.sku, stock.batch_lot)
    )
    if sold is None:
        assert counters(stock) == (3, 0)
        assert sum(units for _, units, _ in selectors.trace(stock.sku, stock.batch_lot).sales) == 2
    else:
        assert isinstance(sold, NotSellableError)
        assert trace.reservations == [(str(key), 2)]
        services.release(key)
        assert counters(stock) == (5, 0)
    with pytest.raises(InsufficientStockError):
        services.reserve(uuid4(), stock.location, [Line(stock.sku, 1)])


def test_a_lot_expires_at_midnight_by_the_shops_clock(shop):
    """Somewhere it is another day than here at any hour, summer time or not."""
    ends = {zone: datetime.now(ZoneInfo(zone)).date() for zone in (
        "Pacific/Pago_Pago", "America/Toronto", "Pacific/Kiritimati",
    )}  # fmt: skip
    product = ProductFactory()
    for zone, today in ends.items():
        location = LocationFactory(store=StoreFactory(time_zone=zone))
        for day, sold in ((today, True), (today - timedelta(days=1), False)):
            row = StockFactory(location=location, product=product, expires_on=day)
            assert services.availability(location, [row.sku])[row.sku] == 100 * sold
            if sold:
                services.reserve(uuid4(), location, [Line(row.sku, 100)])
            else:
                with pytest.raises(InsufficientStockError):
                    services.reserve(uuid4(), location, [Line(row.sku, 1)])
            Stock.objects.filter(pk=row.pk).update(lot_status="quarantine")
    assert len(set(ends.values())) > 1


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2024-03-10T04:59:59Z", "2024-03-09"), ("2024-03-10T05:00:00Z", "2024-03-10"),
        ("2024-03-11T03:59:59Z", "2024-03-10"), ("2024-03-11T04:00:00Z", "2024-03-11"),
        ("2024-11-03T03:59:59Z", "2024-11-02"), ("2024-11-03T04:00:00Z", "2024-11-03"),
        ("2024-11-04T04:59:59Z", "2024-11-03"), ("2024-11-04T05:00:00Z", "2024-11-04"),
    ],
)  # fmt: skip
def test_midnight_in_toronto_when_clocks_change(shop, monkeypatch, moment, day):
    """The database's clock and Python's turn the day at the same moment."""
    now = datetime.fromisoformat(moment)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    assert str(selectors.local_today(StoreFactory())) == day
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s AT TIME ZONE 'America/Toronto')::date::text", [now])
        assert cursor.fetchone()[0] == day


def test_a_count_while_selling(shop):
    """As of its start, or as of now: the sale in between stays sold either way."""
    for enter, counted, expected in (
        (services.enter_count, 18, 13), (services.count_now, 14, 14),
        (services.count_now, 15, 15), (services.enter_count, 20, 15),
    ):  # fmt: skip
        stock = StockFactory(quantity_on_hand=20)
        count = services.start_count(stock.location)
        key = uuid4()
        services.reserve(key, stock.location, [Line(stock.sku, 5)])
        services.commit(key)
        enter(count, {stock.pk: counted})
        services.post_count(count)
        assert counters(stock) == (expected, 0)
        with pytest.raises(InventoryError):
            services.enter_count(count, {stock.pk: 3})
    assert not Drift.objects.exists()


def test_an_offline_oversale_is_a_shortage_and_never_negative_stock(shop):
    stock = StockFactory(quantity_on_hand=3)
    plenty = StockFactory(location=stock.location, quantity_on_hand=10)
    key, when = uuid4(), timezone.now() - timedelta(hours=3)
    lines = [Line(stock.sku, 5), Line(plenty.sku, 1)]
    sale = services.sell_offline(key, stock.location, lines, when, Reference("till", "T-17"))
    assert sale.sold == {stock.sku: 3, plenty.sku: 1}
    (missing,) = sale.shortages
    assert (missing.sku, missing.quantity, missing.sold_at) == (stock.sku, 2, when)
    assert (counters(stock), counters(plenty)) == ((0, 0), (9, 0))
    last = selectors.movements_of(stock).first()
    assert (last.movement_type, last.occurred_at, last.reference_id) == ("sale", when, "T-17")
    again = services.sell_offline(key, stock.location, lines, when)
    assert (again.repeated, again.sold, again.shortages) == (True, sale.sold, [missing])
    with pytest.raises(InsufficientStockError):
        services.settle_shortage(missing)
    services.adjust(stock.pk, 2, "found behind the shelf")
    assert services.settle_shortage(missing).resolution == "sold after all"
    assert counters(stock) == (0, 0)
    with pytest.raises(InventoryError, match="is settled"):
        services.write_off(missing, "again")
    assert not selectors.open_shortages().exists()
    with pytest.raises(InventoryError, match="still to come"):
        services.sell_offline(uuid4(), stock.location, lines, timezone.now() + timedelta(hours=1))
    assert not Drift.objects.exists()


def test_an_offline_sale_of_nothing_that_is_there(shop):
    location = LocationFactory()
    sale = services.sell_offline(uuid4(), location, [Line("GONE-1", 2)], timezone.now())
    assert (sale.sold, [x.quantity for x in sale.shortages]) == ({}, [2])
    services.write_off(sale.shortages[0], "scanned the wrong box")
    assert not Movement.objects.exists()


def test_units_that_got_lost_on_the_way(shop):
    stock = StockFactory(quantity_on_hand=20)
    to = LocationFactory(store=StoreFactory())
    transfer = services.send_transfer(stock.location, to, [(stock, 8)])
    line = transfer.lines.get()
    with pytest.raises(InventoryError, match="cannot have arrived"):
        services.receive_transfer(transfer, {line.pk: 9})
    services.receive_transfer(transfer, {line.pk: 6})
    rows = Stock.objects.filter(sku=stock.sku).values_list("location__kind", "quantity_on_hand")
    assert sorted(rows) == [("in_transit", 0), ("shelf", 6), ("shelf", 12)]
    lost = Movement.objects.get(reason="missing on arrival")
    assert (lost.quantity_delta, lost.reference_id) == (-2, transfer.reference_code)


def test_a_quarantine_is_lifted_and_a_recall_is_not(shop):
    stock = StockFactory()
    services.quarantine(stock.sku, stock.batch_lot)
    assert services.availability(stock.location, [stock.sku]) == {stock.sku: 0}
    assert services.lift_quarantine(stock.sku, stock.batch_lot) == 1
    assert services.availability(stock.location, [stock.sku]) == {stock.sku: 100}
    services.recall(stock.sku, stock.batch_lot)
    assert services.lift_quarantine(stock.sku, stock.batch_lot) == 0
    assert services.quarantine(stock.sku, stock.batch_lot) == 0
    assert Stock.objects.get(pk=stock.pk).lot_status == "recalled"


@cannot("no trigger is switched off in a transaction that has written the table")
def test_drift_is_checked_and_not_mended(shop):
    stock = StockFactory(quantity_on_hand=10)
    assert services.check_drift() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ocs_inventory DISABLE TRIGGER USER")
        cursor.execute("UPDATE ocs_inventory SET quantity_on_hand = 9 WHERE id = %s", [stock.pk])
        cursor.execute("ALTER TABLE ocs_inventory ENABLE TRIGGER USER")
    for _ in range(2):
        (drift,) = services.check_drift()
        assert (drift.quantity_on_hand, drift.moved_on_hand) == (9, 10)


def test_a_failure_inside_the_callers_transaction_undoes_the_call_alone(shop):
    stock = StockFactory(quantity_on_hand=1)
    with transaction.atomic():
        with pytest.raises(InsufficientStockError):
            services.reserve(uuid4(), stock.location, [Line(stock.sku, 2)])
        services.reserve(uuid4(), stock.location, [Line(stock.sku, 1)])
    assert counters(stock) == (1, 1)
