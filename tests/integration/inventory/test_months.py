"""Ontario's monthly report: it balances, closes once, and refuses a gap."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from inventory import exports, selectors, services
from inventory.errors import PeriodError
from inventory.factories import LocationFactory, StockFactory
from inventory.models import ClosedMonth, Movement, MovementType, Period, Stock
from inventory.services import Line, Reference
from tests.cluster import cannot
from weedgo.store.factories import ProductFactory, StoreFactory

TORONTO = ZoneInfo("America/Toronto")
JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)


def at(*when):
    return Reference(at=datetime(*when, tzinfo=TORONTO))


def move(stock, units, kind, *when):
    services.adjust(stock.pk, units, "told", at(*when), kind)


@pytest.fixture
def stock(shop):
    """A lot with a busy January, and one sale in February."""
    product = ProductFactory(net_weight_g="3.5")
    row = StockFactory(product=product, quantity_on_hand=0, unit_cost_minor=1000)
    for units, kind, *when in (
        (100, MovementType.RECEIPT, 2024, 1, 5), (-30, MovementType.SALE, 2024, 1, 9),
        (2, MovementType.RETURN, 2024, 1, 10), (-4, MovementType.DESTRUCTION, 2024, 1, 11),
        (-1, MovementType.THEFT, 2024, 1, 12), (-12, MovementType.SUPPLIER_RETURN, 2024, 1, 13),
        (5, MovementType.ADJUSTMENT, 2024, 1, 14), (-3, MovementType.COUNT, 2024, 1, 15),
        (-7, MovementType.SALE, 2024, 2, 2),
    ):  # fmt: skip
        move(row, units, kind, *when)
    return row


def test_every_column_is_what_moved(stock):
    report = services.monthly_report(stock.store, JANUARY.replace(day=17))
    (row,) = report.rows
    assert (row.sku, row.upc) == (stock.sku, stock.each_gtin)
    assert row.units == {
        "opening": 0, "purchased": 100, "returned": 2, "other_additions": 5, "transferred_in": 0,
        "sold": 30, "destroyed": 4, "stolen": 1, "supplier_returned": 12, "other_reductions": 3,
        "transferred_out": 0, "closing": 57,
    }  # fmt: skip
    assert row.minor["closing"] == 57_000
    assert row.weight_g("sold") == 105
    assert report.balances
    assert not report.counted


def test_a_month_opens_with_what_the_one_before_closed_with(stock):
    january = services.close_month(stock.store, JANUARY)
    assert january.closed.previous_month is None
    february = services.close_month(stock.store, FEBRUARY)
    assert (february.units["opening"], february.units["closing"]) == (57, 50)
    assert february.minor == february.minor | {"opening": 57_000, "sold": 7_000}
    assert february.balances
    # What is closed is read from what was written, and is the same.
    assert services.monthly_report(stock.store, JANUARY).rows == january.rows
    march = services.monthly_report(stock.store, MARCH)
    assert (march.closed, march.units["opening"], march.units["closing"]) == (None, 50, 50)


def test_a_gap_is_refused(stock):
    with pytest.raises(PeriodError, match="2024-02 cannot be closed before 2024-01"):
        services.close_month(stock.store, FEBRUARY)
    services.close_month(stock.store, JANUARY)
    with pytest.raises(PeriodError, match="2024-03 cannot be closed before 2024-02"):
        services.close_month(stock.store, MARCH)
    with pytest.raises(PeriodError, match="2024-01 is closed already"):
        services.close_month(stock.store, JANUARY)
    with pytest.raises(PeriodError, match="is not over"):
        services.close_month(stock.store, selectors.local_today(stock.store))
    assert ClosedMonth.objects.count() == 1


def test_the_database_itself_refuses_a_gap_and_another_opening(stock):
    services.close_month(stock.store, JANUARY)
    store = {"store": stock.store, "starts_at": datetime(2024, 3, 1, tzinfo=UTC)}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for wrong in ({"previous_month": FEBRUARY}, {"previous_month": JANUARY}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClosedMonth.objects.create(
                month=MARCH, ends_at=datetime(2024, 4, 1, tzinfo=UTC), **store, **wrong
            )
    ClosedMonth.objects.create(
        month=FEBRUARY, previous_month=JANUARY, ends_at=datetime(2024, 3, 2, tzinfo=UTC), **store
    )
    key = {"store": stock.store, "sku": stock.sku, "upc": stock.each_gtin, "month": FEBRUARY}
    for wrong in (
        {"previous_month": JANUARY, "opening_units": 56, "closing_units": 56},
        {"opening_units": 57, "closing_units": 57},
        {"opening_units": 0, "closing_units": 0},
        {"previous_month": JANUARY, "opening_units": 57, "closing_units": 58},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Period.objects.create(opening_minor=57_000, closing_minor=57_000, **key, **wrong)
    for closed in (Period, ClosedMonth):
        with pytest.raises(DatabaseError), transaction.atomic():
            closed.objects.all().delete()


@cannot("no trigger is switched off in a transaction that has written the table")
def test_a_ledger_that_was_got_round_does_not_close(stock):
    services.close_month(stock.store, JANUARY)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ocs_inventory DISABLE TRIGGER USER")
        cursor.execute("UPDATE ocs_inventory SET quantity_on_hand = 40 WHERE id = %s", [stock.pk])
        cursor.execute("ALTER TABLE ocs_inventory ENABLE TRIGGER USER")
    report = services.monthly_report(stock.store, FEBRUARY)
    assert [row.unexplained for row in report.rows] == [-10]
    assert not report.balances
    with pytest.raises(PeriodError, match="does not open with what the month before closed with"):
        services.close_month(stock.store, FEBRUARY)


def test_a_late_sale_is_booked_in_the_month_that_is_open(stock):
    services.close_month(stock.store, JANUARY)
    move(stock, -2, MovementType.SALE, 2024, 1, 31, 23, 59)
    last = selectors.movements_of(stock).first()
    assert last.occurred_at.year > 2024
    assert last.reason == "of 2024-02-01 04:59 UTC: told"
    move(stock, -1, MovementType.SALE, 2024, 2, 1)
    assert services.close_month(stock.store, FEBRUARY).units["sold"] == 8


def test_a_month_is_one_of_the_shops_clock_through_summer_time(shop):
    """Clocks went forward on 10 March 2024 and back on 3 November."""
    stock = StockFactory(quantity_on_hand=0)
    move(stock, 50, MovementType.RECEIPT, 2024, 2, 29, 23, 59)
    move(stock, -1, MovementType.SALE, 2024, 3, 1)
    move(stock, -2, MovementType.SALE, 2024, 3, 31, 23, 59, 59)
    move(stock, -3, MovementType.SALE, 2024, 4, 1)
    move(stock, -4, MovementType.SALE, 2024, 11, 30, 23, 59, 59)
    move(stock, -5, MovementType.SALE, 2024, 12, 1)
    assert Movement.objects.filter(occurred_at=datetime(2024, 4, 1, 4, tzinfo=UTC)).exists()
    assert Movement.objects.filter(occurred_at=datetime(2024, 12, 1, 5, tzinfo=UTC)).exists()
    found = {
        month: services.monthly_report(stock.store, date(2024, month, 1)).units
        for month in (2, 3, 4, 11, 12)
    }
    assert {month: units["sold"] for month, units in found.items()} == {
        2: 0, 3: 3, 4: 3, 11: 4, 12: 5,
    }  # fmt: skip
    assert (found[2]["purchased"], found[12]["closing"]) == (50, 35)
    for month in range(2, 13):
        services.close_month(stock.store, date(2024, month, 1))
    bounds = {m.month.month: (m.starts_at, m.ends_at) for m in ClosedMonth.objects.all()}
    assert bounds[3] == (datetime(2024, 3, 1, 5, tzinfo=UTC), datetime(2024, 4, 1, 4, tzinfo=UTC))
    assert bounds[11] == (
        datetime(2024, 11, 1, 4, tzinfo=UTC),
        datetime(2024, 12, 1, 5, tzinfo=UTC),
    )
    assert bounds[3] == selectors.month_bounds(stock.store, MARCH)


def test_transfers_between_shops_stand_apart(stock):
    """One within the shop goes nowhere."""
    backroom = LocationFactory(store=stock.store)
    elsewhere = LocationFactory(store=StoreFactory())
    services.transfer(stock.location, backroom, [(stock, 5)])
    services.transfer(stock.location, elsewhere, [(stock, 8)])
    today = selectors.local_today(stock.store)
    here = services.monthly_report(stock.store, today)
    there = services.monthly_report(elsewhere.store, today)
    assert (here.units["transferred_out"], here.units["transferred_in"]) == (8, 0)
    assert (there.units["transferred_out"], there.units["transferred_in"]) == (0, 8)
    assert here.balances
    assert there.balances


def test_a_upc_that_was_written_down_later_takes_the_units_over(shop):
    stock = StockFactory(quantity_on_hand=0, each_gtin=None)
    move(stock, 10, MovementType.RECEIPT, 2024, 1, 5)
    services.close_month(stock.store, JANUARY)
    Stock.objects.filter(pk=stock.pk).update(each_gtin="00012345678905")
    report = services.close_month(stock.store, FEBRUARY)
    assert [(r.upc, r.units["opening"], r.units["closing"]) for r in report.rows] == [
        ("", 10, 0), ("00012345678905", 0, 10),
    ]  # fmt: skip
    assert report.balances


def test_a_month_may_have_to_be_counted(stock, settings):
    settings.INVENTORY_MONTHLY_COUNT = True
    with pytest.raises(PeriodError, match="2024-01 has no posted count of"):
        services.close_month(stock.store, JANUARY)


def test_the_report_as_csv(stock):
    services.adjust(stock.pk, -1, "sold", Reference("order", "W1"), MovementType.SALE)
    report = services.close_month(stock.store, JANUARY)
    rows = list(csv.DictReader(io.StringIO("".join(exports.monthly_csv(report)))))
    assert len(rows) == 1
    assert rows[0]["SKU"] == stock.sku
    assert rows[0]["Quantity sold (units)"] == "30"
    assert rows[0]["Quantity sold (value, CAD)"] == "300.00"
    assert rows[0]["Quantity sold (weight, kg)"] == "0.105000"
    assert rows[0]["Closing inventory (units)"] == "57"


def test_who_closes_waits_for_who_sells(open_shop):
    """A sale of last month whose transaction is not over yet is in the closed month."""
    import threading

    stock = StockFactory(quantity_on_hand=0)
    move(stock, 10, MovementType.RECEIPT, 2024, 1, 5)
    closed = []

    def close():
        connection.set_tenant(open_shop)
        try:
            closed.append(services.close_month(stock.store, JANUARY))
        finally:
            connection.close()

    with transaction.atomic():
        move(stock, -1, MovementType.SALE, 2024, 1, 31, 23, 59)
        thread = threading.Thread(target=close)
        thread.start()
        _until_somebody_waits()
    thread.join()
    assert closed[0].units["sold"] == 1
    key = "00000000-0000-4000-8000-000000000001"
    services.sell_offline(key, stock.location, [Line(stock.sku, 1)], at(2024, 1, 20).at)
    assert services.monthly_report(stock.store, JANUARY).units["sold"] == 1


def _until_somebody_waits():
    kinds = "('advisory', 'relation')"
    query = f"SELECT count(*) FROM pg_locks WHERE locktype IN {kinds} AND NOT granted"
    with connection.cursor() as cursor:
        while True:
            cursor.execute(query)
            if cursor.fetchone()[0]:
                return
