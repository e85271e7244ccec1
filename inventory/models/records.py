"""What the law asks for: counts, destructions, recalls, closed months."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

import audit
from inventory.models.stock import Location, Stock
from weedgo.store.models import Product, Store
from weedgo.store.schema import one_of, user_link
from weedgo.store.triggers import AppendOnly, NoTruncate, Transitions
from weedgo.tenancy.base import TenantOwned

ONE_OPEN_COUNT = "inventory_counts_one_open_key"


class CountType(models.TextChoices):
    """The column `type` of Count."""

    CYCLE = "cycle"
    FULL = "full"
    SPOT = "spot"
    MONTH_END = "month_end"


class CountStatus(models.TextChoices):
    """The column `status` of Count."""

    OPEN = "open"
    COUNTED = "counted"
    POSTED = "posted"
    CANCELLED = "cancelled"


@audit.track()
class Count(TenantOwned):
    """A physical count of a location."""

    Type = CountType
    Status = CountStatus

    location = models.ForeignKey(Location, on_delete=models.RESTRICT, db_index=False)
    count_type = models.CharField(max_length=16, choices=Type.choices, db_default=Type.CYCLE.value)
    status = models.CharField(max_length=16, choices=Status.choices, db_default=Status.OPEN.value)
    started_at = models.DateTimeField(db_default=Now())
    started_by = user_link(db_column="started_by", db_index=False)
    posted_at = models.DateTimeField(null=True, blank=True)
    posted_by = user_link(db_column="posted_by", db_index=False)

    class Meta:
        db_table = "inventory_counts"
        db_table_comment = "Physical counts."
        ordering = ["-started_at"]
        constraints = [
            one_of("inventory_counts", "count_type", CountType),
            one_of("inventory_counts", "status", CountStatus),
            CheckConstraint(
                condition=~Q(status="posted") | Q(posted_at__isnull=False),
                name="inventory_counts_posted_check",
            ),
            models.UniqueConstraint(
                fields=["location"], condition=Q(status__in=["open", "counted"]),
                name=ONE_OPEN_COUNT,
            ),
        ]  # fmt: skip
        indexes = [Index("location", F("started_at").desc(), name="idx_inventory_counts_location")]
        triggers = [
            Transitions(
                {"open": ["counted", "posted", "cancelled"], "counted": ["posted", "cancelled"]}
            )
        ]

    def __str__(self) -> str:
        return f"{self.count_type} count of {self.location_id}"


class CountLine(TenantOwned):
    """Counted against booked; the book is frozen when the count starts."""

    count = models.ForeignKey(Count, on_delete=models.CASCADE, related_name="lines", db_index=False)
    inventory = models.ForeignKey(Stock, on_delete=models.RESTRICT, related_name="+")
    sku = models.CharField(max_length=64)
    book_quantity = models.IntegerField()
    book_seq = models.BigIntegerField()
    counted_quantity = models.IntegerField(null=True, blank=True)
    counted_by = user_link(db_column="counted_by", db_index=False)
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "inventory_count_lines"
        db_table_comment = "Counted against booked quantities."
        constraints = [
            CheckConstraint(
                condition=Q(counted_quantity__gte=0), name="inventory_count_lines_counted_check"
            ),
            models.UniqueConstraint("count", "inventory", name="inventory_count_lines_key"),
        ]

    def __str__(self) -> str:
        return f"{self.sku}: {self.counted_quantity} of {self.book_quantity}"


@audit.track()
class Destruction(TenantOwned):
    """Destroyed cannabis; records are kept as the AGCO asks."""

    inventory = models.ForeignKey(Stock, on_delete=models.RESTRICT, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    sku = models.CharField(max_length=64)
    quantity = models.IntegerField()
    reason = models.CharField(max_length=40)
    method = models.CharField(max_length=40)
    certificate_number = models.CharField(max_length=40, unique=True)
    weight_g = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    witness = user_link(db_index=False)
    second_witness = user_link(db_index=False)
    destroyed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "inventory_destructions"
        db_table_comment = "Destroyed cannabis, records kept as the AGCO asks."
        ordering = ["-destroyed_at"]
        constraints = [
            CheckConstraint(
                condition=Q(quantity__gt=0), name="inventory_destructions_quantity_check"
            ),
            CheckConstraint(
                condition=~Q(witness=F("second_witness")),
                name="inventory_destructions_witnesses_check",
            ),
        ]
        indexes = [
            Index("store", F("destroyed_at").desc(), name="idx_inv_destructions_store"),
            Index("sku", F("destroyed_at").desc(), name="idx_inv_destructions_sku"),
        ]
        triggers = [AppendOnly(), NoTruncate()]

    def __str__(self) -> str:
        return self.certificate_number


class RecallSeverity(models.TextChoices):
    """The column `severity` of Recall."""

    I = "I"  # noqa: E741 - Health Canada's numbering
    II = "II"
    III = "III"


@audit.track()
class Recall(TenantOwned):
    """A lot called back by its producer or Health Canada."""

    Severity = RecallSeverity

    product = models.ForeignKey(Product, on_delete=models.RESTRICT, db_index=False)
    sku = models.CharField(max_length=64)
    lot_number = models.CharField(max_length=64)
    severity = models.CharField(
        max_length=8, choices=Severity.choices, db_default=Severity.II.value
    )
    notice_number = models.CharField(max_length=40, blank=True, db_default="")
    instructions = models.TextField(blank=True, db_default="")
    announced_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "inventory_recalls"
        db_table_comment = "Recalls of lots by producers or Health Canada."
        ordering = ["-announced_at"]
        constraints = [
            one_of("inventory_recalls", "severity", RecallSeverity),
            models.UniqueConstraint("sku", "lot_number", name="inventory_recalls_lot_key"),
        ]
        indexes = [
            Index("product", name="idx_inventory_recalls_product"),
            Index(F("announced_at").desc(), name="idx_inventory_recalls_open",
                  condition=Q(closed_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.sku} lot {self.lot_number}"
