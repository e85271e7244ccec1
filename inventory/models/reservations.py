"""Units held for carts and orders."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

from inventory.models.stock import Location, Stock
from inventory.triggers import CloseOnce
from weedgo.store.schema import one_of, user_link
from weedgo.store.triggers import AppendOnly
from weedgo.tenancy.base import TenantOwned


class ReservationStatus(models.TextChoices):
    """The column `status` of Reservation."""

    ACTIVE = "active"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"


class Reservation(TenantOwned):
    """Units held for a cart or an order until they are sold or let go."""

    Status = ReservationStatus

    key = models.UUIDField(
        primary_key=True, db_column="reservation_key",
        db_comment="The caller's: the same request never reserves twice.",
    )  # fmt: skip
    # No constraint: its check would lock the one row of the location for every reservation. Stock
    # that was held is there, and keeps its location.
    location = models.ForeignKey(
        Location, on_delete=models.RESTRICT, db_constraint=False, db_index=False
    )
    digest = models.CharField(max_length=64, db_comment="SHA-256 of what was asked for.")
    status = models.CharField(max_length=16, choices=Status.choices, db_default=Status.ACTIVE.value)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=40, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "inventory_reservations"
        db_table_comment = "Stock held for carts and orders."
        ordering = ["-created_at"]
        constraints = [
            one_of("inventory_reservations", "status", ReservationStatus),
            CheckConstraint(
                condition=Q(status="active", closed_at__isnull=True)
                | (~Q(status="active") & Q(closed_at__isnull=False)),
                name="inventory_reservations_closed_check",
            ),
        ]
        indexes = [
            Index(
                "expires_at", name="idx_inventory_reservations_due", condition=Q(status="active")
            ),
            Index("location", F("created_at").desc(), name="idx_inventory_reservations_loc"),
        ]
        triggers = [CloseOnce()]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"


class ReservationLine(TenantOwned):
    """Units of one stock row that a reservation holds."""

    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="lines",
        db_column="reservation_key", db_index=False,
    )  # fmt: skip
    # No constraint: its check would lock the hot stock row once more (67 → 179 reservations/s).
    inventory = models.ForeignKey(
        Stock, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    sku = models.CharField(max_length=64)
    batch_lot = models.CharField(max_length=64)
    quantity = models.IntegerField()

    class Meta:
        db_table = "inventory_reservation_lines"
        db_table_comment = "Which stock rows a reservation holds units of."
        constraints = [
            CheckConstraint(
                condition=Q(quantity__gt=0), name="inventory_reservation_lines_quantity_check"
            ),
            models.UniqueConstraint(
                "reservation", "inventory", name="inventory_reservation_lines_key"
            ),
        ]
        indexes = [
            Index("batch_lot", "sku", name="idx_inv_reservation_lines_lot"),
            Index("inventory", name="idx_inv_reservation_lines_inv"),
        ]
        triggers = [AppendOnly()]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class Shortage(TenantOwned):
    """Units that were sold while a till was offline, and that the books do not have."""

    sale_key = models.UUIDField(db_comment="The till's: the same sale is entered once.")
    location = models.ForeignKey(Location, on_delete=models.RESTRICT, db_index=False)
    sku = models.CharField(max_length=64)
    quantity = models.IntegerField(db_comment="How many are missing.")
    reference_type = models.CharField(max_length=24, blank=True, db_default="")
    reference_id = models.CharField(max_length=64, blank=True, db_default="")
    sold_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = user_link(db_column="settled_by", db_index=False)
    resolution = models.CharField(max_length=120, blank=True, db_default="")

    class Meta:
        db_table = "inventory_shortages"
        db_table_comment = "Units sold offline that were not there; somebody has to find out why."
        ordering = ["-recorded_at"]
        constraints = [
            CheckConstraint(condition=Q(quantity__gt=0), name="inventory_shortages_quantity_check"),
            models.UniqueConstraint("sale_key", "sku", name="inventory_shortages_key"),
            CheckConstraint(
                condition=Q(settled_at__isnull=True, resolution="")
                | (Q(settled_at__isnull=False) & ~Q(resolution="")),
                name="inventory_shortages_settled_check",
            ),
        ]
        indexes = [
            Index("location", "recorded_at", name="idx_inventory_shortages_open",
                  condition=Q(settled_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku} missing"
