"""Believable stock, for tests and for developers at the shell."""

from __future__ import annotations

from datetime import date, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from inventory import models
from weedgo.store.factories import ProductFactory, StoreFactory


def gtin(number: int) -> str:
    """Return a GTIN-14 with a correct check digit, made from a number."""
    from stdnum import ean

    digits = f"0{620000000000 + number:012}"
    return digits + str(ean.calc_check_digit(digits))


def in_days(days: int) -> date:
    """Return the day so many days from now."""
    return (timezone.now() + timedelta(days=days)).date()


class LocationFactory(DjangoModelFactory):
    """A shelf."""

    class Meta:
        model = models.Location

    store = factory.SubFactory(StoreFactory)
    code = factory.Sequence(lambda n: f"SHELF-{n}")
    name = factory.Sequence(lambda n: f"Shelf {n}")


class StockFactory(DjangoModelFactory):
    """A hundred units of a lot that expires in half a year."""

    class Meta:
        model = models.Stock

    location = factory.SubFactory(LocationFactory)
    store = factory.SelfAttribute("location.store")
    product = factory.SubFactory(ProductFactory)
    sku = factory.SelfAttribute("product.sku")
    batch_lot = factory.Sequence(lambda n: f"LOT{n:05}")
    each_gtin = factory.Sequence(gtin)
    units_per_case = 12
    unit_cost_minor = 1850
    quantity_on_hand = 100
    expires_on = factory.LazyFunction(lambda: in_days(180))


class GtinAliasFactory(DjangoModelFactory):
    """The GTIN of a case of twelve."""

    class Meta:
        model = models.GtinAlias

    gtin = factory.Sequence(lambda n: gtin(500000 + n))
    product = factory.SubFactory(ProductFactory)
    packaging = "case"
    units = 12
    valid_from = "2024-01-01"
