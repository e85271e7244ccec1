"""Where stock is, what it is, and what moved it."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Lower, Now

import audit
from inventory.triggers import KeepIdentity, NumberChange, OnlyByStock, write_movements
from weedgo.store.models import Product, Store
from weedgo.store.schema import gtin_check, gtin_field, money_field, one_of, user_link
from weedgo.store.triggers import AppendOnly, NoTruncate
from weedgo.tenancy.base import TenantOwned, Timestamped


class LotStatus(models.TextChoices):
    """Whether units of a lot may be sold."""

    SELLABLE = "sellable"
    QUARANTINE = "quarantine"
    RECALLED = "recalled"
    EXPIRED = "expired"


class LocationKind(models.TextChoices):
    """What a place is for."""

    SHELF = "shelf"
    VAULT = "vault"
    BACKROOM = "backroom"
    IN_TRANSIT = "in_transit"
    QUARANTINE = "quarantine"


class MovementType(models.TextChoices):
    """Why a counter changed."""

    RESERVE = "reserve"
    RELEASE = "release"
    RECEIPT = "receipt"
    SALE = "sale"
    RETURN = "return"
    ADJUSTMENT = "adjustment"
    COUNT = "count"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    DESTRUCTION = "destruction"
    THEFT = "theft"
    SUPPLIER_RETURN = "supplier_return"
    DIRECT_WRITE = "direct_write"


@audit.track()
class Location(TenantOwned, Timestamped):
    """A place in a shop where stock is kept."""

    Kind = LocationKind

    store = models.ForeignKey(
        Store, on_delete=models.RESTRICT, related_name="locations", db_index=False
    )
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=20, choices=LocationKind.choices, db_default=LocationKind.SHELF.value
    )
    capacity_units = models.IntegerField(null=True, blank=True)
    is_secured = models.BooleanField(db_default=True)
    is_active = models.BooleanField(db_default=True)

    class Meta:
        db_table = "inventory_locations"
        db_table_comment = "Places in a shop where stock is kept, and the way between two shops."
        ordering = ["store", "code"]
        constraints = [
            one_of("inventory_locations", "kind", LocationKind),
            models.UniqueConstraint("store", "code", name="inventory_locations_code_key"),
            # What stock rows refer to, so that their shop is their location's.
            models.UniqueConstraint(
                fields=["id", "store"], name="inventory_locations_id_store_key"
            ),
        ]
        indexes = [Index("kind", "store", name="idx_inventory_locations_kind")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Stock(TenantOwned, Timestamped):
    """How many units of one lot of a SKU are at one place."""

    LotStatus = LotStatus

    store = models.ForeignKey(Store, on_delete=models.RESTRICT, db_index=False)
    location = models.ForeignKey(
        Location, on_delete=models.RESTRICT, related_name="stock", db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.RESTRICT, related_name="stock", db_index=False
    )
    sku = models.CharField(max_length=64)
    batch_lot = models.CharField(
        max_length=64, blank=True, db_default="",
        db_comment="As printed on the case (GS1 application identifier 10); empty if unknown.",
    )  # fmt: skip
    each_gtin = gtin_field(db_comment="GTIN of the unit.")
    case_gtin = gtin_field(db_comment="GTIN of the case.")
    units_per_case = models.IntegerField(db_default=1)
    unit_cost_minor = money_field(db_default=0)
    quantity_on_hand = models.IntegerField(db_default=0)
    quantity_reserved = models.IntegerField(db_default=0)
    quantity_available = models.GeneratedField(
        expression=F("quantity_on_hand") - F("quantity_reserved"),
        output_field=models.IntegerField(), db_persist=True,
        db_comment="On hand less reserved.",
    )  # fmt: skip
    packaged_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(
        null=True, blank=True, db_comment="The last day on which it is sold, by the shop's clock."
    )
    lot_status = models.CharField(
        max_length=16, choices=LotStatus.choices, db_default=LotStatus.SELLABLE.value
    )
    reorder_point = models.IntegerField(null=True, blank=True)
    last_counted_at = models.DateTimeField(null=True, blank=True)
    seq = models.BigIntegerField(
        db_default=0, editable=False, db_comment="Number of the last movement; a trigger counts."
    )

    class Meta:
        db_table = "ocs_inventory"
        db_table_comment = "Packaged cannabis bought from the OCS, by location, SKU and lot."
        verbose_name_plural = "stock"
        constraints = [
            one_of("ocs_inventory", "lot_status", LotStatus),
            gtin_check("ocs_inventory", "each_gtin"),
            gtin_check("ocs_inventory", "case_gtin"),
            CheckConstraint(
                condition=Q(quantity_reserved__gte=0)
                & Q(quantity_reserved__lte=F("quantity_on_hand")),
                name="ocs_inventory_reserved_check",
            ),
            CheckConstraint(condition=Q(units_per_case__gt=0), name="ocs_inventory_case_check"),
            CheckConstraint(condition=Q(unit_cost_minor__gte=0), name="ocs_inventory_cost_check"),
            models.UniqueConstraint(
                "location", "sku", "batch_lot", name="ocs_inventory_location_sku_lot_key"
            ),
        ]
        # What leaves an update in place (HOT): no index holds seq or a counter, but for two
        # partial ones.
        indexes = [
            Index("sku", "expires_on", name="idx_ocs_inventory_sku"),
            Index("store", "sku", name="idx_ocs_inventory_store_sku"),
            Index(Lower("sku"), name="idx_ocs_inventory_sku_lower"),
            Index("product", "store", name="idx_ocs_inventory_product"),
            Index("batch_lot", "sku", name="idx_ocs_inventory_batch_lot",
                  condition=~Q(batch_lot="")),
            Index("each_gtin", name="idx_ocs_inventory_each_gtin",
                  condition=Q(each_gtin__isnull=False)),
            Index("case_gtin", name="idx_ocs_inventory_case_gtin",
                  condition=Q(case_gtin__isnull=False)),
            Index("store", "expires_on", name="idx_ocs_inventory_expiry",
                  condition=Q(lot_status="sellable")),
            Index("lot_status", "store", name="idx_ocs_inventory_held",
                  condition=~Q(lot_status="sellable")),
            Index("store", "reorder_point", name="idx_ocs_inventory_low_stock",
                  condition=Q(reorder_point__isnull=False)),
        ]  # fmt: skip
        triggers = [NumberChange(), *write_movements(), KeepIdentity(), NoTruncate()]

    def __str__(self) -> str:
        return f"{self.sku} lot {self.batch_lot or '?'} at {self.location_id}"


class Lot(TenantOwned, Timestamped):
    """A production lot that was received."""

    product = models.ForeignKey(Product, on_delete=models.RESTRICT, db_index=False)
    sku = models.CharField(max_length=64)
    lot_number = models.CharField(max_length=64)
    packaged_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=16, choices=LotStatus.choices, db_default=LotStatus.SELLABLE.value
    )
    thc_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    cbd_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    certificate_url = models.URLField(blank=True, db_default="")

    class Meta:
        db_table = "inventory_lots"
        db_table_comment = "Production lots that were received."
        constraints = [
            one_of("inventory_lots", "status", LotStatus),
            CheckConstraint(
                condition=Q(expires_on__gt=F("packaged_on")), name="inventory_lots_dates_check"
            ),
            models.UniqueConstraint("product", "lot_number", name="inventory_lots_number_key"),
        ]
        indexes = [
            Index("expires_on", name="idx_inventory_lots_expiry"),
            Index("sku", "expires_on", name="idx_inventory_lots_sku"),
            Index("lot_number", name="idx_inventory_lots_lot_number"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} lot {self.lot_number}"


class GtinAliasPackaging(models.TextChoices):
    """The column `packaging` of GtinAlias."""

    EACH = "each"
    INNER = "inner"
    CASE = "case"
    PALLET = "pallet"


class GtinAlias(TenantOwned):
    """A trade item number under which a product is delivered."""

    Packaging = GtinAliasPackaging

    gtin = gtin_field()
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="gtins")
    packaging = models.CharField(
        max_length=8, choices=Packaging.choices, db_default=Packaging.EACH.value
    )
    units = models.IntegerField(db_default=1, db_comment="How many units are in one of these.")
    valid_from = models.DateField(db_default=Now())
    valid_to = models.DateField(
        null=True, blank=True, db_comment="The first day on which it does not hold any more."
    )
    source = models.CharField(max_length=24, db_default="ocs")

    class Meta:
        db_table = "gtin_aliases"
        db_table_comment = "Trade item numbers under which a product has been delivered."
        verbose_name = "GTIN alias"
        verbose_name_plural = "GTIN aliases"
        constraints = [
            gtin_check("gtin_aliases", "gtin"),
            CheckConstraint(condition=Q(units__gt=0), name="gtin_aliases_units_check"),
            CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from")), name="gtin_aliases_validity_check"
            ),
            models.UniqueConstraint(
                fields=["gtin"], condition=Q(valid_to__isnull=True), name="gtin_aliases_current_key"
            ),
        ]
        indexes = [Index("gtin", "valid_from", name="idx_gtin_aliases_gtin")]

    def __str__(self) -> str:
        return f"{self.gtin} ({self.packaging})"


class Movement(TenantOwned):
    """One change of one stock row's counters; written by the database, never changed."""

    Type = MovementType

    pk = models.CompositePrimaryKey("inventory_id", "seq")
    # No constraint: only the trigger of a stock row writes movements, and a row that has some is
    # never deleted.
    inventory = models.ForeignKey(
        Stock, on_delete=models.RESTRICT, related_name="movements", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    seq = models.BigIntegerField(db_comment="Counts the row's changes from 1, without gaps.")
    store = models.ForeignKey(
        Store, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    sku = models.CharField(max_length=64)
    batch_lot = models.CharField(max_length=64)
    movement_type = models.CharField(max_length=20, choices=MovementType.choices)
    quantity_delta = models.IntegerField(db_comment="Change of what is on hand.")
    reserved_delta = models.IntegerField(db_comment="Change of what is reserved.")
    balance_after = models.IntegerField()
    reserved_after = models.IntegerField()
    unit_cost_minor = money_field("What a unit cost then, in cents.", db_default=0)
    reference_type = models.CharField(max_length=24, db_default="")
    reference_id = models.CharField(max_length=64, db_default="")
    reason = models.CharField(max_length=120, db_default="")
    actor = user_link(db_index=False)
    occurred_at = models.DateTimeField(
        db_default=Now(), db_comment="When it happened; never within a closed month."
    )
    recorded_at = models.DateTimeField(db_default=Now(), db_comment="When it was written down.")

    class Meta:
        db_table = "inventory_movements"
        db_table_comment = (
            "Ledger of changes of stock, append only, written by a trigger of ocs_inventory."
        )
        ordering = ["inventory_id", "seq"]
        constraints = [
            one_of("inventory_movements", "movement_type", MovementType),
            CheckConstraint(
                condition=~Q(quantity_delta=0) | ~Q(reserved_delta=0),
                name="inventory_movements_delta_check",
            ),
        ]
        indexes = [
            Index("sku", F("occurred_at").desc(), name="idx_inventory_movements_sku"),
            Index("store", F("occurred_at").desc(), name="idx_inventory_movements_store"),
            Index("batch_lot", "sku", name="idx_inventory_movements_lot",
                  condition=Q(movement_type__in=[
                      "sale", "return", "destruction", "theft", "supplier_return"])),
            Index("reference_type", "reference_id", name="idx_inventory_movements_ref",
                  condition=~Q(reference_id="")),
            Index("store", "occurred_at", name="idx_inventory_movements_losses",
                  condition=Q(movement_type__in=["destruction", "theft"])),
            Index(F("occurred_at").desc(), name="idx_inventory_movements_direct",
                  condition=Q(movement_type="direct_write")),
            BrinIndex("occurred_at", name="idx_inventory_movements_time"),
        ]  # fmt: skip
        triggers = [AppendOnly(), NoTruncate(), OnlyByStock()]

    def __str__(self) -> str:
        return f"{self.inventory_id}/{self.seq}: {self.movement_type} {self.quantity_delta:+}"


class Drift(models.Model):
    """A stock row whose counters are not the sum of its movements; a view."""

    stock = models.OneToOneField(
        Stock, on_delete=models.DO_NOTHING, primary_key=True, db_column="inventory_id",
        db_constraint=False, related_name="+",
    )  # fmt: skip
    sku = models.CharField(max_length=64)
    batch_lot = models.CharField(max_length=64)
    quantity_on_hand = models.IntegerField()
    moved_on_hand = models.BigIntegerField()
    quantity_reserved = models.IntegerField()
    moved_reserved = models.BigIntegerField()
    seq = models.BigIntegerField()
    movements = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "inventory_drift"
        verbose_name_plural = "drift"

    def __str__(self) -> str:
        return f"{self.sku}: {self.quantity_on_hand} on hand, {self.moved_on_hand} moved"
