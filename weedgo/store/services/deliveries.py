"""Bringing orders to their customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from weedgo.store.errors import StoreError
from weedgo.store.models import Delivery, DeliveryEvent, DeliveryZone, Driver, Order

Status = Delivery.Status
OPEN = [Order.Status.CONFIRMED, Order.Status.PREPARING, Order.Status.READY]


@transaction.atomic
def schedule_delivery(
    order: Order,
    window: tuple[datetime, datetime],
    address: dict[str, Any],
    zone: DeliveryZone | None = None,
) -> Delivery:
    """Schedule the delivery of an order, or move it to another time while nobody is under way.

    Args:
        order: confirmed, to be delivered.
        window: between when it arrives.
        address: where to, as the customer gave it.
        zone: the shop's zone that the address is in.

    Raises:
        StoreError: the order is not to be delivered, or somebody is under way with it.
    """
    start, end = window
    if end <= start:
        raise StoreError("a delivery's window ends after it starts")
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.fulfilment != Order.Fulfilment.DELIVERY or order.status not in OPEN:
        raise StoreError(f"order {order} ({order.status}, {order.fulfilment}) is not delivered")
    delivery, new = Delivery.objects.select_for_update().get_or_create(
        order=order,
        defaults={"store_id": order.store_id, "fee_minor": order.delivery_fee_minor},
    )
    if not new and delivery.status not in (Status.PENDING, Status.ASSIGNED, Status.FAILED):
        raise StoreError(f"the delivery of order {order} is {delivery.status}")
    delivery.window_start, delivery.window_end = start, end
    delivery.address = address
    delivery.zone = zone
    if delivery.status == Status.FAILED:
        delivery.status, delivery.driver = Status.PENDING, None
    delivery.save()
    return delivery


@transaction.atomic
def assign_driver(delivery: Delivery, driver: Driver) -> Delivery:
    """Give a delivery to a driver.

    Raises:
        StoreError: the driver is suspended or of another shop, or the delivery is under way.
    """
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    driver = Driver.objects.select_for_update().get(pk=driver.pk)
    if driver.status in (Driver.Status.SUSPENDED, Driver.Status.OFFLINE):
        raise StoreError(f"{driver} is {driver.status}")
    if driver.store_id != delivery.store_id:
        raise StoreError(f"{driver} drives for another shop")
    if delivery.status not in (Status.PENDING, Status.ASSIGNED):
        raise StoreError(f"{delivery} is {delivery.status}")
    delivery.driver = driver
    delivery.status = Status.ASSIGNED
    delivery.assigned_at = timezone.now()
    delivery.save()
    DeliveryEvent.objects.create(delivery=delivery, event_type=DeliveryEvent.Type.ASSIGNED)
    return delivery


@transaction.atomic
def advance_delivery(
    delivery: Delivery, status: str, *, age_checked: bool = False, **details: Any
) -> Delivery:
    """Bring a delivery to its next status.

    Args:
        delivery: an assigned one.
        status: picked_up, en_route, delivered, failed or cancelled.
        age_checked: the driver saw an identity card; without it nothing is handed over.
        details: for the record.

    Raises:
        StoreError: the status does not follow, or nobody's age was checked.
    """
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if status == Status.DELIVERED and not age_checked:
        raise StoreError(f"{delivery}: cannabis is handed over when the age was checked only")
    if status not in _FOLLOWING.get(delivery.status, ()):
        raise StoreError(f"{delivery} is {delivery.status}; {status} does not follow")
    now = timezone.now()
    delivery.status = status
    if status == Status.DELIVERED:
        delivery.delivered_at = delivery.age_checked_at = now
        Order.objects.filter(pk=delivery.order_id, status__in=OPEN).update(
            status=Order.Status.COMPLETED, completed_at=now
        )
    delivery.save()
    if status == Status.FAILED:
        Delivery.objects.filter(pk=delivery.pk).update(attempt_count=F("attempt_count") + 1)
    if status in DeliveryEvent.Type.values:
        DeliveryEvent.objects.create(delivery=delivery, event_type=status, details=details)
    delivery.refresh_from_db()
    return delivery


_FOLLOWING: dict[str, tuple[str, ...]] = {
    Status.PENDING: (Status.CANCELLED,),
    Status.ASSIGNED: (Status.PICKED_UP, Status.FAILED, Status.CANCELLED),
    Status.PICKED_UP: (Status.EN_ROUTE, Status.DELIVERED, Status.FAILED),
    Status.EN_ROUTE: (Status.DELIVERED, Status.FAILED),
    Status.FAILED: (Status.CANCELLED,),
}
