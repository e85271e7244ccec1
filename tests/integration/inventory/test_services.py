"""Stock that is never oversold, and a ledger that nobody gets past."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from inventory import selectors, services
from inventory.errors import (
    InsufficientStockError,
    InventoryError,
    KeyReusedError,
    NoSuchReservationError,
    NotSellableError,
    ReservationClosedError,
)
from inventory.factories import GtinAliasFactory, LocationFactory, StockFactory, in_days
from inventory.models import Drift, Movement, Reservation, Stock
from inventory.services import (
    Asn,
    AsnLine,
    Line,
    Reference,
    enter_count,
    post_count,
    read_label,
    receive,
    receive_transfer,
    send_transfer,
    start_count,
)
from tests.cluster import cannot
from weedgo.legacy import integration
from weedgo.store.factories import ProductFactory


def execute(query, *arguments):
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchall() if cursor.description else None


def kinds(stock):
    return list(Movement.objects.filter(inventory=stock).values_list("seq", "movement_type"))


def test_reserving_takes_what_expires_first(shop):
    late = StockFactory(quantity_on_hand=5, expires_on=in_days(90))
    first = StockFactory(
        location=late.location, product=late.product, quantity_on_hand=3, expires_on=in_days(9)
    )
    gone = StockFactory(location=late.location, product=late.product, expires_on=in_days(-3))
    key = uuid4()
    services.reserve(key, late.location, [Line(late.sku, 4), Line(late.sku, 1)])
    held = {row.pk: row.quantity_reserved for row in Stock.objects.filter(sku=late.sku)}
    assert held == {first.pk: 3, late.pk: 2, gone.pk: 0}
    assert selectors.availability(late.location, [late.sku, "NONE-1"]) == {late.sku: 3, "NONE-1": 0}
    services.commit(key)
    services.commit(key)
    assert sum(Stock.objects.filter(sku=late.sku).values_list("quantity_on_hand", flat=True)) == 103
    assert kinds(first) == [(1, "direct_write"), (2, "reserve"), (3, "sale")]
    assert not Drift.objects.exists()


def test_all_lines_or_none(shop):
    plenty = StockFactory(quantity_on_hand=50)
    few = StockFactory(location=plenty.location, quantity_on_hand=2)
    key = uuid4()
    with pytest.raises(InsufficientStockError) as raised:
        services.reserve(key, few.location, [Line(plenty.sku, 5), Line(few.sku, 3)])
    (shortage,) = raised.value.shortages
    assert (shortage.sku, shortage.wanted, shortage.shortage) == (few.sku, 3, 1)
    assert not Reservation.objects.filter(pk=key).exists()
    plenty.refresh_from_db()
    assert plenty.quantity_reserved == 0


def test_a_key_reserves_once(shop):
    stock = StockFactory()
    key = uuid4()
    for _ in range(3):
        services.reserve(key, stock.location, [Line(stock.sku, 2)])
    stock.refresh_from_db()
    assert stock.quantity_reserved == 2
    with pytest.raises(KeyReusedError):
        services.reserve(key, stock.location, [Line(stock.sku, 3)])


def test_a_reservation_is_closed_once(shop):
    stock = StockFactory()
    key = uuid4()
    services.reserve(key, stock.location, [Line(stock.sku, 2)])
    services.release(key, "changed their mind")
    services.release(key)
    with pytest.raises(ReservationClosedError) as raised:
        services.commit(key)
    assert raised.value.status == "released"
    stock.refresh_from_db()
    assert (stock.quantity_on_hand, stock.quantity_reserved) == (100, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.filter(pk=key).update(status="active", closed_at=None)
    with pytest.raises(NoSuchReservationError):
        services.commit(uuid4())
    with pytest.raises(InventoryError):
        services.reserve(uuid4(), stock.location, [])


def test_what_is_held_too_long_is_let_go(shop):
    stock = StockFactory()
    old, extended, fresh = uuid4(), uuid4(), uuid4()
    for key in (old, extended, fresh):
        services.reserve(key, stock.location, [Line(stock.sku, 1)])
    past = timezone.now() - timedelta(minutes=1)
    Reservation.objects.filter(pk__in=[old, extended]).update(expires_at=past)
    services.extend(extended)
    assert services.expire_due() == 1
    assert services.expire_due() == 0
    assert Reservation.objects.get(pk=old).status == "expired"
    stock.refresh_from_db()
    assert stock.quantity_reserved == 2


def test_a_recalled_lot_is_not_sold_though_it_was_reserved(shop):
    stock = StockFactory()
    key, sold = uuid4(), uuid4()
    for one in (sold, key):
        services.reserve(one, stock.location, [Line(stock.sku, 2)])
    services.commit(sold)
    trace = services.recall(stock.sku, stock.batch_lot, severity="I")
    assert trace.locations == [(stock.location, 98, 2)]
    assert trace.reservations == [(str(key), 2)]
    assert [(sale[0], sale[1]) for sale in trace.sales] == [(str(sold), 2)]
    with pytest.raises(NotSellableError):
        services.commit(key)
    services.release(key)
    with pytest.raises(InsufficientStockError):
        services.reserve(uuid4(), stock.location, [Line(stock.sku, 1)])


@pytest.mark.parametrize("ignored", [None, "all"])
def test_raw_sql_is_in_the_ledger_whatever_a_session_sets(shop, ignored):
    stock = StockFactory()
    if ignored:
        names = execute("SELECT array_agg(tgname) FROM pg_trigger WHERE NOT tgisinternal")[0][0]
        execute("SELECT set_config('pgtrigger.ignore', %s, true)", "{" + ",".join(names) + "}")
    execute("UPDATE ocs_inventory SET quantity_on_hand = 7 WHERE id = %s", stock.pk)
    execute("UPDATE ocs_inventory SET seq = 99, reorder_point = 3 WHERE id = %s", stock.pk)
    stock.refresh_from_db()
    assert stock.seq == 2
    last = selectors.movements_of(stock).first()
    assert (last.movement_type, last.quantity_delta, last.balance_after) == ("direct_write", -93, 7)
    assert not Drift.objects.exists()


def test_a_statement_of_many_rows_writes_a_movement_of_each_that_it_changed(shop):
    stocks = [StockFactory() for _ in range(4)]
    execute("UPDATE ocs_inventory SET quantity_on_hand = quantity_on_hand - mod(id, 2) * 3")
    for stock in stocks:
        moved = [(2, "direct_write")] if stock.pk % 2 else []
        assert kinds(stock) == [(1, "direct_write"), *moved]
    odd = next(stock for stock in stocks if stock.pk % 2)
    last = selectors.movements_of(odd).first()
    assert (last.quantity_delta, last.balance_after, last.sku) == (-3, 97, odd.sku)
    assert not Drift.objects.exists()


def test_nothing_of_the_ledger_is_changed(shop):
    stock = StockFactory()
    for statement in (
        "UPDATE inventory_movements SET quantity_delta = 1",
        "DELETE FROM inventory_movements",
        "TRUNCATE inventory_movements CASCADE",
        "TRUNCATE ocs_inventory CASCADE",
        "DELETE FROM ocs_inventory",
        "UPDATE ocs_inventory SET sku = 'OTHER-1'",
        "UPDATE ocs_inventory SET batch_lot = 'OTHER-1'",
        "UPDATE ocs_inventory SET quantity_on_hand = 1, quantity_reserved = 2",
        "UPDATE ocs_inventory SET each_gtin = '00012345678904'",
        "INSERT INTO inventory_movements (inventory_id, seq, store_id, sku, batch_lot,"
        " movement_type, quantity_delta, reserved_delta, balance_after, reserved_after)"
        " SELECT id, 9, store_id, sku, '', 'sale', 1, 0, 1, 0 FROM ocs_inventory",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            execute(statement)
    assert kinds(stock) == [(1, "direct_write")]


@cannot("no trigger is switched off in a transaction that has written the table")
def test_drift_is_shown_when_triggers_were_off(shop):
    stock = StockFactory()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE ocs_inventory DISABLE TRIGGER USER")
    execute("UPDATE ocs_inventory SET quantity_on_hand = 60 WHERE id = %s", stock.pk)
    execute("ALTER TABLE ocs_inventory ENABLE TRIGGER USER")
    (row,) = selectors.drift()
    assert (row.stock, row.quantity_on_hand, row.moved_on_hand) == (stock, 60, 100)


def test_adjusting_says_why(shop):
    stock = StockFactory(quantity_on_hand=10, quantity_reserved=4)
    assert services.adjust(stock.pk, -2, "broken jar", Reference("incident", "17", 5)) == 8
    last = selectors.movements_of(stock).first()
    assert (last.movement_type, last.reason, last.actor_id) == ("adjustment", "broken jar", 5)
    assert (last.reference_type, last.reference_id) == ("incident", "17")
    with pytest.raises(InsufficientStockError):
        services.adjust(stock.pk, -5, "more than is free")
    with pytest.raises(InventoryError, match="no stock 0"):
        services.adjust(0, 1, "nowhere")
    # The reason holds for that statement only.
    execute("UPDATE ocs_inventory SET quantity_on_hand = 9 WHERE id = %s", stock.pk)
    assert selectors.movements_of(stock).first().movement_type == "direct_write"
    services.destroy(stock, 1, "mould", "composted", "CERT-1")
    assert selectors.destructions_of(stock.sku).get().quantity == 1


def test_receiving_turns_cases_into_units(shop):
    alias = GtinAliasFactory()
    location = LocationFactory()
    asn = Asn("ASN-1", [
        AsnLine(alias.gtin.lstrip("0"), 3, "A17", expires_on=in_days(100), unit_cost_minor=1500),
        AsnLine("00012345678905", 1, "A18"),
        AsnLine(alias.gtin, 1, "OLD", expires_on=in_days(-2)),
    ])  # fmt: skip
    receipt = receive(asn, location)
    assert receipt.units == 36
    assert sorted(x.exception_code for x in receipt.exceptions) == ["expired", "unknown_gtin"]
    again = receive(asn, location)
    assert (again.units, again.repeated) == (36, True)
    stock = Stock.objects.get(location=location)
    assert (stock.quantity_on_hand, stock.batch_lot, stock.sku) == (36, "A17", alias.product.sku)
    assert kinds(stock) == [(1, "receipt")]
    assert selectors.trace(stock.sku, "A17").receipts == [("ASN-1", 36)]


def test_labels_of_cases():
    label = read_label("]C101006141419999961726053110LOT-7\x1d3712")
    assert (label.gtin, label.lot, label.units) == ("00614141999996", "LOT-7", 12)
    assert str(label.expires_on) == "2026-05-31"
    with pytest.raises(InventoryError):
        read_label("]C10100614141999990")


def test_a_count_while_selling_keeps_the_sale(shop):
    stock = StockFactory(quantity_on_hand=20)
    count = start_count(stock.location)
    key = uuid4()
    services.reserve(key, stock.location, [Line(stock.sku, 5)])
    services.commit(key)
    enter_count(count, {stock.pk: 18})
    assert post_count(count) == {stock.pk: -2}
    stock.refresh_from_db()
    assert stock.quantity_on_hand == 13
    with pytest.raises(InventoryError):
        post_count(count)


def test_a_place_has_one_open_count(shop):
    stock = StockFactory(quantity_on_hand=20)
    count = start_count(stock.location)
    with pytest.raises(InventoryError, match="post or cancel it first"):
        start_count(stock.location)
    post_count(count)
    start_count(stock.location)


def test_transfers_keep_every_unit(shop):
    stock = StockFactory(quantity_on_hand=20)
    destination = LocationFactory()
    transfer = send_transfer(stock.location, destination, [(stock, 8)])
    assert selectors.availability(destination, [stock.sku]) == {stock.sku: 0}
    assert sum(Stock.objects.values_list("quantity_on_hand", flat=True)) == 20
    receive_transfer(transfer)
    assert selectors.availability(destination, [stock.sku]) == {stock.sku: 8}
    assert sum(Stock.objects.values_list("quantity_on_hand", flat=True)) == 20
    with pytest.raises(InventoryError):
        receive_transfer(transfer)


def test_a_row_has_its_locations_shop_and_its_products_sku(shop):
    stock = StockFactory()
    other = ProductFactory()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    for change in ({"store": LocationFactory().store}, {"product": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Stock.objects.filter(pk=stock.pk).update(**change)


def test_many_at_once_sell_what_there_is(open_shop):
    stock = StockFactory(quantity_on_hand=10)
    sold, lock = [], threading.Lock()

    def buy():
        connection.set_tenant(open_shop)
        try:
            for _ in range(3):
                key = uuid4()
                services.reserve(key, stock.location, [Line(stock.sku, 1)])
                services.commit(key)
                with lock:
                    sold.append(key)
        except InsufficientStockError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stock.refresh_from_db()
    assert len(sold) == 10
    assert (stock.quantity_on_hand, stock.quantity_reserved, stock.seq) == (0, 0, 21)
    assert not Drift.objects.filter(stock=stock).exists()


def test_the_seeds_checks_of_the_inventory_columns_hold(shop):
    StockFactory()
    connection.ensure_connection()
    found = list(integration.inventory(connection.connection))
    assert len(found) >= 8
    assert [finding for finding in found if not finding.holds] == []
    assert not Drift.objects.exists()
