"""Believable rows of the store, for tests and for developers at the shell.

>>> from weedgo.store.factories import ProductFactory
>>> ProductFactory(retail_price_minor=3495)
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import factory
from django.conf import settings
from django.utils import timezone
from factory.django import DjangoModelFactory

from weedgo.store import models

STRAINS = [
    "Blue Dream",
    "Pink Kush",
    "Sour Diesel",
    "Lemon Haze",
    "Northern Lights",
    "Gorilla Glue",
]
BRANDS = ["Redecan", "Good Supply", "Shred", "Tweed", "Pure Sunfarms", "Broken Coast"]


class UserFactory(DjangoModelFactory):
    """Somebody who can log in."""

    class Meta:
        model = settings.AUTH_USER_MODEL

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")


class StoreFactory(DjangoModelFactory):
    """A shop in Ontario."""

    class Meta:
        model = models.Store

    name = factory.Sequence(lambda n: f"Queen Street {n}")
    code = factory.Sequence(lambda n: f"TOR-{n:03}")
    crol_number = factory.Sequence(lambda n: f"CRSA{1000000 + n}")
    street = factory.Faker("street_address")
    city = "Toronto"
    postal_code = factory.Sequence(lambda n: f"M5V {n % 10}A{n // 10 % 10}")


class BrandFactory(DjangoModelFactory):
    """A producer's brand."""

    class Meta:
        model = models.Brand

    name = factory.Sequence(lambda n: f"{BRANDS[n % len(BRANDS)]} {n}")
    slug = factory.Sequence(lambda n: f"brand-{n}")


class CategoryFactory(DjangoModelFactory):
    """A category at the top of the tree."""

    class Meta:
        model = models.Category

    name = factory.Sequence(lambda n: f"Dried flower {n}")
    slug = factory.Sequence(lambda n: f"dried-flower-{n}")
    path = factory.SelfAttribute("slug")
    dried_equivalency = 1
    excise_class = "flowering"


class ProductFactory(DjangoModelFactory):
    """A package of dried flower."""

    class Meta:
        model = models.Product

    sku = factory.Sequence(lambda n: f"SKU-{n:06}")
    name = factory.Sequence(lambda n: f"{STRAINS[n % len(STRAINS)]} 3.5g #{n}")
    slug = factory.Sequence(lambda n: f"product-{n}")
    brand = factory.SubFactory(BrandFactory)
    category = factory.SubFactory(CategoryFactory)
    short_description = factory.Faker("sentence")
    plant_type = factory.Iterator(["indica", "sativa", "hybrid"])
    thc_min = 18
    thc_max = 24
    net_weight_g = 3.5
    unit_cost_minor = 1850
    retail_price_minor = 2995


class TaxRateFactory(DjangoModelFactory):
    """Ontario's harmonized sales tax."""

    class Meta:
        model = models.TaxRate
        django_get_or_create = ("region", "name", "effective_from")

    region = "CA-ON"
    name = "HST"
    federal_rate = "0.05"
    provincial_rate = "0.08"
    effective_from = "2010-07-01"


class CustomerFactory(DjangoModelFactory):
    """A customer of age who agreed to e-mail."""

    class Meta:
        model = models.Customer

    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    email = factory.Sequence(lambda n: f"customer{n}@example.org")
    date_of_birth = "1988-04-20"
    preferred_contact = "email"


class OrderFactory(DjangoModelFactory):
    """An order without lines; `weedgo.checkout` makes those that count."""

    class Meta:
        model = models.Order

    order_number = factory.Sequence(lambda n: f"F-{n:08}")
    store = factory.SubFactory(StoreFactory)
    customer = factory.SubFactory(CustomerFactory)
    subtotal_minor = 2995
    tax_total_minor = 389
    total_minor = 3384


class OrderItemFactory(DjangoModelFactory):
    """A line of one unit."""

    class Meta:
        model = models.OrderItem

    order = factory.SubFactory(OrderFactory)
    product = factory.SubFactory(ProductFactory)
    sku = factory.SelfAttribute("product.sku")
    product_name = factory.SelfAttribute("product.name")
    quantity = 1
    unit_price_minor = factory.SelfAttribute("product.retail_price_minor")
    line_total_minor = factory.LazyAttribute(lambda line: line.quantity * line.unit_price_minor)


class DriverFactory(DjangoModelFactory):
    """A driver who is available."""

    class Meta:
        model = models.Driver

    user = factory.SubFactory(UserFactory)
    store = factory.SubFactory(StoreFactory)
    status = "available"
    hired_on = "2024-01-15"


class PromotionFactory(DjangoModelFactory):
    """Ten percent off everything, running."""

    class Meta:
        model = models.Promotion

    name = factory.Sequence(lambda n: f"Ten percent off #{n}")
    discount_type = "percent"
    discount_value = 1000
    status = "active"
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class MessageTemplateFactory(DjangoModelFactory):
    """An e-mail with the customer's name."""

    class Meta:
        model = models.MessageTemplate

    code = factory.Sequence(lambda n: f"new-arrivals-{n}")
    channel = "email"
    subject = "New at {{store}}"
    body = "Hello {{first_name}}, have a look at what is new at {{store}}."


class BroadcastFactory(DjangoModelFactory):
    """A draft to all customers."""

    class Meta:
        model = models.Broadcast

    store = factory.SubFactory(StoreFactory)
    template = factory.SubFactory(MessageTemplateFactory)
    name = "New arrivals"


class ConversationFactory(DjangoModelFactory):
    """An open conversation."""

    class Meta:
        model = models.Conversation

    store = factory.SubFactory(StoreFactory)
    customer = factory.SubFactory(CustomerFactory)


class WishlistFactory(DjangoModelFactory):
    """A product that somebody wants to be told of."""

    class Meta:
        model = models.Wishlist

    user = factory.SubFactory(UserFactory)
    product = factory.SubFactory(ProductFactory)
    sku = factory.SelfAttribute("product.sku")
    notify_on_restock = True


class LoginEventFactory(DjangoModelFactory):
    """A log-in that worked."""

    class Meta:
        model = models.LoginEvent

    user = factory.SubFactory(UserFactory)
    email = factory.SelfAttribute("user.email")
    outcome = "success"
    ip_address = "203.0.113.7"


def category_tree(*slugs: str) -> Any:
    """Make a branch of categories, the root first, and return the leaf."""
    parent = None
    for depth, slug in enumerate(slugs, 1):
        path = "/".join(slugs[:depth])
        parent = CategoryFactory(name=slug.title(), slug=slug, path=path, parent=parent)
    return parent
