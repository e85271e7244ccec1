"""How orders come to their customers."""

from __future__ import annotations

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import CheckConstraint, F, Func, Index, Q
from django.db.models.functions import Now

from weedgo.store.models.catalogue import Store
from weedgo.store.models.orders import Order
from weedgo.store.schema import money_field, one_of, user_link
from weedgo.store.triggers import Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped


class TimeRange(Func):
    """The range between two times."""

    function = "tstzrange"
    arity = 2


class DeliveryZone(TenantOwned):
    """Where a shop delivers, and for how much."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, db_index=False)
    name = models.CharField(max_length=80)
    base_fee_minor = money_field(db_default=500)
    fee_per_km_minor = money_field(db_default=0)
    min_order_minor = money_field(db_default=0)
    max_distance_km = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    is_active = models.BooleanField(db_default=True)

    class Meta:
        db_table = "delivery_zones"
        db_table_comment = "Where a shop delivers and for how much."
        constraints = [
            models.UniqueConstraint("store", "name", name="delivery_zones_name_key"),
            CheckConstraint(
                condition=Q(base_fee_minor__gte=0) & Q(fee_per_km_minor__gte=0),
                name="delivery_zones_fee_check",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DriverStatus(models.TextChoices):
    """The column `status` of Driver."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    BUSY = "busy"
    SUSPENDED = "suspended"


class DriverVehicle(models.TextChoices):
    """The column `vehicle` of Driver."""

    CAR = "car"
    BIKE = "bike"
    VAN = "van"
    ON_FOOT = "on_foot"


class Driver(TenantOwned, Timestamped):
    """Somebody who brings orders to customers."""

    Status = DriverStatus
    Vehicle = DriverVehicle

    user = user_link(null=False, db_index=False)
    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    vehicle_type = models.CharField(
        max_length=20, choices=Vehicle.choices, db_default=Vehicle.CAR.value
    )
    licence_expires_on = models.DateField(null=True, blank=True)
    cannsell_certificate = models.CharField(max_length=20, blank=True, db_default="")
    status = models.CharField(
        max_length=20, choices=Status.choices, db_default=Status.OFFLINE.value
    )
    hired_on = models.DateField()

    class Meta:
        db_table = "drivers"
        db_table_comment = "Who brings orders to customers."
        constraints = [
            one_of("drivers", "status", DriverStatus),
            one_of("drivers", "vehicle_type", DriverVehicle),
            models.UniqueConstraint("user", name="drivers_user_id_key"),
        ]
        indexes = [Index("store", name="drivers_available_idx", condition=Q(status="available"))]

    def __str__(self) -> str:
        return f"driver {self.pk}"


class DeliveryStatus(models.TextChoices):
    """The column `status` of Delivery."""

    PENDING = "pending"
    ASSIGNED = "assigned"
    PICKED_UP = "picked_up"
    EN_ROUTE = "en_route"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Delivery(TenantOwned, Timestamped):
    """The way of an order to its customer."""

    Status = DeliveryStatus

    order = models.OneToOneField(Order, on_delete=models.RESTRICT, related_name="delivery")
    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    driver = models.ForeignKey(
        Driver, on_delete=models.RESTRICT, null=True, blank=True, db_index=False
    )
    zone = models.ForeignKey(DeliveryZone, on_delete=models.SET_NULL, null=True, blank=True)
    address = models.JSONField(db_default={}, db_comment="As it was when the order was placed.")
    status = models.CharField(
        max_length=20, choices=Status.choices, db_default=Status.PENDING.value
    )
    fee_minor = money_field(db_default=0)
    distance_km = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    attempt_count = models.SmallIntegerField(db_default=0)
    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    age_checked_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the driver saw an identity card at the door."
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "deliveries"
        db_table_comment = "The way of an order to its customer."
        ordering = ["-created_at"]
        verbose_name_plural = "deliveries"
        constraints = [
            one_of("deliveries", "status", DeliveryStatus),
            CheckConstraint(
                condition=Q(window_end__gt=F("window_start")), name="deliveries_window_check"
            ),
            CheckConstraint(
                condition=~Q(status="delivered") | Q(age_checked_at__isnull=False),
                name="deliveries_age_checked_check",
            ),
            CheckConstraint(
                condition=Q(status__in=["pending", "failed", "cancelled"])
                | Q(driver__isnull=False),
                name="deliveries_driver_check",
            ),
        ]
        indexes = [
            Index("store", F("created_at").desc(), name="deliveries_store_created_idx"),
            Index("driver", "status", name="deliveries_active_idx",
                  condition=Q(status__in=["assigned", "picked_up", "en_route"])),
            Index("store", "created_at", name="deliveries_unassigned_idx",
                  condition=Q(driver__isnull=True)),
            GistIndex(TimeRange("window_start", "window_end"), name="deliveries_window_idx",
                      condition=Q(window_start__isnull=False)),
        ]  # fmt: skip
        triggers = [
            Transitions(
                {
                    "pending": ["assigned", "cancelled"],
                    "assigned": ["pending", "picked_up", "cancelled", "failed"],
                    "picked_up": ["en_route", "delivered", "failed"],
                    "en_route": ["delivered", "failed"],
                    "failed": ["pending", "cancelled"],
                }
            )
        ]

    def __str__(self) -> str:
        return f"delivery of order {self.order_id}"


class DeliveryEventType(models.TextChoices):
    """The column `type` of DeliveryEvent."""

    ASSIGNED = "assigned"
    PICKED_UP = "picked_up"
    LOCATION = "location"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeliveryEvent(TenantOwned):
    """Something that happened on the way."""

    Type = DeliveryEventType

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    event_type = models.CharField(max_length=30, choices=Type.choices)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    details = models.JSONField(db_default={}, blank=True)
    occurred_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "delivery_events"
        db_table_comment = "What happened on the way."
        ordering = ["occurred_at"]
        constraints = [one_of("delivery_events", "event_type", DeliveryEventType)]
        indexes = [
            Index("delivery", F("occurred_at").desc(), name="delivery_events_delivery_idx"),
            Index(F("occurred_at").desc(), name="delivery_events_failed_idx",
                  condition=Q(event_type="failed")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.event_type} at {self.occurred_at}"
