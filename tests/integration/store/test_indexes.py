"""The selectors' queries are served by indexes, by default planner settings on analysed data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from inventory import selectors as inventory
from inventory.models import Location, LocationKind, LotStatus, Stock
from payments import selectors as payments
from payments.models import LedgerAccount, LedgerEntry, Provider, Settlement, Transaction
from weedgo.store import models as m
from weedgo.store import selectors as store

ROWS = Path(__file__).with_name("many_rows.sql")
SKU, LOT, GTIN = "SKU-001234", "L1234", "00000000000017"
# What the seed asks for at least.
INDEXES_USED = 65


def indexes(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for part in plan:
            yield from indexes(part)
    elif isinstance(plan, dict):
        if "Index Name" in plan:
            yield plan["Index Name"]
        yield from indexes(list(plan.values()))


def queries() -> list[Any]:
    now = timezone.now()
    today = now.date()
    hour = now - timedelta(hours=1)
    shop, category, brand = m.Store(pk=17), m.Category(pk=17), m.Brand(pk=17)
    product, customer, order = m.Product(pk=1234), m.Customer(pk=1234), m.Order(pk=1234)
    place, stock = Location(pk=17), Stock(pk=1234)
    return [
        store.search_products("word77"), store.product_by_sku(SKU),
        store.product_by_any_case(SKU), store.products_by_sku_prefix("SKU-00123"),
        store.products_by_name_prefix("strain1234"), store.products_by_gtin(GTIN),
        store.products_of_category(category), store.popular_products(category)[:24],
        store.featured_products(category), store.products_of_brand(brand)[:10],
        store.strongest_products()[:20], store.products_with(k=77), store.products_tagged("t77"),
        store.products_by_margin()[:25], store.changed_products()[:50],
        store.brand_named("Brand 77"), store.subcategories(category), store.branch("c7/c77"),
        store.licences_expiring(date(2026, 2, 1)), store.prices_of(product)[:1],
        store.prices_of_sku(SKU)[:1], store.recent_price_changes()[:50],
        store.reviews_of(product)[:10], store.reviews_to_moderate()[:50],
        store.customer_by_email("C77@example.org"), store.customers_by_phone("41677"),
        store.customers_named("L77"), store.customers_tagged("t77"),
        store.contacts_of(shop, "email"), store.latest_customers()[:50],
        store.holders_of(m.Role(pk=17)), store.roles_expiring(now + timedelta(days=9))[:50],
        store.wishlist_of(77)[:50], store.waiting_for(SKU), store.wishes_for(product),
        store.recent_log_ins()[:50], store.log_ins_of(77)[:50],
        store.log_ins_as("u77@example.org")[:50], store.failures_from("10.0.7.7")[:50],
        store.recent_orders()[:50], store.orders_in(shop)[:50], store.orders_of(customer)[:50],
        store.orders_to_hand_over(shop, "ready"), store.orders_not_paid("failed")[:50],
        store.orders_scheduled(now, now + timedelta(hours=9)), store.order_by_number("w77"),
        store.orders_by_reference("X400"), store.orders_with(k=77), store.lines_of(order),
        store.sales_of_sku(SKU), store.sales_of_skus_like("SKU-00123"),
        store.sales_of_product(product), store.sales_of_lot("L77"), store.history_of(order),
        store.changes_because("r0"), store.open_cart(customer), store.cart_of_session("s77"),
        store.stale_carts(now - timedelta(days=6)), store.tax_rates("R77", today),
        store.deliveries_in(shop)[:50], store.deliveries_by(m.Driver(pk=17)),
        store.deliveries_without_driver(shop), store.deliveries_between(hour, now),
        store.events_of(m.Delivery(pk=17)), store.failed_deliveries()[:50],
        store.available_drivers(shop), store.running_promotions(now),
        store.promotions_ending(now - timedelta(days=5900)), store.promotions_of(shop, "active"),
        store.uses_of(m.Promotion(pk=17)), store.code_like("code77"),
        store.codes_expiring(now + timedelta(days=9)), store.broadcasts_of(shop),
        store.due_broadcasts(now), store.queued_recipients(m.Broadcast(pk=17)),
        store.unread_notifications(77), store.conversations_in(shop)[:50],
        store.conversations_of(customer), store.recent_conversations()[:50],
        store.escalated_conversations()[:50], store.search_messages("topic77"),
        inventory.stock_of_sku(SKU), inventory.stock_by_any_case(SKU),
        inventory.stock_at(place, SKU), inventory.stock_in_store(shop, SKU),
        inventory.stock_of_product(product, shop), inventory.stock_of_lot(LOT, SKU),
        inventory.stock_by_unit_gtin(GTIN), inventory.stock_by_case_gtin(GTIN),
        inventory.expiring(shop, today + timedelta(days=9)),
        inventory.held(LotStatus.RECALLED, shop), inventory.low_stock(shop),
        inventory.locations_of_kind(LocationKind.VAULT), inventory.lots_of_sku(SKU),
        inventory.lots_by_number(LOT), inventory.gtin_at(GTIN, today),
        inventory.lots_expiring(today + timedelta(days=3)),
        inventory.shipments_under_way()[:50], inventory.shipment_by_tracking("T77"),
        inventory.receipts_of_lot(SKU, LOT), inventory.receipt_exceptions()[:50],
        inventory.due_reservations()[:50], inventory.reservations_at(place)[:50],
        inventory.reservations_of_stock(stock), inventory.movements_of_sku(SKU)[:50],
        inventory.movements_in_store(shop, hour), inventory.movements_for("order", "W77"),
        inventory.losses(shop, now - timedelta(days=9)), inventory.direct_writes()[:50],
        inventory.counts_at(place)[:50], inventory.open_transfers()[:50],
        inventory.transfers_from(place)[:50], inventory.transfers_to(place)[:50],
        inventory.transferred_lot(SKU, LOT), inventory.destructions_in(shop)[:50],
        inventory.destructions_of(SKU), inventory.open_recalls()[:50],
        inventory.recalls_of(product), inventory.periods_of(date(2020, 3, 1)),
        payments.recent_payments()[:50], payments.payments_in(shop, hour),
        payments.open_payments()[:50], payments.operations_of(Transaction(pk=77)),
        payments.operation_by_reference(Provider(pk=38), "pi_77"),
        payments.operations_at(Provider(pk=17))[:50], payments.failures("f3")[:50],
        payments.due_operations()[:10], payments.unsettled_operations()[:50],
        payments.recent_events()[:50], payments.unprocessed_events()[:50],
        payments.health_since(hour), payments.recent_entries()[:50],
        payments.lines_of(LedgerEntry(pk=77)),
        payments.lines_in(LedgerAccount(pk=77), "CAD").values("amount_minor"),
        payments.due_disputes(now + timedelta(days=9)), payments.disputes_with("open")[:50],
        payments.settlements_since(today - timedelta(days=9)), payments.open_settlements()[:50],
        payments.lines_of_settlement(Settlement(pk=77)), payments.unmatched_lines()[:50],
        payments.settlement_lines_by_reference("pi_77"),
    ]  # fmt: skip


@pytest.mark.slow
def test_selectors_are_served_by_indexes(shop):
    with connection.cursor() as cursor:
        # The rows refer to each other by numbers from one.
        cursor.execute("SET LOCAL session_replication_role = replica")
        names = sql.SQL(", ").join(map(sql.Identifier, _tables(cursor)))
        cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
        cursor.execute(ROWS.read_text().replace(":tenant", str(shop.pk)))
        cursor.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND NOT EXISTS"
            " (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
        )
        own = {row[0] for row in cursor.fetchall()}
        used, reading = set(), []
        for query in queries():
            plan = json.loads(query.explain(format="json"))
            found = set(indexes(plan))
            used |= found
            if not found:
                reading.append(str(query.query).partition(" FROM ")[2])
    assert reading == []
    assert len(used & own) >= INDEXES_USED, sorted(own - used)


def _tables(cursor) -> list[str]:
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname <> 'django_migrations'"
        " AND relnamespace = current_schema()::regnamespace"
    )
    return [row[0] for row in cursor.fetchall()]
