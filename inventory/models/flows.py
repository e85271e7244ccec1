"""How stock comes in and goes from one place to another."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

from inventory.models.stock import Location, Stock
from weedgo.store.schema import gtin_field, money_field, one_of, user_link
from weedgo.store.triggers import Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped


class Shipment(TenantOwned):
    """An advance shipping notice and what came of it."""

    asn_number = models.CharField(max_length=40, unique=True)
    location = models.ForeignKey(
        Location, on_delete=models.RESTRICT, db_index=False, db_comment="Where it was unpacked."
    )
    carrier = models.CharField(max_length=80, blank=True, db_default="")
    tracking_number = models.CharField(max_length=80, blank=True, db_default="")
    shipped_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    received_by = user_link(db_column="received_by", db_index=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "ocs_asn_shipments"
        db_table_comment = "Advance shipping notices and their receipt."
        ordering = ["-created_at"]
        constraints = [
            CheckConstraint(
                condition=Q(arrived_at__gte=F("shipped_at")),
                name="ocs_asn_shipments_arrival_check",
            )
        ]
        indexes = [
            Index("tracking_number", name="idx_ocs_asn_shipments_tracking",
                  condition=~Q(tracking_number="")),
            Index("shipped_at", name="idx_ocs_asn_shipments_transit",
                  condition=Q(arrived_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.asn_number


class ShipmentLineProblem(models.TextChoices):
    """The column `problem` of ShipmentLine."""

    NONE = ""
    UNKNOWN_GTIN = "unknown_gtin"
    EXPIRED = "expired"
    SHORT = "short"
    OVER = "over"
    BROKEN = "broken"


class ShipmentLine(TenantOwned):
    """A line of a shipping notice, or an exception that somebody has to look at."""

    Problem = ShipmentLineProblem

    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    line_number = models.IntegerField()
    inventory = models.ForeignKey(
        Stock, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False,
        db_comment="Where it was put; nowhere while it is an exception.",
    )  # fmt: skip
    sku = models.CharField(max_length=64, blank=True, db_default="")
    case_gtin = gtin_field()
    cases_shipped = models.IntegerField()
    units_per_case = models.IntegerField(db_default=1)
    units_received = models.IntegerField(
        db_default=0, db_comment="Counted when it was unpacked, broken ones among them."
    )
    units_broken = models.IntegerField(
        db_default=0, db_comment="Of those, put into quarantine because they cannot be sold."
    )
    batch_lot = models.CharField(max_length=64)
    packaged_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    unit_cost_minor = money_field(db_default=0)
    exception_code = models.CharField(
        max_length=24, choices=Problem.choices, blank=True, db_default=""
    )

    class Meta:
        db_table = "ocs_asn_lines"
        db_table_comment = "Lines of advance shipping notices; one without stock is an exception."
        ordering = ["shipment", "line_number"]
        constraints = [
            CheckConstraint(condition=Q(cases_shipped__gt=0), name="ocs_asn_lines_cases_check"),
            CheckConstraint(condition=Q(units_per_case__gt=0), name="ocs_asn_lines_units_check"),
            CheckConstraint(
                condition=Q(units_broken__range=(0, F("units_received"))),
                name="ocs_asn_lines_received_check",
            ),
            CheckConstraint(
                condition=Q(inventory__isnull=False) | ~Q(exception_code=""),
                name="ocs_asn_lines_exception_check",
            ),
            models.UniqueConstraint("shipment", "line_number", name="ocs_asn_lines_number_key"),
        ]
        indexes = [
            Index("sku", "batch_lot", name="idx_ocs_asn_lines_sku"),
            Index("shipment", name="idx_ocs_asn_lines_exceptions", condition=~Q(exception_code="")),
        ]

    def __str__(self) -> str:
        return f"{self.cases_shipped} cases of {self.sku or self.case_gtin}"


class TransferStatus(models.TextChoices):
    """The column `status` of Transfer."""

    DRAFT = "draft"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Transfer(TenantOwned, Timestamped):
    """Units on their way from one location to another."""

    Status = TransferStatus

    origin = models.ForeignKey(
        Location, on_delete=models.RESTRICT, related_name="transfers_out", db_index=False
    )
    destination = models.ForeignKey(
        Location, on_delete=models.RESTRICT, related_name="transfers_in", db_index=False
    )
    transit = models.ForeignKey(
        Location, on_delete=models.RESTRICT, related_name="+", db_index=False,
        db_comment="The in-transit location, where units are between the two.",
    )  # fmt: skip
    reference_code = models.CharField(max_length=40, unique=True)
    status = models.CharField(max_length=16, choices=Status.choices, db_default=Status.DRAFT.value)
    shipped_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    requested_by = user_link(db_column="requested_by", db_index=False)

    class Meta:
        db_table = "inventory_transfers"
        db_table_comment = "Transfers of stock between locations of a tenant."
        ordering = ["-created_at"]
        constraints = [
            one_of("inventory_transfers", "status", TransferStatus),
            CheckConstraint(
                condition=~Q(origin=F("destination")), name="inventory_transfers_places_check"
            ),
        ]
        indexes = [
            Index("origin", F("created_at").desc(), name="idx_inventory_transfers_from"),
            Index("destination", F("created_at").desc(), name="idx_inventory_transfers_to"),
            Index("created_at", name="idx_inventory_transfers_open",
                  condition=Q(status__in=["draft", "in_transit"])),
        ]  # fmt: skip
        triggers = [Transitions({"draft": ["in_transit", "cancelled"], "in_transit": ["received"]})]

    def __str__(self) -> str:
        return self.reference_code


class TransferLine(TenantOwned):
    """Units of one lot in a transfer."""

    transfer = models.ForeignKey(
        Transfer, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    inventory = models.ForeignKey(Stock, on_delete=models.RESTRICT, related_name="+")
    sku = models.CharField(max_length=64)
    batch_lot = models.CharField(max_length=64)
    quantity_sent = models.IntegerField()
    quantity_received = models.IntegerField(null=True, blank=True)

    class Meta:
        db_table = "inventory_transfer_items"
        db_table_comment = "Lines of transfers."
        constraints = [
            CheckConstraint(
                condition=Q(quantity_sent__gt=0), name="inventory_transfer_items_sent_check"
            ),
            CheckConstraint(
                condition=Q(quantity_received__range=(0, F("quantity_sent"))),
                name="inventory_transfer_items_received_check",
            ),
            models.UniqueConstraint("transfer", "inventory", name="inventory_transfer_items_key"),
        ]
        indexes = [Index("sku", "batch_lot", name="idx_inventory_transfer_items")]

    def __str__(self) -> str:
        return f"{self.quantity_sent} x {self.sku}"
