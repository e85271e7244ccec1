"""What is read of deliveries and promotions. Each of these queries has an index that serves it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import BooleanField, Func, Q, QuerySet, Value
from django.db.models.functions import Upper

from weedgo.store.models import (
    Delivery,
    DeliveryEvent,
    DiscountCode,
    Driver,
    Promotion,
    PromotionUse,
    Store,
)
from weedgo.store.models.deliveries import TimeRange


def deliveries_in(store: Store) -> QuerySet[Delivery]:
    """A shop's deliveries, the latest first."""
    return Delivery.objects.filter(store=store).order_by("-created_at")


def deliveries_by(driver: Driver) -> QuerySet[Delivery]:
    """What a driver has to bring."""
    under_way = ["assigned", "picked_up", "en_route"]
    return Delivery.objects.filter(driver=driver, status__in=under_way)


def deliveries_without_driver(store: Store) -> QuerySet[Delivery]:
    """What nobody brings yet, the oldest first."""
    return Delivery.objects.filter(store=store, driver__isnull=True).order_by("created_at")


def deliveries_between(start: datetime, end: datetime) -> QuerySet[Delivery]:
    """Deliveries whose window meets a time."""
    window = TimeRange("window_start", "window_end")
    asked = TimeRange(Value(start), Value(end))
    meets = Func(
        window, asked, template="%(expressions)s", arg_joiner=" && ", output_field=BooleanField()
    )
    return Delivery.objects.filter(meets, window_start__isnull=False)


def events_of(delivery: Delivery) -> QuerySet[DeliveryEvent]:
    """What happened on the way, the latest first."""
    return DeliveryEvent.objects.filter(delivery=delivery).order_by("-occurred_at")


def failed_deliveries() -> QuerySet[DeliveryEvent]:
    """Deliveries that failed, the latest first."""
    return DeliveryEvent.objects.filter(event_type="failed").order_by("-occurred_at")


def available_drivers(store: Store) -> QuerySet[Driver]:
    """Who could bring something."""
    return Driver.objects.filter(store=store, status="available")


def running_promotions(moment: datetime) -> QuerySet[Promotion]:
    """Promotions that are on."""
    on = Q(ends_at__isnull=True) | Q(ends_at__gt=moment)
    return Promotion.objects.filter(on, status="active", starts_at__lte=moment)


def promotions_ending(before: datetime) -> QuerySet[Promotion]:
    """Promotions that end soon."""
    return Promotion.objects.filter(
        status__in=["active", "scheduled"], ends_at__lt=before
    ).order_by("ends_at")


def promotions_of(store: Store, status: str) -> QuerySet[Promotion]:
    """A shop's own promotions."""
    return Promotion.objects.filter(store=store, status=status)


def uses_of(promotion: Promotion) -> QuerySet[PromotionUse]:
    """Orders that a promotion was applied to, the latest first."""
    return PromotionUse.objects.filter(promotion=promotion).order_by("-used_at")


def code_like(typed: str) -> QuerySet[DiscountCode]:
    """A code, however it is typed."""
    return DiscountCode.objects.annotate(upper=Upper("code")).filter(upper=typed.strip().upper())


def codes_expiring(before: datetime) -> QuerySet[DiscountCode]:
    """Codes that end soon."""
    return DiscountCode.objects.filter(is_active=True, valid_until__lt=before).order_by(
        "valid_until"
    )
