"""What is read of carts, orders and taxes. Each of these queries has an index that serves it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from weedgo.store.models import (
    Cart,
    Customer,
    Order,
    OrderItem,
    OrderStatusChange,
    Product,
    Store,
    TaxRate,
)


def recent_orders() -> QuerySet[Order]:
    """All orders, the latest first."""
    return Order.objects.order_by("-placed_at")


def orders_in(store: Store) -> QuerySet[Order]:
    """A shop's orders, the latest first."""
    return Order.objects.filter(store=store).order_by("-placed_at")


def orders_of(customer: Customer) -> QuerySet[Order]:
    """A customer's orders, the latest first."""
    return Order.objects.filter(customer=customer).order_by("-placed_at")


def orders_to_hand_over(store: Store, status: str) -> QuerySet[Order]:
    """What a counter has still to do, the oldest first."""
    still = Q(status__in=["pending", "confirmed", "preparing", "ready"])
    return Order.objects.filter(still, store=store, status=status).order_by("placed_at")


def orders_not_paid(status: str) -> QuerySet[Order]:
    """Orders whose payment failed or did not happen, the oldest first."""
    lacking = Q(payment_status__in=["unpaid", "failed"])
    return Order.objects.filter(lacking, payment_status=status).order_by("placed_at")


def orders_scheduled(start: datetime, end: datetime) -> QuerySet[Order]:
    """Orders that are wanted in a time to come."""
    wanted = Order.objects.filter(scheduled_for__gte=start, scheduled_for__lt=end)
    return wanted.order_by("scheduled_for")


def order_by_number(number: str) -> QuerySet[Order]:
    """An order by its number, however it is typed."""
    return Order.objects.annotate(upper=Upper("order_number")).filter(upper=number.upper())


def orders_by_reference(reference: str) -> QuerySet[Order]:
    """Orders that another system calls so."""
    return Order.objects.filter(external_reference=reference).exclude(external_reference="")


def orders_with(**facts: Any) -> QuerySet[Order]:
    """Orders whose metadata say so."""
    return Order.objects.filter(metadata__contains=facts)


def lines_of(order: Order) -> QuerySet[OrderItem]:
    """An order's lines by SKU."""
    return OrderItem.objects.filter(order=order).order_by("sku")


def sales_of_sku(sku: str) -> QuerySet[OrderItem, Any]:
    """What was sold of a SKU."""
    return OrderItem.objects.filter(sku=sku).values("quantity", "line_total_minor")


def sales_of_skus_like(prefix: str) -> QuerySet[OrderItem]:
    """Lines whose SKU begins so."""
    return OrderItem.objects.filter(sku__startswith=prefix)


def sales_of_product(product: Product) -> QuerySet[OrderItem]:
    """Lines of a product."""
    return OrderItem.objects.filter(product=product)


def sales_of_lot(lot: str) -> QuerySet[OrderItem]:
    """Whom a lot was sold to."""
    return OrderItem.objects.filter(batch_lot=lot).exclude(batch_lot="")


def history_of(order: Order) -> QuerySet[OrderStatusChange]:
    """How an order came to where it is, the latest first."""
    return OrderStatusChange.objects.filter(order=order).order_by("-changed_at")


def changes_because(reason: str) -> QuerySet[OrderStatusChange]:
    """Changes of orders for a reason."""
    return OrderStatusChange.objects.filter(reason_code=reason).exclude(reason_code="")


def open_cart(customer: Customer) -> QuerySet[Cart]:
    """What a customer has picked."""
    return Cart.objects.filter(customer=customer, status="open")


def cart_of_session(key: str) -> QuerySet[Cart]:
    """What a visitor has picked."""
    return Cart.objects.filter(session_key=key).exclude(session_key="")


def stale_carts(before: datetime) -> QuerySet[Cart]:
    """Carts that nobody touched for long."""
    return Cart.objects.filter(status="open", updated_at__lt=before).order_by("updated_at")


def tax_rates(region: str, day: date) -> QuerySet[TaxRate]:
    """The taxes of a region on a day."""
    return TaxRate.objects.filter(region=region, effective_from__lte=day).exclude(
        effective_to__lte=day
    )
