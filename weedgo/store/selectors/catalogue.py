"""What is read of the catalogue. Each of these queries has an index that serves it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.functions import Cast, Ln, Lower

from weedgo.store.models import (
    Brand,
    Category,
    PriceChange,
    Product,
    Review,
    Store,
)


def search_products(words: str) -> QuerySet[Product]:
    """Active products that match words, the best and most popular first.

    Args:
        words: as people type them: "quoted phrases", or, -not.
    """
    query = SearchQuery(words, search_type="websearch", config="english")
    liked = Ln(Cast(F("popularity"), FloatField()) + Value(3.0))
    return (
        Product.objects.filter(search_vector=query, is_active=True)
        .annotate(rank=SearchRank(F("search_vector"), query) * liked)
        .order_by("-rank", "pk")
    )


def product_by_sku(sku: str) -> QuerySet[Product]:
    """An active product, as the till needs it."""
    found = Product.objects.filter(sku=sku, is_active=True)
    return found.only("sku", "name", "retail_price_minor")


def product_by_any_case(sku: str) -> QuerySet[Product]:
    """A product by its SKU, however it is typed."""
    return Product.objects.annotate(lower=Lower("sku")).filter(lower=sku.lower())


def products_by_sku_prefix(prefix: str) -> QuerySet[Product]:
    """Products whose SKU begins so."""
    return Product.objects.filter(sku__startswith=prefix)


def products_by_name_prefix(prefix: str) -> QuerySet[Product]:
    """Products whose name begins so, for a search box."""
    return Product.objects.annotate(lower=Lower("name")).filter(lower__startswith=prefix.lower())


def products_by_gtin(gtin: str) -> QuerySet[Product]:
    """What a scanned unit is."""
    return Product.objects.filter(each_gtin=gtin)


def products_of_category(category: Category) -> QuerySet[Product]:
    """All products of a category by SKU."""
    return Product.objects.filter(category=category).order_by("sku")


def popular_products(category: Category) -> QuerySet[Product]:
    """What sells best in a category."""
    return Product.objects.filter(category=category, is_active=True).order_by("-popularity", "pk")


def featured_products(category: Category) -> QuerySet[Product]:
    """What is put in front in a category."""
    return Product.objects.filter(category=category, is_featured=True).order_by("pk")


def products_of_brand(brand: Brand) -> QuerySet[Product]:
    """A brand's products, the dearest first."""
    return Product.objects.filter(brand=brand).order_by("-retail_price_minor")


def strongest_products() -> QuerySet[Product]:
    """Products by THC, the strongest first."""
    return Product.objects.filter(thc_max__isnull=False).order_by("-thc_max")


def products_with(**flags: Any) -> QuerySet[Product]:
    """Products whose metadata say so."""
    return Product.objects.filter(metadata__contains=flags)


def products_tagged(*tags: str) -> QuerySet[Product]:
    """Products that bear all of the tags."""
    return Product.objects.filter(tags__contains=list(tags))


def products_by_margin() -> QuerySet[Product]:
    """Products by what is earned with a unit, the most first."""
    return Product.objects.order_by((F("retail_price_minor") - F("unit_cost_minor")).desc())


def changed_products() -> QuerySet[Product]:
    """Products, the last changed first."""
    return Product.objects.order_by("-updated_at")


def brand_named(name: str) -> QuerySet[Brand]:
    """A brand as a wholesaler's file names it."""
    return Brand.objects.annotate(lower=Lower("name")).filter(lower=name.strip().lower())


def subcategories(category: Category) -> QuerySet[Category]:
    """The children of a category, in their order."""
    return Category.objects.filter(parent=category).order_by("sort_order")


def branch(path: str) -> QuerySet[Category]:
    """A category and all below it."""
    return Category.objects.filter(path__startswith=path)


def licences_expiring(before: date) -> QuerySet[Store]:
    """Shops whose licence expires soon."""
    return Store.objects.filter(license_expires_on__lt=before).order_by("license_expires_on")


def prices_of(product: Product) -> QuerySet[PriceChange]:
    """What a product cost, the latest first."""
    return PriceChange.objects.filter(product=product).order_by("-changed_at")


def prices_of_sku(sku: str) -> QuerySet[PriceChange]:
    """What a SKU cost, the latest first."""
    return PriceChange.objects.filter(sku=sku).order_by("-changed_at")


def recent_price_changes() -> QuerySet[PriceChange]:
    """All changes of prices, the latest first."""
    return PriceChange.objects.order_by("-changed_at")


def reviews_of(product: Product) -> QuerySet[Review]:
    """The published reviews of a product, the latest first."""
    return Review.objects.filter(product=product, status="published").order_by("-created_at")


def reviews_to_moderate() -> QuerySet[Review]:
    """Reviews that nobody has looked at, the oldest first."""
    return Review.objects.filter(status="pending").order_by("created_at")
