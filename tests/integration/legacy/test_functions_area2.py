"""What the legacy's functions and triggers on customers, orders and payments do."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import ip_interface
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

Connection = psycopg.Connection[tuple[Any, ...]]

EXPRESSIONS: list[tuple[LiteralString, object]] = [
    ("role_rank('super_admin')", 0),
    ("role_rank('driver')", 40),
    ("role_rank('customer') > role_rank('staff')", True),
    ("age_on('2006-07-01', '2025-06-30')", 18),
    ("age_on('2006-07-01', '2025-07-01')", 19),
    ("age_on('2004-02-29', '2025-02-28')", 20),
    ("is_of_legal_age('2006-07-01', 'ON', '2025-06-30')", False),
    ("is_of_legal_age('2006-07-01', 'ON', '2025-07-01')", True),
    ("is_of_legal_age('2006-07-01', 'AB', '2025-06-30')", True),
    ("is_of_legal_age('2006-07-01', 'QC', '2025-07-01')", False),
    ("is_of_legal_age(NULL)", False),
    ("mask_email('jane@example.com')", "j***@example.com"),
    ("mask_email('@example.com')", "***"),
    ("mask_phone('(416) 555-0199')", "******0199"),
    ("mask_phone('123')", "***"),
    ("normalize_phone('(416) 555-0199')", "+14165550199"),
    ("normalize_phone('1-416-555-0199 x 23')", "+14165550199"),
    ("normalize_phone('555-0199')", None),
    ("mask_ip('203.0.113.77')", ip_interface("203.0.113.0/24")),
    ("mask_ip('2001:db8:1:2::3')", ip_interface("2001:db8:1::/48")),
    ("luhn_valid('79927398713')", True),
    ("luhn_valid('79927398714')", False),
    ("luhn_valid('7992-7398')", False),
    ("loyalty_points_for(49.99)", 49),
    ("loyalty_points_for(40, 2, 'gold')", 100),
    ("loyalty_points_for(-5)", 0),
    ('loyalty_tier(499, \'{"silver": 500, "gold": 2000}\')', "bronze"),
    ('loyalty_tier(2000, \'{"silver": 500, "gold": 2000}\')', "gold"),
    ("order_status_allowed('pending', 'completed')", True),
    ("order_status_allowed('cancelled', 'pending')", False),
    ("order_status_allowed('completed', 'returned')", True),
    ("order_status_allowed('pending', 'returned')", False),
    ("cash_rounding(10.02)", Decimal("10.00")),
    ("cash_rounding(10.03)", Decimal("10.05")),
    ("split_tax(113.00, 0.13)::text", "(100.00,13.00)"),
    ("split_tax(9.99, 0.13)::text", "(8.84,1.15)"),
    ("distance_km(43.6532, -79.3832, 43.6532, -79.3832)", Decimal("0.000")),
    ("distance_km(0, 0, 0, 180)", Decimal("20015.114")),
    ("round(distance_km(43.6532, -79.3832, 45.4215, -75.6972))", Decimal(352)),
    ("delivery_fee(5, 0.75, 6)", Decimal("8.00")),
    ("delivery_fee(5, 0.75, 1, 1.5)", Decimal("7.50")),
    ("point_in_polygon(1, 1, '[[0, 0], [2, 0], [2, 2], [0, 2]]')", True),
    ("point_in_polygon(3, 1, '[[0, 0], [2, 0], [2, 2], [0, 2]]')", False),
    ("minor_units(12.34)", 1234),
    ("minor_units(500, 'JPY')", 500),
    ("minor_units(1.234, 'KWD')", 1234),
    ("payment_fee_minor(10000, 2.9, 30)", 320),
    ("payment_fee_minor(250, 1)", 2),
    ("payment_fee_minor(350, 1)", 4),
    ("payment_fee_minor(351, 1)", 4),
    ("histogram_percentile('{0,0,90,0,0,10,0,0,0,0,0,0}')", 500),
    ("histogram_percentile('{0,0,90,0,0,10,0,0,0,0,0,0}', 0.5)", 50),
    ("histogram_percentile('{0,0,0,0,0,0,0,0,0,0,0,0}')", None),
    (
        "ticket_sla_due('urgent', '2025-06-30 12:00+00')",
        datetime(2025, 6, 30, 13, 0, tzinfo=UTC),
    ),
    ("ticket_sla_due('low', '2025-06-30 12:00+00')", datetime(2025, 7, 3, 12, 0, tzinfo=UTC)),
    ('render_template(\'{{ a }}, {{b}}{{c}}.\', \'{"a": "{{b}}", "b": 2}\')', "{{b}}, 2."),
]


def value(connection: Connection, query: LiteralString, *arguments: object) -> Any:
    """Return the only column of the only row."""
    row = connection.execute(query, arguments).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
def test_expression(
    legacy_database: Connection, expression: LiteralString, expected: object
) -> None:
    assert value(legacy_database, "SELECT " + expression) == expected


@pytest.fixture
def shop(legacy_database: Connection) -> Connection:
    """A tenant with a store, a customer, an order of two lines and its payment of 20.00."""
    legacy_database.execute(
        """
        INSERT INTO tenants (id, name, code) VALUES (1, 'Leaf', 'leaf');
        INSERT INTO stores (id, tenant_id, name, code, street, city, postal_code,
                            latitude, longitude)
        VALUES (1, 1, 'Toronto', 'T', '1 Queen', 'Toronto', 'M5V 2T6', 43.65, -79.38),
               (2, 1, 'Ottawa', 'O', '1 Bank', 'Ottawa', 'K1P 1J1', 45.42, -75.70);
        INSERT INTO users (id, store_id, email, password_hash, role)
        VALUES (1, 1, 'driver@example.com', 'x', 'driver'),
               (2, 1, 'second@example.com', 'x', 'driver');
        INSERT INTO customers (id, first_name, last_name, email)
        VALUES (1, 'Zoe', 'Tremblay', 'zoe@example.com');
        INSERT INTO orders (id, order_number, store_id, customer_id, status, payment_status,
                            subtotal, discount_total, delivery_fee, total, placed_at)
        VALUES (1, 'WG-1', 1, 1, 'pending', 'paid', 20, 5, 5, 20, '2025-06-30 03:30+00'),
               (2, 'WG-2', 1, 1, 'cancelled', 'paid', 9, 0, 0, 9, '2025-06-30 12:00+00');
        INSERT INTO product_categories (id, name, slug, path) VALUES (1, 'Dried', 'dried', 'dried');
        INSERT INTO products (id, category_id, name, slug, sku, retail_price)
        VALUES (1, 1, 'Flower', 'flower', 'SKU-000001', 10);
        INSERT INTO order_items (order_id, product_id, sku, product_name,
                                 quantity, unit_price, line_total)
        VALUES (1, 1, 'SKU-000001', 'Flower', 2, 10, 20), (1, 1, 'SKU-000001', 'Flower', 1, 10, 10);
        INSERT INTO tax_rates (id, region, name, federal_rate, provincial_rate, effective_from)
        VALUES (1, 'CA-ON', 'HST', 0.05, 0.08, '2010-07-01');
        INSERT INTO order_taxes (order_id, tax_rate_id, amount) VALUES (1, 1, 3.25);
        INSERT INTO payment_providers (id, code, name, kind)
        VALUES (1, 'sandbox', 'Sandbox', 'sandbox');
        INSERT INTO payment_transactions (id, order_id, store_id, provider_id, method,
                                          status, amount_minor)
        VALUES (1, 1, 1, 1, 'card', 'succeeded', 2000)
        """
    )
    return legacy_database


def test_touch_updated_at_moves_the_time_of_every_table_that_has_it(shop: Connection) -> None:
    shop.execute("UPDATE tenants SET updated_at = '2020-01-01', name = 'Leaf & Co'")
    assert value(shop, "SELECT updated_at = now() FROM tenants") is True


def test_new_referral_code_is_each_customers_default(shop: Connection) -> None:
    shop.execute("INSERT INTO customers (id, first_name, last_name) VALUES (2, 'Liam', 'Roy')")
    codes = shop.execute("SELECT referral_code FROM customers").fetchall()
    assert len(set(codes)) == 2
    assert all(re.fullmatch("[0-9A-F]{12}", code) for (code,) in codes)
    assert value(shop, "SELECT new_referral_code() <> new_referral_code()") is True


def test_customers_set_search_text_follows_the_name(shop: Connection) -> None:
    found = "SELECT count(*) FROM customers WHERE search_text @@ to_tsquery('simple', %s)"
    assert value(shop, found, "tremblay & zoe@example.com") == 1
    shop.execute("UPDATE customers SET last_name = 'Singh'")
    assert value(shop, found, "tremblay") == 0
    assert value(shop, found, "singh:A") == 1


def test_customer_lifetime_value_leaves_out_cancelled_orders(shop: Connection) -> None:
    assert value(shop, "SELECT customer_lifetime_value(1)") == Decimal("20.00")
    assert value(shop, "SELECT customer_lifetime_value(99)") == 0


def test_has_consent_takes_the_last_word(shop: Connection) -> None:
    shop.execute(
        """
        INSERT INTO consent_records (customer_id, purpose, granted, recorded_at)
        VALUES (1, 'marketing_sms', true, '2025-01-01'), (1, 'marketing_sms', false, '2025-03-01')
        """
    )
    assert value(shop, "SELECT has_consent(1, 'marketing_sms', '2025-02-01')") is True
    assert value(shop, "SELECT has_consent(1, 'marketing_sms', '2025-04-01')") is False
    assert value(shop, "SELECT has_consent(1, 'analytics')") is False


@pytest.fixture
def account(shop: Connection) -> Connection:
    """A loyalty account with nothing on it."""
    shop.execute(
        """
        INSERT INTO loyalty_programs (id, name) VALUES (1, 'Points');
        INSERT INTO loyalty_accounts (id, program_id, customer_id) VALUES (1, 1, 1);
        """
    )
    return shop


def test_apply_loyalty_transaction_moves_balance_and_tier(account: Connection) -> None:
    account.execute(
        "INSERT INTO loyalty_transactions (account_id, kind, points) "
        "VALUES (1, 'earn', 600), (1, 'redeem', -100)"
    )
    row = account.execute("SELECT points_balance, lifetime_points, tier FROM loyalty_accounts")
    assert row.fetchone() == (500, 600, "silver")


def test_expire_loyalty_points_takes_what_is_due_and_never_more_than_there_is(
    account: Connection,
) -> None:
    account.execute(
        """
        INSERT INTO loyalty_transactions (account_id, kind, points, expires_on)
        VALUES (1, 'earn', 100, '2025-01-01'), (1, 'bonus', 50, '2025-12-31'),
               (1, 'redeem', -120, NULL)
        """
    )
    assert value(account, "SELECT expire_loyalty_points('2025-06-30')") == 30
    assert value(account, "SELECT points_balance FROM loyalty_accounts") == 0
    assert value(account, "SELECT expire_loyalty_points('2025-06-30')") == 0


def test_cart_totals(shop: Connection) -> None:
    shop.execute(
        """
        INSERT INTO carts (id, store_id) VALUES (1, 1);
        INSERT INTO cart_items (cart_id, product_id, sku, quantity, unit_price)
        VALUES (1, 1, 'SKU-000001', 2, 9.50), (1, 1, 'SKU-000001', 1, 3)
        """
    )
    assert shop.execute("SELECT * FROM cart_totals(1)").fetchone() == (2, 3, Decimal("22.00"))
    assert shop.execute("SELECT * FROM cart_totals(2)").fetchone() == (0, 0, 0)


def test_abandon_stale_carts_closes_only_old_open_ones(shop: Connection) -> None:
    shop.execute(
        """
        INSERT INTO carts (id, store_id, status, updated_at)
        VALUES (1, 1, 'open', '2025-06-01'), (2, 1, 'open', '2025-06-29'),
               (3, 1, 'ordered', '2025-06-01')
        """
    )
    shop.execute("CALL abandon_stale_carts('7 days', '2025-06-30')")
    rows = shop.execute("SELECT status, abandoned_at IS NOT NULL FROM carts ORDER BY id").fetchall()
    assert rows == [("abandoned", True), ("open", False), ("ordered", False)]


def test_guard_order_status_refuses_to_leave_a_final_state(shop: Connection) -> None:
    with pytest.raises(errors.CheckViolation, match="WG-2 cannot go from cancelled to pending"):
        shop.execute("UPDATE orders SET status = 'pending' WHERE id = 2")


def test_guard_order_status_stamps_the_end_and_record_order_status_keeps_it(
    shop: Connection,
) -> None:
    shop.execute("UPDATE orders SET status = 'completed' WHERE id = 1")
    assert value(shop, "SELECT completed_at = now() FROM orders WHERE id = 1") is True
    shop.execute("UPDATE orders SET status = 'completed' WHERE id = 1")
    rows = shop.execute("SELECT order_id, from_status, to_status, source FROM order_status_history")
    assert rows.fetchall() == [(1, "pending", "completed", "trigger")]


def test_recalculate_order_total_sums_lines_and_taxes(shop: Connection) -> None:
    assert value(shop, "SELECT recalculate_order_total(1)") == Decimal("33.25")
    rows = shop.execute("SELECT subtotal, tax_total FROM orders WHERE id = 1")
    assert rows.fetchone() == (Decimal("30.00"), Decimal("3.25"))


def test_orders_by_day_counts_by_the_stores_own_day(shop: Connection) -> None:
    rows = shop.execute("SELECT * FROM orders_by_day(1, '2025-06-29', '2025-06-30')").fetchall()
    assert rows == [(date(2025, 6, 29), 1, Decimal("20.00")), (date(2025, 6, 30), 0, 0)]


def test_nearest_store(shop: Connection) -> None:
    assert value(shop, "SELECT nearest_store(45.0, -76.0)") == 2
    assert value(shop, "SELECT nearest_store(49.9, -97.1, 50)") is None


@pytest.fixture
def delivery(shop: Connection) -> Connection:
    """Two drivers on shift, the first with a delivery."""
    shop.execute(
        """
        INSERT INTO drivers (id, user_id, store_id, status, hired_on)
        VALUES (1, 1, 1, 'available', '2024-01-01'), (2, 2, 1, 'available', '2024-01-01');
        INSERT INTO driver_shifts (driver_id, starts_at, ends_at)
        SELECT d, '2025-06-30 12:00+00', '2025-06-30 20:00+00' FROM generate_series(1, 2) AS d;
        INSERT INTO deliveries (id, order_id, store_id, driver_id) VALUES (1, 1, 1, 1);
        """
    )
    return shop


def test_available_drivers_come_least_busy_first(delivery: Connection) -> None:
    delivery.execute("UPDATE deliveries SET status = 'en_route'")
    rows = delivery.execute("SELECT * FROM available_drivers(1, '2025-06-30 13:00+00')").fetchall()
    assert rows == [(2,), (1,)]
    rows = delivery.execute("SELECT * FROM available_drivers(1, '2025-06-30 20:00+00')").fetchall()
    assert rows == []


def test_stamp_delivery_status_notes_times_and_attempts(delivery: Connection) -> None:
    for status in ("assigned", "failed", "assigned", "delivered"):
        delivery.execute("UPDATE deliveries SET status = %s", (status,))
    row = delivery.execute(
        "SELECT assigned_at = now(), delivered_at = now(), attempt_count FROM deliveries"
    )
    assert row.fetchone() == (True, True, 1)


def test_refundable_amount_counts_pending_refunds(shop: Connection) -> None:
    shop.execute(
        """
        INSERT INTO payment_refunds (transaction_id, amount_minor, status)
        VALUES (1, 500, 'pending'), (1, 300, 'succeeded'), (1, 900, 'failed')
        """
    )
    assert value(shop, "SELECT refundable_amount(1)") == 1200


def test_guard_refund_amount_refuses_at_commit(shop: Connection) -> None:
    shop.execute(
        "INSERT INTO payment_refunds (transaction_id, amount_minor) VALUES (1, 1500), (1, 501)"
    )
    with pytest.raises(errors.CheckViolation, match="refunds of payment 1 exceed it by 1 cents"):
        shop.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_settlement_difference(shop: Connection) -> None:
    shop.execute(
        """
        INSERT INTO payment_settlements (id, provider_id, store_id, payout_reference,
                                         gross_minor, fee_minor, net_minor, payout_date)
        VALUES (1, 1, 1, 'po_1', 2000, 60, 1940, '2025-06-30');
        INSERT INTO payment_settlement_lines (settlement_id, provider_reference,
                                              gross_minor, fee_minor, net_minor)
        VALUES (1, 'a', 1000, 30, 970), (1, 'b', 900, 30, 870);
        """
    )
    assert value(shop, "SELECT settlement_difference(1)") == 100


def test_conversation_summary_and_count_conversation_tokens(shop: Connection) -> None:
    shop.execute(
        """
        INSERT INTO ai_conversations (id, store_id) VALUES (1, 1), (2, 1);
        INSERT INTO ai_messages (conversation_id, role, content, input_tokens, output_tokens)
        VALUES (1, 'user', 'What helps me sleep?', 6, NULL), (1, 'assistant', 'An indica.', 20, 4),
               (2, 'system', 'Be brief.', NULL, NULL);
        """
    )
    assert value(shop, "SELECT conversation_summary(1)") == "2 turns: What helps me sleep?"
    assert value(shop, "SELECT conversation_summary(1, 7)") == "2 turns"
    assert value(shop, "SELECT conversation_summary(2)") is None
    assert shop.execute("SELECT total_tokens FROM ai_conversations ORDER BY id").fetchall() == [
        (30,),
        (0,),
    ]


def test_refuse_audit_change_keeps_the_log_append_only(legacy_database: Connection) -> None:
    legacy_database.execute(
        "INSERT INTO agi_audit_logs (event_type, changes) VALUES ('login', %s)",
        (Jsonb({"a": [1, 2]}),),
    )
    changes: list[LiteralString] = [
        "UPDATE agi_audit_logs SET op = 'x'",
        "DELETE FROM agi_audit_logs",
        "TRUNCATE agi_audit_logs",
    ]
    for change in changes:
        with (
            pytest.raises(errors.InsufficientPrivilege, match="append-only"),
            legacy_database.transaction(),
        ):
            legacy_database.execute(change)
    assert value(legacy_database, "SELECT count(*) FROM agi_audit_logs") == 1


def test_rate_limit_take_admits_exactly_the_capacity(legacy_database: Connection) -> None:
    legacy_database.execute(
        """
        INSERT INTO agi_rate_limit_rules (name, mode, capacity, refill_per_sec)
        VALUES ('login', 'enforce', 3, 0), ('search', 'shadow', 1, 0)
        """
    )
    take: LiteralString = "SELECT rate_limit_take(%s, %s, %s)"
    taken = [value(legacy_database, take, "login", "ann", 1) for _ in range(4)]
    assert taken == [True, True, True, False]
    assert value(legacy_database, take, "login", "bob", 4) is False
    assert value(legacy_database, take, "login", "bob", 3) is True
    assert [value(legacy_database, take, "search", "ann", 1) for _ in range(2)] == [True, True]
    assert value(legacy_database, take, "no such rule", "ann", 1) is True


def test_recent_login_activity_sums_the_last_thirty_days(shop: Connection) -> None:
    shop.execute(
        """
        INSERT INTO login_events (user_id, email, outcome, ip_address, occurred_at)
        VALUES (1, 'driver@example.com', 'success', '203.0.113.7', '2025-06-30'),
               (1, 'driver@example.com', 'failure', '203.0.113.9', '2025-06-29'),
               (1, 'driver@example.com', 'success', '198.51.100.1', '2025-01-01')
        """
    )
    rows = shop.execute(
        "SELECT user_id, role, role_rank, logins, failures, networks FROM recent_login_activity"
    )
    assert rows.fetchall() == [(1, "driver", 40, 1, 1, [ip_interface("203.0.113.0/24")])]
