"""Carts, orders and the taxes on them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now, Upper

import audit
from weedgo.store.models.catalogue import Product, Store
from weedgo.store.models.people import Customer
from weedgo.store.schema import CURRENCY, money_field, one_of, user_link
from weedgo.store.triggers import AppendOnly, NoTruncate, RecordStatus, Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped


class CartStatus(models.TextChoices):
    """The column `status` of Cart."""

    OPEN = "open"
    ORDERED = "ordered"
    ABANDONED = "abandoned"


class Cart(TenantOwned, Timestamped):
    """What somebody has picked and not yet ordered."""

    Status = CartStatus

    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, db_index=False
    )
    session_key = models.CharField(max_length=64, blank=True, db_default="")
    coupon_code = models.CharField(max_length=40, blank=True, db_default="")
    source = models.CharField(max_length=20, db_default="web")
    status = models.CharField(max_length=20, choices=Status.choices, db_default=Status.OPEN.value)

    class Meta:
        db_table = "carts"
        db_table_comment = "What somebody has picked and not yet ordered."
        constraints = [one_of("carts", "status", CartStatus)]
        indexes = [
            Index("status", "updated_at", name="carts_status_idx"),
            Index("customer", name="carts_customer_open_idx", condition=Q(status="open")),
            Index("session_key", name="carts_session_idx", condition=~Q(session_key="")),
        ]

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartItem(TenantOwned):
    """A line of a cart."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.RESTRICT)
    quantity = models.IntegerField()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "cart_items"
        db_table_comment = "A line of a cart; its price is the product's until it is ordered."
        constraints = [
            CheckConstraint(condition=Q(quantity__gt=0), name="cart_items_quantity_check"),
            models.UniqueConstraint("cart", "product", name="cart_items_product_key"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x product {self.product_id}"


@audit.track()
class TaxRate(TenantOwned):
    """A tax of a region and when it holds."""

    region = models.CharField(max_length=8)
    name = models.CharField(max_length=40)
    federal_rate = models.DecimalField(max_digits=6, decimal_places=4, db_default=0)
    provincial_rate = models.DecimalField(max_digits=6, decimal_places=4, db_default=0)
    combined_rate = models.GeneratedField(
        expression=F("federal_rate") + F("provincial_rate"),
        output_field=models.DecimalField(max_digits=7, decimal_places=4), db_persist=True,
    )  # fmt: skip
    effective_from = models.DateField()
    effective_to = models.DateField(
        null=True, blank=True, db_comment="The first day on which it does not hold any more."
    )

    class Meta:
        db_table = "tax_rates"
        db_table_comment = "GST, PST and HST by region and time."
        ordering = ["region", "name", "-effective_from"]
        constraints = [
            CheckConstraint(
                condition=Q(effective_to__gt=F("effective_from")), name="tax_rates_period_check"
            ),
            CheckConstraint(
                condition=Q(federal_rate__range=(0, 1)) & Q(provincial_rate__range=(0, 1)),
                name="tax_rates_range_check",
            ),
            models.UniqueConstraint(
                "region", "name", "effective_from", name="tax_rates_region_from_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.region}"


class OrderStatus(models.TextChoices):
    """The column `status` of Order."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PREPARING = "preparing"
    READY = "ready"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class OrderPayment(models.TextChoices):
    """The column `payment` of Order."""

    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PAID = "paid"
    REFUNDED = "refunded"
    FAILED = "failed"


class OrderFulfilment(models.TextChoices):
    """The column `fulfilment` of Order."""

    PICKUP = "pickup"
    DELIVERY = "delivery"
    IN_STORE = "in_store"


@audit.track()
class Order(TenantOwned, Timestamped):
    """A sale, from the moment it is placed."""

    Status = OrderStatus
    Payment = OrderPayment
    Fulfilment = OrderFulfilment

    order_number = models.CharField(max_length=24, unique=True)
    checkout_key = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False,
        db_comment="The caller's: the same checkout never orders, reserves or pays twice.",
    )  # fmt: skip
    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.RESTRICT, null=True, blank=True, db_index=False
    )
    status = models.CharField(
        max_length=20, choices=Status.choices, db_default=Status.PENDING.value
    )
    payment_status = models.CharField(
        max_length=20, choices=Payment.choices, db_default=Payment.UNPAID.value
    )
    fulfilment = models.CharField(
        max_length=20, choices=Fulfilment.choices, db_default=Fulfilment.PICKUP.value
    )
    source_channel = models.CharField(max_length=20, db_default="web")
    external_reference = models.CharField(max_length=64, blank=True, db_default="")
    subtotal_minor = money_field(db_default=0)
    discount_total_minor = money_field(db_default=0)
    tax_total_minor = money_field(db_default=0)
    delivery_fee_minor = money_field(db_default=0)
    tip_minor = money_field(db_default=0)
    total_minor = money_field("In cents; what the customer pays, tips apart.", db_default=0)
    currency = models.CharField(max_length=3, db_default=CURRENCY)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=120, blank=True, db_default="")
    id_checked_by = user_link(
        db_column="id_checked_by", db_index=False,
        db_comment="Who saw the identity card when the goods were handed over.",
    )  # fmt: skip
    metadata = models.JSONField(db_default={}, blank=True)
    notes = models.TextField(blank=True, db_default="")
    placed_at = models.DateTimeField(db_default=Now())
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "orders"
        db_table_comment = "A sale, from the moment it is placed."
        ordering = ["-placed_at", "-id"]
        constraints = [
            one_of("orders", "status", OrderStatus),
            one_of("orders", "payment_status", OrderPayment),
            one_of("orders", "fulfilment", OrderFulfilment),
            CheckConstraint(
                condition=Q(
                    total_minor=F("subtotal_minor") - F("discount_total_minor")
                    + F("tax_total_minor") + F("delivery_fee_minor")
                ),
                name="orders_total_check",
            ),
            CheckConstraint(
                condition=Q(discount_total_minor__range=(0, F("subtotal_minor")))
                & Q(tax_total_minor__gte=0) & Q(delivery_fee_minor__gte=0) & Q(tip_minor__gte=0),
                name="orders_amounts_check",
            ),
        ]  # fmt: skip
        indexes = [
            Index(F("placed_at").desc(), name="orders_placed_idx"),
            Index("store", F("placed_at").desc(), name="orders_store_placed_idx",
                  include=["status", "total_minor"]),
            Index("customer", F("placed_at").desc(), name="orders_customer_placed_idx"),
            Index("store", "status", "placed_at", name="orders_open_idx",
                  condition=Q(status__in=["pending", "confirmed", "preparing", "ready"])),
            Index("payment_status", "placed_at", name="orders_payment_status_idx",
                  condition=Q(payment_status__in=["unpaid", "failed"])),
            Index("scheduled_for", name="orders_scheduled_idx",
                  condition=Q(scheduled_for__isnull=False)),
            Index("external_reference", name="orders_external_reference_idx",
                  condition=~Q(external_reference="")),
            GinIndex(OpClass("metadata", "jsonb_path_ops"), name="orders_metadata_gin"),
            BrinIndex("placed_at", name="orders_placed_brin"),
            Index(Upper("order_number"), name="orders_number_upper_idx"),
        ]  # fmt: skip
        triggers = [
            RecordStatus(),
            Transitions(
                {
                    "pending": ["confirmed", "cancelled"],
                    "confirmed": ["preparing", "ready", "completed", "cancelled", "returned"],
                    "preparing": ["ready", "completed", "cancelled"],
                    "ready": ["completed", "cancelled"],
                    "completed": ["returned"],
                }
            ),
        ]

    def __str__(self) -> str:
        return self.order_number


class OrderItem(TenantOwned):
    """A line of an order, with the name and price of that day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.RESTRICT, db_index=False)
    sku = models.CharField(max_length=64)
    product_name = models.CharField(max_length=240)
    quantity = models.IntegerField()
    fulfilled_quantity = models.IntegerField(db_default=0)
    unit_price_minor = money_field()
    unit_cost_minor = money_field(null=True, blank=True)
    discount_minor = money_field(db_default=0)
    line_total_minor = money_field("In cents; quantity x price - discount.")
    batch_lot = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        db_comment="The lot handed over, once it is known.",
    )
    dried_equivalent_g = models.DecimalField(
        max_digits=8, decimal_places=3, null=True, blank=True,
        db_comment="Counts toward the 30 g that one may carry.",
    )  # fmt: skip
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "order_items"
        db_table_comment = "A line of an order, with the name and price of that day."
        constraints = [
            CheckConstraint(condition=Q(quantity__gt=0), name="order_items_quantity_check"),
            CheckConstraint(
                condition=Q(fulfilled_quantity__range=(0, F("quantity"))),
                name="order_items_fulfilled_check",
            ),
            CheckConstraint(
                condition=Q(
                    line_total_minor=F("quantity") * F("unit_price_minor") - F("discount_minor")
                ),
                name="order_items_total_check",
            ),
            CheckConstraint(
                condition=Q(unit_price_minor__gte=0) & Q(discount_minor__gte=0)
                & Q(line_total_minor__gte=0),
                name="order_items_amounts_check",
            ),
        ]  # fmt: skip
        indexes = [
            Index("order", "sku", name="order_items_order_sku_idx"),
            Index("sku", name="order_items_sku_idx", include=["quantity", "line_total_minor"]),
            Index(OpClass("sku", "varchar_pattern_ops"), name="order_items_sku_pattern_idx"),
            Index("product", "sku", name="order_items_product_sku_idx"),
            Index("batch_lot", "sku", name="order_items_lot_idx", condition=~Q(batch_lot="")),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class OrderStatusChange(TenantOwned):
    """A status that an order came to; written by the database."""

    order = models.ForeignKey(
        Order, on_delete=models.RESTRICT, related_name="status_changes", db_index=False
    )
    from_status = models.CharField(max_length=20, null=True)  # noqa: DJ001 - none before the first
    to_status = models.CharField(max_length=20)
    changed_by = user_link(db_column="changed_by", db_index=False)
    reason_code = models.CharField(max_length=40, blank=True, db_default="")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "order_status_history"
        db_table_comment = "How an order went from one status to the next, written by a trigger."
        ordering = ["-changed_at", "-id"]
        indexes = [
            Index("order", F("changed_at").desc(), name="order_status_history_order_idx"),
            Index("reason_code", name="order_status_history_reason", condition=~Q(reason_code="")),
        ]
        triggers = [AppendOnly(), NoTruncate()]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
