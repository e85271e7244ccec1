"""The transactions of the live workload: what a shop does all day, on the busiest tables.

Every statement names its columns, as an application's do, so that it means the same before, during
and after a migration that adds columns. Each session updates only rows of its own, so that none
waits for another's: all waiting that is measured comes from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from weedgo.legacy.checksums import Written


class Client(Protocol):
    """What a transaction needs of the session that runs it."""

    def query(self, name: str, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Send a statement of a class; return its rows."""

    def write(self, kind: str, table: str, query: str, *arguments: Any) -> int | None:
        """Send an ``insert``, ``update`` or ``delete`` of one row; return its key."""

    def own(self, table: str) -> int:
        """A key of a row that only this session updates."""

    def placed(self, table: str) -> int | None:
        """The key of a row that this session inserted; None while there is none."""

    def any(self, table: str) -> int:
        """A key between the lowest and the highest at the start."""


Transaction = Callable[[Client], None]

# By table: what updates change, a trigger's own columns included.
WRITTEN: Mapping[str, Written] = {
    "public.orders": Written(
        columns=frozenset({"status", "payment_status", "completed_at", "updated_at"})
    ),
    "public.order_items": Written(),
    "public.order_status_history": Written(by_triggers=True),
    "public.payment_transactions": Written(columns=frozenset({"status", "updated_at"})),
    "public.deliveries": Written(columns=frozenset({"status", "delivered_at", "updated_at"})),
    "public.ocs_inventory": Written(columns=frozenset({"stock_quantity", "updated_at"})),
    "public.inventory_movements": Written(),
    "public.price_history": Written(),
    "public.ai_conversations": Written(columns=frozenset({"status", "ended_at", "updated_at"})),
    "public.ai_messages": Written(),
    "public.login_events": Written(),
    "public.users": Written(columns=frozenset({"last_login_at", "updated_at"})),
    "public.carts": Written(columns=frozenset({"status", "updated_at"})),
    "public.cart_items": Written(),
}
READ: Mapping[str, Written] = {
    "public.customers": Written(),
    "public.products": Written(),
    "public.stores": Written(),
}


def place_order(client: Client) -> None:
    """A customer orders two things and pays by card."""
    order = client.write(
        "insert",
        "public.orders",
        """
        INSERT INTO orders (order_number, store_id, customer_id, status, payment_status,
                            subtotal, tax_total, total)
        SELECT 'W' || left(replace(gen_random_uuid()::text, '-', ''), 20),
               (SELECT id FROM stores WHERE id >= %s ORDER BY id LIMIT 1), c.id,
               'pending', 'unpaid', 60.00, 7.80, 67.80
          FROM customers c WHERE c.id >= %s ORDER BY c.id LIMIT 1
        RETURNING id, order_number::text, status::text, total::text
        """,
        client.any("public.stores"),
        client.any("public.customers"),
    )
    for quantity, price in ((1, "40.00"), (2, "10.00")):
        client.write(
            "insert",
            "public.order_items",
            """
            INSERT INTO order_items (order_id, product_id, sku, product_name, quantity,
                                     unit_price, line_total)
            SELECT %s, p.id, p.sku, left(p.name, 200), %s, %s::numeric, %s * %s::numeric
              FROM products p WHERE p.id >= %s ORDER BY p.id LIMIT 1
            RETURNING id, sku::text, quantity::text, line_total::text
            """,
            order, quantity, price, quantity, price, client.any("public.products"),
        )  # fmt: skip
    client.write(
        "insert",
        "public.payment_transactions",
        """
        INSERT INTO payment_transactions (order_id, store_id, provider_id, kind, method, status,
                                          amount_minor, currency)
        SELECT o.id, o.store_id, (SELECT min(id) FROM payment_providers), 'charge', 'card',
               'succeeded', 6780, 'CAD'
          FROM orders o WHERE o.id = %s
        RETURNING id, order_id::text, amount_minor::text
        """,
        order,
    )


def advance_order(client: Client) -> None:
    """The shop takes an order one step further; a trigger may keep its history."""
    order = client.placed("public.orders")
    if order is not None:
        client.write(
            "update",
            "public.orders",
            """
            UPDATE orders SET status = CASE status WHEN 'pending' THEN 'confirmed'
                                                   WHEN 'confirmed' THEN 'preparing'
                                                   WHEN 'preparing' THEN 'ready'
                                                   ELSE status END
             WHERE id = %s RETURNING id, status::text
            """,
            order,
        )


def pay_order(client: Client) -> None:
    """What was authorized is paid, and the other way round, on orders of any age."""
    client.write(
        "update",
        "public.orders",
        """
        UPDATE orders
           SET payment_status = CASE payment_status WHEN 'paid' THEN 'authorized' ELSE 'paid' END
         WHERE id = %s RETURNING id, payment_status::text
        """,
        client.own("public.orders"),
    )


def settle_payment(client: Client) -> None:
    """A provider answers, late."""
    client.write(
        "update",
        "public.payment_transactions",
        """
        UPDATE payment_transactions
           SET status = CASE status WHEN 'unknown' THEN 'succeeded' ELSE 'unknown' END
         WHERE id = %s RETURNING id, status::text
        """,
        client.own("public.payment_transactions"),
    )


def move_delivery(client: Client) -> None:
    """A driver reports."""
    client.write(
        "update",
        "public.deliveries",
        """
        UPDATE deliveries
           SET status = CASE status WHEN 'en_route' THEN 'delivered'::delivery_status
                                    ELSE 'en_route' END
         WHERE id = %s RETURNING id, status::text
        """,
        client.own("public.deliveries"),
    )


def sell_stock(client: Client) -> None:
    """Something leaves the shelf, and the ledger of stock says so."""
    lot = client.write(
        "update",
        "public.ocs_inventory",
        """
        UPDATE ocs_inventory SET stock_quantity = greatest(stock_quantity - 1, 0)
         WHERE id = %s RETURNING id, stock_quantity::text
        """,
        client.own("public.ocs_inventory"),
    )
    if lot is not None:
        client.write(
            "insert",
            "public.inventory_movements",
            """
            INSERT INTO inventory_movements (inventory_id, store_id, movement_type, quantity_delta)
            SELECT id, store_id, 'sale', -1 FROM ocs_inventory WHERE id = %s
            RETURNING id, inventory_id::text, quantity_delta::text
            """,
            lot,
        )


def change_price(client: Client) -> None:
    """A price changes."""
    client.write(
        "insert",
        "public.price_history",
        """
        INSERT INTO price_history (product_id, old_price, new_price)
        SELECT id, retail_price, retail_price + 1 FROM products WHERE id >= %s ORDER BY id LIMIT 1
        RETURNING id, product_id::text, new_price::text
        """,
        client.any("public.products"),
    )


def chat(client: Client) -> None:
    """A customer asks the budtender, who answers and closes."""
    conversation = client.write(
        "update",
        "public.ai_conversations",
        """
        UPDATE ai_conversations SET status = CASE status WHEN 'open' THEN 'closed' ELSE 'open' END
         WHERE id = %s RETURNING id, status::text
        """,
        client.own("public.ai_conversations"),
    )
    if conversation is not None:
        for role, content in (("user", "What helps me sleep?"), ("assistant", "Ask your doctor.")):
            client.write(
                "insert",
                "public.ai_messages",
                """
                INSERT INTO ai_messages (conversation_id, role, content) VALUES (%s, %s, %s)
                RETURNING id, conversation_id::text, role::text, content
                """,
                conversation, role, content,
            )  # fmt: skip


def log_in(client: Client) -> None:
    """Somebody logs in."""
    user = client.write(
        "update",
        "public.users",
        "UPDATE users SET last_login_at = now() WHERE id = %s RETURNING id, last_login_at::text",
        client.own("public.users"),
    )
    if user is not None:
        client.write(
            "insert",
            "public.login_events",
            """
            INSERT INTO login_events (user_id, email, outcome)
            SELECT id, email, 'success' FROM users WHERE id = %s
            RETURNING id, user_id::text, email::text
            """,
            user,
        )


def fill_cart(client: Client) -> None:
    """A customer picks two things and puts one back."""
    cart = client.write(
        "insert",
        "public.carts",
        """
        INSERT INTO carts (store_id, customer_id, status)
        SELECT (SELECT id FROM stores WHERE id >= %s ORDER BY id LIMIT 1), c.id, 'open'
          FROM customers c WHERE c.id >= %s ORDER BY c.id LIMIT 1
        RETURNING id, status::text
        """,
        client.any("public.stores"),
        client.any("public.customers"),
    )
    items = [
        client.write(
            "insert",
            "public.cart_items",
            """
            INSERT INTO cart_items (cart_id, product_id, sku, quantity, unit_price)
            SELECT %s, id, sku, 1, retail_price FROM products WHERE id >= %s ORDER BY id LIMIT 1
            RETURNING id, cart_id::text, sku::text
            """,
            cart, client.any("public.products"),
        )
        for _ in range(2)
    ]  # fmt: skip
    client.write(
        "delete", "public.cart_items", "DELETE FROM cart_items WHERE id = %s RETURNING id", items[0]
    )


def show_orders(client: Client) -> None:
    """A customer looks at the orders of last year and at what was in one."""
    rows = client.query(
        "select orders",
        """
        SELECT id, order_number, status, total, placed_at FROM orders
         WHERE customer_id = %s ORDER BY placed_at DESC LIMIT 20
        """,
        client.any("public.customers"),
    )
    order = rows[0][0] if rows else client.any("public.orders")
    client.query(
        "select order_items",
        "SELECT id, sku, product_name, quantity, line_total FROM order_items WHERE order_id = %s",
        order,
    )
    client.query(
        "select payment_transactions",
        "SELECT id, kind, status, amount_minor FROM payment_transactions WHERE order_id = %s",
        order,
    )


def look_up_product(client: Client) -> None:
    """The counter scans a label."""
    client.query(
        "select products",
        "SELECT id, name, retail_price, thc_max, cbd_max FROM products WHERE sku = %s",
        f"SKU-{client.any('public.products'):06d}",
    )


def show_stock(client: Client) -> None:
    """A shop looks at its shelves."""
    client.query(
        "select ocs_inventory",
        """
        SELECT id, sku, stock_quantity, expires_on FROM ocs_inventory
         WHERE store_id = %s ORDER BY id LIMIT 50
        """,
        client.any("public.stores"),
    )


def show_account(client: Client) -> None:
    """A user opens the account page: the column whose type changes is read all the while."""
    client.query(
        "select users",
        "SELECT id, email, role, is_active, last_login_at FROM users WHERE id = %s",
        client.any("public.users"),
    )


def track_delivery(client: Client) -> None:
    """A customer asks where the driver is."""
    client.query(
        "select deliveries",
        "SELECT id, status, driver_id, assigned_at FROM deliveries WHERE id = %s",
        client.any("public.deliveries"),
    )


# How often each runs, relative to the others.
MIX: Mapping[Transaction, int] = {
    show_orders: 20,
    look_up_product: 20,
    show_stock: 10,
    show_account: 10,
    track_delivery: 10,
    place_order: 6,
    advance_order: 5,
    pay_order: 4,
    settle_payment: 4,
    move_delivery: 4,
    sell_stock: 6,
    change_price: 2,
    chat: 4,
    log_in: 4,
    fill_cart: 4,
}
