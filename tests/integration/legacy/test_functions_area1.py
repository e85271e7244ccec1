"""The functions and triggers of the catalogue side do what their names say."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from .conftest import Connection


def rows(name: str) -> str:
    """Return one of this folder's files of rows."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@pytest.fixture
def shop(legacy_database: Connection) -> Connection:
    """A shop with two products, stock, promotions and codes."""
    legacy_database.execute(rows("shop.sql"))
    return legacy_database


def value(connection: Connection, query: str, *parameters: object) -> object:
    """Return the only column of the only row, or the row when it has several columns."""
    row = connection.execute(query, parameters or None).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


EXPRESSIONS = [
    ("gtin_check_digit('629104150021')", 3),
    ("gtin_check_digit('03600029145')", 2),
    ("gtin_is_valid('6291041500213')", True),
    ("gtin_is_valid('6291041500214')", False),
    ("gtin_is_valid('not a number')", False),
    ("gtin_is_valid(NULL)", None),
    ("gtin_normalize('0-36000-29145-2')", "00036000291452"),
    ("slugify('Crème brûlée  Haze!')", "creme-brulee-haze"),
    ("generate_reference_code('trf') ~ '^TRF-[0-9]{8}-[0-9A-F]{10}$'", True),
    ("generate_reference_code('A') <> generate_reference_code('A')", True),
    ("thc_percent_to_mg(20, 3.5)", 700),
    ("total_thc(1.2, 22)", Decimal("20.494")),
    ("total_thc(NULL, 10)", Decimal("8.77")),
    ("thc_cbd_ratio(20, 1)", "20:1"),
    ("thc_cbd_ratio(5, 25)", "1:5"),
    ("thc_cbd_ratio(10, 0)", "1:0"),
    ("thc_cbd_ratio(NULL, 10)", "0:1"),
    ("thc_cbd_ratio(0, NULL)", "none"),
    ("hst_amount(19.99)", Decimal("2.60")),
    ("hst_amount(100, 0.05)", 5),
    ("margin_percent(6, 10)", 40),
    ("margin_percent(6, 0)", None),
    ("charm_price(12.34)", Decimal("12.99")),
    ("charm_price(12.99)", Decimal("12.99")),
    ("charm_price(13)", Decimal("13.99")),
    ("charm_price(12.95, 'charm_95')", Decimal("12.95")),
    ("charm_price(12.96, 'charm_95')", Decimal("13.95")),
    ("charm_price(12.33, 'nickel')", Decimal("12.35")),
    ("charm_price(12.01, 'dollar')", 13),
    ("charm_price(12.345, 'none')", Decimal("12.35")),
    ("(cases_and_eaches(50, 12)).cases", 4),
    ("(cases_and_eaches(50, 12)).eaches", 2),
    ("reorder_point(3.2, 5, 4)", 20),
    ("reorder_point(3.3, 3)", 10),
    ("economic_order_quantity(1200, 50, 6)", 142),
    ("product_document('Blue Dream', 'Maple', 'x') @@ 'dream:A & maple:B'::tsquery", True),
    ("product_document('Blue Dream', 'Maple', 'x') @@ 'maple:A'::tsquery", False),
]


@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
def test_calculation(legacy_database: Connection, expression: str, expected: object) -> None:
    assert value(legacy_database, f"SELECT {expression}") == expected


TUESDAY = "timestamptz '2025-05-06 16:00+00'"
WEDNESDAY = "timestamptz '2025-05-07 16:00+00'"

LOOKUPS = [
    ("dried_equivalent_grams(1, 3.5)", Decimal("3.5")),
    ("dried_equivalent_grams(2, 30)", 2),
    ("dried_equivalent_grams(3, 1)", None),
    ("excise_duty('flowering', 10, 50, date '2025-01-01')", 10),
    ("excise_duty('flowering', 10, 200, date '2025-01-01')", 20),
    ("excise_duty('flowering', 10, 0, date '2025-07-01')", 9),
    ("excise_duty('flowering', 10, 0, date '2025-01-01', 'QC')", None),
    ("price_at(1, '2025-02-15')", 18),
    ("price_at(1, '2025-03-01')", 19),
    ("price_at(1, '2025-04-01', 2)", 17),
    ("price_at(1, '2024-01-01')", 20),
    ("store_price(1, 1, '2025-05-15')", 15),
    ("store_price(1, 1, '2025-06-01')", 20),
    ("store_price(2, 1, '2025-05-15')", 20),
    (f"promotion_is_active(1, {TUESDAY})", True),
    (f"promotion_is_active(2, {TUESDAY})", True),
    (f"promotion_is_active(2, {WEDNESDAY})", False),
    (f"promotion_is_active(4, {TUESDAY})", False),
    ("promotion_is_active(1, '2026-01-01')", False),
    ("promotion_discount(1, 20, 2)", 4),
    ("promotion_discount(2, 3, 1)", 3),
    ("promotion_discount(3, 20, 1)", 0),
    ("promotion_discount(3, 20, 2)", 16),
    ("promotion_discount(4, 20, 3)", 20),
    ("promotion_discount(99, 20, 3)", 0),
    (f"best_promotion(1, 1, {TUESDAY})::text", "(2,5.00)"),
    (f"best_promotion(1, 1, {WEDNESDAY})::text", "(1,1.50)"),
    ("discount_code_problem(' ten ', 1)", None),
    ("discount_code_problem('NONE', 1)", "unknown"),
    ("discount_code_problem('FIVE', 49)", "below_minimum"),
    ("discount_code_problem('OVER', 1)", "expired"),
    ("discount_code_problem('SOON', 1)", "not_yet_valid"),
    ("discount_code_problem('GONE', 1)", "used_up"),
    ("discount_code_problem('MINE', 1)", "not_yours"),
    ("discount_code_problem('MINE', 1, 2)", None),
    ("bundle_price(1)", 45),
    ("bundle_price(2)", Decimal("33.33")),
    ("stock_value(1)", 132),
    ("stock_value(2)", 0),
    ("wishlist_demand(1)", 1),
    ("wishlist_demand(3)", 0),
    ("store_is_open(1, '2025-09-01 14:00+00')", True),  # a Monday, 10:00 in Toronto
    ("store_is_open(1, '2025-09-01 13:59+00')", False),
    ("store_is_open(1, '2025-09-02 16:00+00')", False),
    ("store_is_open(1, '2025-12-25 17:00+00')", False),
    ("store_is_open(1, '2025-12-29 16:00+00')", False),
    ("store_is_open(1, '2025-12-29 17:00+00')", True),
    ("next_business_day(date '2025-12-24')", date(2025, 12, 26)),
    ("next_business_day(date '2025-12-26')", date(2025, 12, 29)),
    ("setting_value(1, 'pos', 'drawer')", 2),
    ("setting_value(1, 'pos', 'token')", "********"),
    ("setting_value(1, 'pos', 'other', '7')", 7),
]


@pytest.mark.parametrize(("expression", "expected"), LOOKUPS)
def test_lookup(shop: Connection, expression: str, expected: object) -> None:
    assert value(shop, f"SELECT {expression}") == expected


REFUSALS = [
    ("charm_price(1, 'magic')", errors.InvalidParameterValue),
    ("economic_order_quantity(1200, 50, 0)", errors.InvalidParameterValue),
    ("redeem_discount_code('OVER', 1, 'order-1', 100)", errors.CheckViolation),
]


@pytest.mark.parametrize(("expression", "error"), REFUSALS)
def test_refusal(shop: Connection, expression: str, error: type[psycopg.Error]) -> None:
    with pytest.raises(error):
        shop.execute(f"SELECT {expression}")


def test_fefo_allocation_takes_the_lot_that_expires_first(shop: Connection) -> None:
    found = shop.execute("SELECT lot_number, take FROM fefo_allocation(1, 16, '2025-09-01')")
    assert found.fetchall() == [("early", 4), ("late", 10), ("undated", 2)]


def test_suggest_purchase_counts_what_is_available(shop: Connection) -> None:
    found = shop.execute("SELECT * FROM suggest_purchase(1)").fetchall()
    assert found == [(2, 26, 3)]


def test_count_variance_names_only_differences(shop: Connection) -> None:
    found = shop.execute("SELECT * FROM count_variance(1)").fetchall()
    assert found == [(1, "SKU-1", -1, Decimal(-12))]


def test_search_products_ranks_by_popularity(shop: Connection) -> None:
    found = shop.execute("SELECT sku FROM search_products('dream')").fetchall()
    assert found == [("SKU-2",), ("SKU-1",)]
    assert shop.execute("SELECT sku FROM search_products('dream -gummies')").fetchall() == [
        ("SKU-1",)
    ]


def test_redeem_discount_code_is_counted_and_written(shop: Connection) -> None:
    assert value(shop, "SELECT redeem_discount_code('ten', 1, 'order-1', 80)") == 8
    assert value(shop, "SELECT redeemed_count FROM discount_codes WHERE id = 1") == 1
    assert value(shop, "SELECT order_reference, amount FROM discount_redemptions") == (
        "order-1",
        Decimal(8),
    )


def test_reserve_stock_and_release_reservation(shop: Connection) -> None:
    key = value(shop, "SELECT reserve_stock(1, 8)")
    assert isinstance(key, uuid.UUID)
    assert value(shop, "SELECT reserve_stock(1, 1)") is None
    assert value(shop, "SELECT quantity_available FROM ocs_inventory WHERE id = 1") == 0
    assert value(shop, "SELECT release_reservation(%s)", key) == 8
    assert value(shop, "SELECT release_reservation(%s)", key) == 0
    assert value(shop, "SELECT quantity_available FROM ocs_inventory WHERE id = 1") == 8


def test_expire_reservations_closes_those_past_their_time(shop: Connection) -> None:
    shop.execute("SELECT reserve_stock(1, 3, '-1 minute'), reserve_stock(1, 2, '1 hour')")
    assert value(shop, "CALL expire_reservations(now())") == 1
    assert value(shop, "SELECT quantity_reserved FROM ocs_inventory WHERE id = 1") == 4
    found = shop.execute("SELECT status FROM inventory_reservations ORDER BY quantity").fetchall()
    assert found == [("active",), ("expired",)]


OLD = "2020-01-01 00:00+00"
TOUCHED = [
    ("brands_touch", "brands", "name = 'New'"),
    ("product_categories_touch", "product_categories", "sort_order = 9"),
    ("suppliers_touch", "suppliers", "name = 'New'"),
    ("products_touch", "products", "name = 'New'"),
    ("product_variants_touch", "product_variants", "name = 'New'"),
    ("product_reviews_touch", "product_reviews", "title = 'New'"),
    ("ocs_product_catalog_touch", "ocs_product_catalog", "product_name = 'New'"),
    ("ocs_inventory_touch", "ocs_inventory", "stock_quantity = 9"),
    ("ocs_purchase_orders_touch", "ocs_purchase_orders", "notes = 'New'"),
    ("inventory_transfers_touch", "inventory_transfers", "status = 'approved'"),
    ("promotions_touch", "promotions", "name = 'New'"),
    ("bundles_touch", "bundles", "name = 'New'"),
]


@pytest.mark.parametrize(("trigger", "table", "change"), TOUCHED)
def test_updated_at_follows(shop: Connection, trigger: str, table: str, change: str) -> None:
    shop.execute(rows("documents.sql"))
    shop.execute("SET CONSTRAINTS ALL IMMEDIATE")
    name = sql.Identifier(table)
    shop.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    shop.execute(sql.SQL("UPDATE {} SET updated_at = %s").format(name), [OLD])
    shop.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER {}").format(name, sql.Identifier(trigger)))
    shop.execute(sql.SQL("UPDATE {} SET {}").format(name, sql.SQL(change)))
    stale = sql.SQL("SELECT count(*) FROM {} WHERE updated_at <> now()").format(name)
    assert shop.execute(stale).fetchone() == (0,)


def test_log_price_change_by_products_log_price(shop: Connection) -> None:
    shop.execute("SET LOCAL weedgo.price_reason = 'sale'")
    shop.execute("UPDATE products SET retail_price = 25 WHERE id = 2")
    shop.execute("UPDATE products SET retail_price = 25, name = 'Same price' WHERE id = 2")
    found = shop.execute(
        "SELECT old_price, new_price, sku, reason FROM price_history WHERE product_id = 2"
    )
    assert found.fetchall() == [(10, 25, "SKU-2", "sale")]


def test_sync_product_rating_by_product_reviews_sync_rating(shop: Connection) -> None:
    rating = "SELECT rating_average, rating_count FROM products WHERE id = 1"
    insert = "INSERT INTO product_reviews (product_id, user_id, rating) VALUES (1, %s, %s)"
    shop.execute(insert, [1, 5])
    shop.execute(insert, [2, 2])
    assert value(shop, rating) == (Decimal("3.50"), 2)
    shop.execute("UPDATE product_reviews SET status = 'hidden' WHERE user_id = 2")
    assert value(shop, rating) == (5, 1)
    shop.execute("DELETE FROM product_reviews")
    assert value(shop, rating) == (None, 0)


def test_guard_inventory_quantities_by_ocs_inventory_guard(shop: Connection) -> None:
    assert value(shop, "SELECT quantity_available FROM ocs_inventory WHERE id = 1") == 8
    with pytest.raises(errors.CheckViolation, match="cannot reserve 11 of 10"):
        shop.execute("UPDATE ocs_inventory SET quantity_reserved = 11 WHERE id = 1")


def test_write_inventory_movement_by_ocs_inventory_write_movement(shop: Connection) -> None:
    shop.execute("UPDATE ocs_inventory SET quantity_on_hand = 15 WHERE id = 1")
    shop.execute("SET LOCAL weedgo.movement_type = 'sale'")
    shop.execute("UPDATE ocs_inventory SET quantity_on_hand = 14 WHERE id = 1")
    found = shop.execute(
        "SELECT movement_type, quantity_delta, seq, balance_after"
        " FROM inventory_movements ORDER BY seq"
    )
    assert found.fetchall() == [("direct_write", 5, 1, 15), ("sale", -1, 2, 14)]


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM inventory_movements", "UPDATE inventory_movements SET quantity_delta = 1"],
)
def test_refuse_movement_change_by_inventory_movements_append_only(
    shop: Connection, statement: str
) -> None:
    with pytest.raises(errors.RestrictViolation, match="append only"):
        shop.execute(statement)


def test_check_transfer_stores_by_inventory_transfers_same_tenant(shop: Connection) -> None:
    insert = "INSERT INTO inventory_transfers (from_store_id, to_store_id) VALUES (1, %s)"
    shop.execute(insert, [2])
    shop.execute("SET CONSTRAINTS ALL IMMEDIATE")
    shop.execute("SET CONSTRAINTS ALL DEFERRED")
    shop.execute(insert, [3])
    with pytest.raises(errors.CheckViolation, match="different tenants"):
        shop.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_count_promotion_uses_by_promotion_usage_count(shop: Connection) -> None:
    insert = """
        INSERT INTO promotion_usage (promotion_id, store_id, order_reference, discount_amount)
        SELECT p, 1, 'order-' || p, 1 FROM unnest(%s::integer[]) AS p
    """
    shop.execute(insert, [[1, 1, 3]])
    found = shop.execute("SELECT times_used FROM promotions ORDER BY id").fetchall()
    assert found == [(2,), (0,), (1,), (0,)]
    with pytest.raises(errors.CheckViolation):
        shop.execute(insert, [[3]])


def test_normalize_catalog_sku_by_ocs_product_catalog_normalize(shop: Connection) -> None:
    row = shop.execute(
        "INSERT INTO ocs_product_catalog (ocs_sku, item_number, product_name, unit_price)"
        " VALUES (' ocs-12 3 ', '1', 'x', 1) RETURNING ocs_sku"
    ).fetchone()
    assert row == ("OCS-123",)


def test_inventory_transfers_have_a_reference_code(shop: Connection) -> None:
    shop.execute("INSERT INTO inventory_transfers (from_store_id, to_store_id) VALUES (1, 2)")
    code = value(shop, "SELECT reference_code FROM inventory_transfers")
    assert str(code).startswith("TRF-")
