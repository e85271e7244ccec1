"""Campaigns and codes that lower prices."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now, Upper

import audit
from weedgo.store.models.catalogue import Product, Store
from weedgo.store.models.orders import Order
from weedgo.store.schema import money_field, one_of, user_link
from weedgo.tenancy.base import TenantOwned, Timestamped


class PromotionKind(models.TextChoices):
    """The column `kind` of Promotion."""

    PERCENT = "percent"
    AMOUNT = "amount"
    FIXED_PRICE = "fixed_price"


class PromotionStatus(models.TextChoices):
    """The column `status` of Promotion."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@audit.track()
class Promotion(TenantOwned, Timestamped):
    """A campaign that lowers prices."""

    Kind = PromotionKind
    Status = PromotionStatus

    store = models.ForeignKey(
        Store, on_delete=models.CASCADE, null=True, blank=True, db_index=False,
        db_comment="The one shop where it holds; all of them where there is none.",
    )  # fmt: skip
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True, db_default="")
    discount_type = models.CharField(max_length=16, choices=Kind.choices)
    discount_value = models.BigIntegerField(
        db_comment="Hundredths of a percent, cents off the order, or each unit's price in cents."
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, db_default=Status.DRAFT.value)
    minimum_subtotal_minor = money_field(db_default=0)
    maximum_uses = models.IntegerField(null=True, blank=True)
    times_used = models.IntegerField(db_default=0, editable=False)
    days_of_week = ArrayField(
        models.SmallIntegerField(), null=True, blank=True,
        db_comment="0 is Sunday, by the shop's clock; NULL means every day.",
    )  # fmt: skip
    stackable = models.BooleanField(db_default=False)
    created_by = user_link(db_column="created_by", db_index=False)

    class Meta:
        db_table = "promotions"
        db_table_comment = "Campaigns that lower prices."
        ordering = ["-starts_at"]
        constraints = [
            one_of("promotions", "discount_type", PromotionKind),
            one_of("promotions", "status", PromotionStatus),
            CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="promotions_period_check"
            ),
            CheckConstraint(
                condition=Q(times_used__gte=0)
                & (Q(maximum_uses__isnull=True) | Q(times_used__lte=F("maximum_uses"))),
                name="promotions_times_used_check",
            ),
            CheckConstraint(
                condition=Q(discount_value__gte=0)
                & (~Q(discount_type="percent") | Q(discount_value__lte=10000)),
                name="promotions_discount_value_check",
            ),
            CheckConstraint(
                condition=Q(days_of_week__contained_by=[0, 1, 2, 3, 4, 5, 6]),
                name="promotions_days_check",
            ),
        ]
        indexes = [
            Index("starts_at", "ends_at", name="idx_promotions_running",
                  condition=Q(status="active")),
            Index("ends_at", name="idx_promotions_ending",
                  condition=Q(status__in=["active", "scheduled"])),
            Index("store", "status", name="idx_promotions_store"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class PromotionProduct(TenantOwned):
    """A product that a promotion covers; without any it covers all."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, db_index=False)

    class Meta:
        db_table = "promotion_products"
        db_table_comment = "Products that a promotion covers; without any it covers all."
        constraints = [
            models.UniqueConstraint("product", "promotion", name="promotion_products_key")
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} in promotion {self.promotion_id}"


class PromotionUse(TenantOwned):
    """A promotion applied to an order."""

    promotion = models.ForeignKey(
        Promotion, on_delete=models.RESTRICT, related_name="uses", db_index=False
    )
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="promotion_uses", db_index=False
    )
    discount_minor = money_field()
    code = models.CharField(max_length=40, blank=True, db_default="")
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "promotion_usage"
        db_table_comment = "Uses of promotions by orders."
        constraints = [
            CheckConstraint(
                condition=Q(discount_minor__gte=0), name="promotion_usage_amount_check"
            ),
            models.UniqueConstraint("order", "promotion", name="promotion_usage_order_key"),
        ]
        indexes = [Index("promotion", F("used_at").desc(), name="idx_promotion_usage_promotion")]

    def __str__(self) -> str:
        return f"promotion {self.promotion_id} on order {self.order_id}"


@audit.track()
class DiscountCode(TenantOwned):
    """A code that customers type in for a promotion."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=40)
    valid_from = models.DateTimeField(db_default=Now())
    valid_until = models.DateTimeField(null=True, blank=True)
    maximum_redemptions = models.IntegerField(null=True, blank=True)
    redeemed_count = models.IntegerField(db_default=0, editable=False)
    is_active = models.BooleanField(db_default=True)

    class Meta:
        db_table = "discount_codes"
        db_table_comment = "Codes that customers type in."
        constraints = [
            CheckConstraint(
                condition=Q(redeemed_count__gte=0)
                & (
                    Q(maximum_redemptions__isnull=True)
                    | Q(redeemed_count__lte=F("maximum_redemptions"))
                ),
                name="discount_codes_redeemed_check",
            ),
            models.UniqueConstraint(Upper("code"), name="uq_discount_codes_code"),
        ]
        indexes = [
            Index("valid_until", name="idx_discount_codes_expiring", condition=Q(is_active=True))
        ]

    def __str__(self) -> str:
        return self.code
