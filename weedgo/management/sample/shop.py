"""A shop's data: what it sells, where it stands, who buys, and orders placed by the checkout."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import factory.random
from django.db import transaction
from django_tenants.utils import schema_context

from inventory.factories import LocationFactory, StockFactory
from inventory.models import Location, Stock
from payments.factories import CashFactory, ProviderFactory
from payments.models import Provider
from weedgo.checkout.services import Item, place_order
from weedgo.store import factories, models
from weedgo.store.services.conversations import say, start_conversation
from weedgo.store.services.people import keep_for_later, record_login

NAMESPACE = uuid.UUID("b3f5a8f0-6a2f-4a54-9f3b-2f3f9f6d1c11")
KINDS = (
    ("Dried flower", "flowering", 1, "3.5 g", (2495, 4495)),
    ("Pre-rolls", "flowering", 1, "3 x 0.5 g", (1295, 2495)),
    ("Vapes", "oil", 0.25, "1 g", (2995, 5495)),
    ("Edibles", "edible", 0.07, "5 x 2 mg", (495, 1195)),
    ("Oils", "oil", 0.25, "30 ml", (1995, 4995)),
    ("Beverages", "edible", 0.07, "355 ml", (495, 895)),
)
STREETS = (("Queen Street West", "M5V 2A4"), ("Roncesvalles Avenue", "M6R 2K8"))
TALK = (
    ("user", "Do you have anything mild for the evening?"),
    ("assistant", "The oils with more CBD than THC are mild; one of them is on the shelf today."),
    ("user", "Great, I will pick one up after six."),
)

Tell = Callable[[int, int], None]


def fill(schema: str, seed: int, orders: int, tell: Tell = lambda *_: None) -> int:
    """Fill the active tenant's schema, as far as it is not filled yet.

    Args:
        schema: of the tenant, which must be active.
        seed: the same seed gives the same data.
        orders: how many orders there are to be; the rest goes by it.
        tell: told how many orders of how many stand.

    Returns:
        How many orders were placed now.
    """
    rng = random.Random(f"{seed}:{schema}")  # noqa: S311 - no secret
    factory.random.reseed_random(f"{seed}:{schema}")
    if not models.Store.objects.exists():
        with transaction.atomic():
            _stock(rng, products=max(12, orders // 4), customers=max(10, orders // 3))
    placed = 0
    for number, (key, order) in enumerate(_orders(schema, seed, orders), 1):
        if not models.Order.objects.filter(checkout_key=key).exists():
            place_order(key, **order)
            placed += 1
        tell(number, orders)
    return placed


def _stock(rng: random.Random, products: int, customers: int) -> None:
    factories.TaxRateFactory()
    ProviderFactory(code="sandbox", name="Card terminal")
    CashFactory(code="cash")
    stores = [
        factories.StoreFactory(name=street, street=f"{100 + 7 * n} {street}", postal_code=code)
        for n, (street, code) in enumerate(STREETS, 1)
    ]
    shelves = [LocationFactory(store=s, code="SHELF", name="Sales floor") for s in stores]
    brands = [factories.BrandFactory(name=name) for name in factories.BRANDS]
    kinds = [
        (
            factories.CategoryFactory(
                name=name, slug=name.lower().replace(" ", "-"), excise_class=excise,
                dried_equivalency=equivalency,
            ),
            size,
            prices,
        )
        for name, excise, equivalency, size, prices in KINDS
    ]  # fmt: skip
    made = []
    for number in range(products):
        category, size, (low, high) = kinds[number % len(kinds)]
        strain = factories.STRAINS[rng.randrange(len(factories.STRAINS))]
        price = rng.randrange(low, high, 100)
        product = factories.ProductFactory(
            name=f"{strain} {size} #{number + 1}", brand=rng.choice(brands), category=category,
            retail_price_minor=price, unit_cost_minor=round(price * 0.62),
        )  # fmt: skip
        made.append(product)
        for shelf in shelves:
            StockFactory(
                location=shelf, product=product, unit_cost_minor=product.unit_cost_minor,
                quantity_on_hand=rng.randrange(60, 400),
            )  # fmt: skip
    factories.PromotionFactory(name="Ten percent off in the evening")
    _people(rng, stores[0], made, customers)


def _people(rng: random.Random, store: models.Store, products: list[Any], customers: int) -> None:
    """Customers, what they keep for later, what they ask, and how they log in."""
    found = [factories.CustomerFactory() for _ in range(customers)]
    for customer in found[: customers // 2]:
        record_login(customer.email, "success", ip_address=f"203.0.113.{rng.randrange(1, 255)}")
    for customer in found[: customers // 5]:
        conversation = start_conversation(store, customer)
        for role, words in TALK:
            say(conversation, role, words)
    username = f"clerk-{store.pk}-{rng.randrange(10**9)}"
    with schema_context("public"):
        # Users are the platform's.
        clerk = factories.UserFactory(username=username)
    for product in rng.sample(products, min(3, len(products))):
        keep_for_later(clerk, product)


def _orders(schema: str, seed: int, count: int) -> Iterator[tuple[uuid.UUID, dict[str, Any]]]:
    """Orders by their checkout's key; the same again whatever was placed before."""
    locations = list(Location.objects.order_by("pk"))
    customers = list(models.Customer.objects.order_by("pk"))
    products = list(models.Product.objects.order_by("pk"))
    for number in range(count):
        rng = random.Random(f"{seed}:{schema}:{number}")  # noqa: S311 - no secret
        basket = rng.sample(products, rng.choice((1, 1, 2, 2, 3, 4)))
        yield (
            uuid.uuid5(NAMESPACE, f"{seed}:{schema}:{number}"),
            {
                "location": rng.choice(locations),
                "items": [Item(product, rng.choice((1, 1, 1, 2))) for product in basket],
                "method": rng.choice(("card", "card", "interac", "cash")),
                "customer": rng.choice(customers) if rng.random() < 0.7 else None,
            },
        )


def counted() -> dict[str, int]:
    """How much the active tenant has of what one looks at first."""
    return {
        "products": models.Product.objects.count(),
        "stock": Stock.objects.count(),
        "customers": models.Customer.objects.count(),
        "orders": models.Order.objects.count(),
        "providers": Provider.objects.count(),
    }
