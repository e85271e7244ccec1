"""Applying promotions to orders that are not placed yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from weedgo.store.errors import PromotionError
from weedgo.store.models import DiscountCode, Order, OrderItem, Promotion, PromotionUse
from weedgo.store.selectors import code_like
from weedgo.store.services.orders import retotal, take_off

Kind = Promotion.Kind


@transaction.atomic
def apply_promotion(order: Order, promotion: Promotion, code: str = "") -> PromotionUse:
    """Take a promotion off an order's lines; again is the use that stands.

    Args:
        order: a pending order; its sums follow.
        promotion: a running one.
        code: what the customer typed in for it.

    Raises:
        PromotionError: it does not hold for this order, or was used up.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("store").get(pk=order.pk)
    used = PromotionUse.objects.filter(order=order, promotion=promotion).first()
    if used is not None:
        return used
    items = _covered(order, promotion)
    _check(order, promotion, items)
    discount = _discount(promotion, items)
    _count_use(promotion)
    take_off(items, discount)
    retotal(order, timezone.localdate(timezone=ZoneInfo(order.store.time_zone)))
    return PromotionUse.objects.create(
        promotion=promotion, order=order, discount_minor=discount, code=code
    )


@transaction.atomic
def apply_code(order: Order, typed: str) -> PromotionUse:
    """Apply the promotion of a code.

    Raises:
        PromotionError: there is no such code, or it does not hold (any more).
    """
    now = timezone.now()
    code = code_like(typed).select_related("promotion").first()
    if code is None or not code.is_active or not _runs(code.valid_from, code.valid_until):
        raise PromotionError(f"the code {typed} is not valid")
    if PromotionUse.objects.filter(order=order, promotion=code.promotion).exists():
        return apply_promotion(order, code.promotion, code.code)
    free = Q(maximum_redemptions=None) | Q(redeemed_count__lt=F("maximum_redemptions"))
    redeemed = DiscountCode.objects.filter(free, pk=code.pk, valid_from__lte=now).update(
        redeemed_count=F("redeemed_count") + 1
    )
    if not redeemed:
        raise PromotionError(f"the code {typed} was redeemed as often as it can be")
    return apply_promotion(order, code.promotion, code.code)


def _runs(start: datetime, end: datetime | None) -> bool:
    now = timezone.now()
    return start <= now and (end is None or now < end)


def _covered(order: Order, promotion: Promotion) -> list[OrderItem]:
    """The lines that a promotion is for; one that names no products is for all."""
    items = order.items.select_for_update().order_by("pk")
    products = set(promotion.products.values_list("product_id", flat=True))
    return [item for item in items if not products or item.product_id in products]


def _check(order: Order, promotion: Promotion, items: Sequence[OrderItem]) -> None:
    local = timezone.now().astimezone(ZoneInfo(order.store.time_zone))
    days = promotion.days_of_week
    refusals = {
        f"order {order} is {order.status}": order.status != Order.Status.PENDING,
        f"{promotion} is {promotion.status}": promotion.status != Promotion.Status.ACTIVE,
        f"{promotion} is not on now": not _runs(promotion.starts_at, promotion.ends_at),
        f"{promotion} is not on today": days is not None and local.isoweekday() % 7 not in days,
        f"{promotion} is of another shop": promotion.store_id not in (None, order.store_id),
        f"{promotion} covers nothing of order {order}": not items,
        f"{promotion} takes a larger order": order.subtotal_minor
        < promotion.minimum_subtotal_minor,
        f"{promotion} does not go with another": _others(order, promotion),
    }
    for why, refused in refusals.items():
        if refused:
            raise PromotionError(why)


def _others(order: Order, promotion: Promotion) -> bool:
    uses = order.promotion_uses.all()
    return uses.exists() if not promotion.stackable else uses.filter(
        promotion__stackable=False
    ).exists()  # fmt: skip


def _discount(promotion: Promotion, items: Sequence[OrderItem]) -> int:
    """What comes off the lines, never more than they cost."""
    total = sum(item.line_total_minor for item in items)
    value = promotion.discount_value
    if promotion.discount_type == Kind.PERCENT:
        return (total * value + 5000) // 10000
    if promotion.discount_type == Kind.AMOUNT:
        return min(value, total)
    return sum(max(item.line_total_minor - item.quantity * value, 0) for item in items)


def _count_use(promotion: Promotion) -> None:
    free = Q(maximum_uses=None) | Q(times_used__lt=F("maximum_uses"))
    counted = Promotion.objects.filter(free, pk=promotion.pk).update(times_used=F("times_used") + 1)
    if not counted:
        raise PromotionError(f"{promotion} was used as often as it can be")
