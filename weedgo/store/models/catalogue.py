"""Shops and what they sell."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Lower, Now

import audit
from weedgo.store.schema import gtin_check, gtin_field, money_field, one_of, user_link
from weedgo.store.triggers import AppendOnly, NoTruncate, RecordPrice
from weedgo.tenancy.base import TenantOwned, Timestamped

PERCENT: dict[str, Any] = {"max_digits": 6, "decimal_places": 2, "null": True, "blank": True}


class StoreStatus(models.TextChoices):
    """The column `status` of Store."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"


@audit.track()
class Store(TenantOwned, Timestamped):
    """A licensed shop of the tenant."""

    Status = StoreStatus

    name = models.CharField(max_length=120)
    code = models.CharField(max_length=40, unique=True)
    crol_number = models.CharField(
        max_length=20, blank=True, db_default="",
        db_comment="Cannabis Retail Operating Licence number given by the AGCO.",
    )  # fmt: skip
    license_expires_on = models.DateField(null=True, blank=True)
    street = models.CharField(max_length=200)
    city = models.CharField(max_length=80)
    province = models.CharField(max_length=2, db_default="ON")
    postal_code = models.CharField(max_length=7)
    phone = models.CharField(max_length=32, blank=True, db_default="")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    time_zone = models.CharField(
        max_length=40, db_default="America/Toronto",
        db_comment="Days begin and end, and lots expire, by this zone's clock.",
    )  # fmt: skip
    tax_region = models.CharField(max_length=8, db_default="CA-ON")
    pickup_enabled = models.BooleanField(db_default=True)
    delivery_base_fee_minor = money_field(db_default=500)
    opening_hours = models.JSONField(db_default={}, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, db_default=Status.ACTIVE.value)

    class Meta:
        db_table = "stores"
        db_table_comment = "A licensed shop of the tenant."
        ordering = ["name"]
        constraints = [
            one_of("stores", "status", StoreStatus),
            CheckConstraint(
                condition=Q(postal_code__regex="^[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]$"),
                name="stores_postal_code_check",
            ),
            CheckConstraint(condition=Q(delivery_base_fee_minor__gte=0), name="stores_fee_check"),
        ]
        indexes = [
            Index("license_expires_on", name="stores_license_expiry_idx",
                  condition=Q(license_expires_on__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Brand(TenantOwned, Timestamped):
    """A licensed producer's consumer brand."""

    name = models.CharField(max_length=160)
    slug = models.SlugField(max_length=160, unique=True, db_index=False)
    licence_number = models.CharField(
        max_length=40, blank=True, db_default="",
        db_comment="Health Canada licence of the producer behind the brand.",
    )  # fmt: skip
    country_code = models.CharField(max_length=2, db_default="CA")
    is_craft = models.BooleanField(db_default=False)
    is_active = models.BooleanField(db_default=True)

    class Meta:
        db_table = "brands"
        db_table_comment = "Licensed producers' consumer brands."
        ordering = ["name"]
        constraints = [
            CheckConstraint(
                condition=Q(country_code__regex="^[A-Z]{2}$"), name="brands_country_code_check"
            )
        ]
        indexes = [Index(Lower("name"), name="idx_brands_name_key")]

    def __str__(self) -> str:
        return self.name


class CategoryExciseClass(models.TextChoices):
    """The column `exciseclass` of Category."""

    FLOWERING = "flowering"
    NON_FLOWERING = "non_flowering"
    SEED = "seed"
    OIL = "oil"
    EDIBLE = "edible"
    NONE = "none"


class Category(TenantOwned, Timestamped):
    """A node in the tree of categories that shoppers see."""

    ExciseClass = CategoryExciseClass

    parent = models.ForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="children",
        db_index=False,
    )  # fmt: skip
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True, db_index=False)
    path = models.TextField(db_comment="Slugs from the root, separated by slashes.")
    sort_order = models.IntegerField(db_default=0)
    dried_equivalency = models.DecimalField(
        max_digits=8, decimal_places=4, null=True, blank=True,
        db_comment="Units equal to one gram of dried cannabis (Cannabis Act, Schedule 3).",
    )  # fmt: skip
    excise_class = models.CharField(
        max_length=24, choices=ExciseClass.choices, db_default=ExciseClass.NONE.value
    )
    age_restricted = models.BooleanField(db_default=True)
    is_visible = models.BooleanField(db_default=True)

    class Meta:
        db_table = "product_categories"
        db_table_comment = "Tree of categories and subcategories shown to shoppers."
        ordering = ["path"]
        verbose_name_plural = "categories"
        constraints = [
            one_of("product_categories", "excise_class", CategoryExciseClass),
            CheckConstraint(condition=~Q(parent=F("id")), name="product_categories_not_own_parent"),
            CheckConstraint(
                condition=Q(dried_equivalency__gt=0), name="product_categories_equivalency_check"
            ),
        ]
        indexes = [
            Index("parent", "sort_order", name="idx_product_categories_parent"),
            Index(OpClass("path", "text_pattern_ops"), name="idx_product_categories_path"),
        ]

    def __str__(self) -> str:
        return self.path


def _document() -> Any:
    """What is searched: the name before the short text before the long one."""
    return (
        SearchVector("name", weight="A", config="english")
        + SearchVector("sku", weight="A", config="simple")
        + SearchVector("short_description", weight="B", config="english")
        + SearchVector("long_description", weight="C", config="english")
    )


class ProductPlantType(models.TextChoices):
    """The column `planttype` of Product."""

    INDICA = "indica"
    SATIVA = "sativa"
    HYBRID = "hybrid"
    BLEND = "blend"
    NONE = "none"


@audit.track()
class Product(TenantOwned, Timestamped):
    """Something that can be sold; the same in every shop of the tenant."""

    PlantType = ProductPlantType

    sku = models.CharField(max_length=64, unique=True, db_comment="The same in every shop.")
    name = models.CharField(max_length=240)
    slug = models.SlugField(max_length=260, unique=True, db_index=False)
    brand = models.ForeignKey(
        Brand, on_delete=models.RESTRICT, null=True, blank=True, db_index=False
    )
    category = models.ForeignKey(Category, on_delete=models.RESTRICT, db_index=False)
    short_description = models.CharField(max_length=500, blank=True, db_default="")
    long_description = models.TextField(blank=True, db_default="")
    plant_type = models.CharField(
        max_length=16, choices=PlantType.choices, db_default=PlantType.NONE.value
    )
    thc_min = models.DecimalField(**PERCENT, db_comment="Percent, or mg per unit of edibles.")
    thc_max = models.DecimalField(**PERCENT)
    cbd_min = models.DecimalField(**PERCENT)
    cbd_max = models.DecimalField(**PERCENT)
    net_weight_g = models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True)
    unit_cost_minor = money_field(db_default=0)
    retail_price_minor = money_field("In cents, before tax.")
    compare_at_price_minor = money_field(
        "In cents; the price struck through.", null=True, blank=True
    )
    each_gtin = gtin_field(db_comment="GTIN of the unit that is scanned at the till.")
    rating_average = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    rating_count = models.IntegerField(db_default=0)
    popularity = models.IntegerField(
        db_default=0, db_comment="Units sold in the trailing 28 days, refreshed nightly."
    )
    search_vector = models.GeneratedField(
        expression=_document(), output_field=SearchVectorField(), db_persist=True
    )
    metadata = models.JSONField(db_default={}, blank=True)
    tags = ArrayField(models.CharField(max_length=60), db_default=[], blank=True)
    external_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    discontinued_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(db_default=True)
    is_featured = models.BooleanField(db_default=False)

    class Meta:
        db_table = "products"
        db_table_comment = "Sellable products; prices in cents, potency in percent or mg per unit."
        ordering = ["name", "id"]
        constraints = [
            one_of("products", "plant_type", ProductPlantType),
            gtin_check("products", "each_gtin"),
            CheckConstraint(
                condition=Q(sku__regex=r"^[A-Z0-9][A-Z0-9._-]{2,63}$"), name="products_sku_check"
            ),
            CheckConstraint(
                condition=Q(retail_price_minor__gte=0) & Q(unit_cost_minor__gte=0),
                name="products_price_check",
            ),
            CheckConstraint(
                condition=Q(compare_at_price_minor__gte=F("retail_price_minor")),
                name="products_compare_at_check",
            ),
            CheckConstraint(
                condition=Q(thc_min__lte=F("thc_max")), name="products_thc_range_check"
            ),
            CheckConstraint(
                condition=Q(cbd_min__lte=F("cbd_max")), name="products_cbd_range_check"
            ),
            # What stock rows refer to, so that their SKU is their product's.
            models.UniqueConstraint("id", "sku", name="products_id_sku_key"),
        ]
        indexes = [
            Index(Lower("sku"), name="idx_products_sku_lower"),
            Index("sku", name="idx_products_sku_active", include=["name", "retail_price_minor"],
                  condition=Q(is_active=True)),
            Index("category", "sku", name="idx_products_category_sku"),
            Index(OpClass("sku", "varchar_pattern_ops"), name="idx_products_sku_pattern"),
            # Without a list of pending entries, which every search would have to read.
            GinIndex("search_vector", name="idx_products_search_vector", fastupdate=False),
            Index(OpClass(Lower("name"), "text_pattern_ops"), name="idx_products_name_lower"),
            GinIndex(OpClass("metadata", "jsonb_path_ops"), name="idx_products_metadata"),
            GinIndex("tags", name="idx_products_tags"),
            Index("brand", F("retail_price_minor").desc(), name="idx_products_brand_price"),
            Index("category", F("popularity").desc(), "id", name="idx_products_category_pop",
                  condition=Q(is_active=True)),
            Index("category", "id", name="idx_products_featured", condition=Q(is_featured=True)),
            Index(F("thc_max").desc(), name="idx_products_thc_max",
                  condition=Q(thc_max__isnull=False)),
            Index("each_gtin", name="idx_products_each_gtin",
                  condition=Q(each_gtin__isnull=False)),
            Index(F("updated_at").desc(), name="idx_products_updated_at"),
            Index((F("retail_price_minor") - F("unit_cost_minor")).desc(),
                  name="idx_products_margin"),
        ]  # fmt: skip
        triggers = [RecordPrice()]

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"


class PriceChange(TenantOwned):
    """What a product cost before and after; written by the database."""

    product = models.ForeignKey(
        Product, on_delete=models.RESTRICT, related_name="price_changes", db_index=False
    )
    sku = models.CharField(max_length=64)
    old_price_minor = money_field("In cents; none for a new product.", null=True)
    new_price_minor = money_field()
    cost_at_change_minor = money_field(null=True)
    changed_by = user_link(db_column="changed_by", db_index=False)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "price_history"
        db_table_comment = "Every change of a product's price, written by a trigger."
        ordering = ["-changed_at"]
        indexes = [
            Index("product", F("changed_at").desc(), name="idx_price_history_product",
                  include=["new_price_minor"]),
            Index("sku", F("changed_at").desc(), name="idx_price_history_sku"),
            Index(F("changed_at").desc(), name="idx_price_history_changed_at"),
        ]  # fmt: skip
        triggers = [AppendOnly(), NoTruncate()]

    def __str__(self) -> str:
        return f"{self.sku}: {self.new_price_minor}"


class ReviewStatus(models.TextChoices):
    """The column `status` of Review."""

    PENDING = "pending"
    PUBLISHED = "published"
    REJECTED = "rejected"
    HIDDEN = "hidden"


class Review(TenantOwned, Timestamped):
    """What a customer thinks of a product."""

    Status = ReviewStatus

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="reviews", db_index=False
    )
    store = models.ForeignKey(
        Store, on_delete=models.SET_NULL, null=True, blank=True, db_index=False
    )
    user = user_link(null=False, db_index=False)
    rating = models.SmallIntegerField()
    title = models.CharField(max_length=160, blank=True, db_default="")
    body = models.TextField(blank=True, db_default="")
    status = models.CharField(
        max_length=16, choices=Status.choices, db_default=Status.PENDING.value
    )
    verified_purchase = models.BooleanField(db_default=False)
    moderated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "product_reviews"
        db_table_comment = "Ratings and reviews by customers."
        ordering = ["-created_at"]
        constraints = [
            one_of("product_reviews", "status", ReviewStatus),
            CheckConstraint(condition=Q(rating__range=(1, 5)), name="product_reviews_rating_check"),
            models.UniqueConstraint("user", "product", name="product_reviews_one_per_user"),
        ]
        indexes = [
            Index("product", F("created_at").desc(), name="idx_product_reviews_product",
                  condition=Q(status="published")),
            Index("created_at", name="idx_product_reviews_pending", condition=Q(status="pending")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.rating}/5 for {self.product_id}"
