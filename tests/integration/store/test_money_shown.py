"""Amounts in a shop's admin: dollars where one reads them, cents where one writes them."""

from __future__ import annotations

from django.test import Client

from tests.factories.tenancy import DomainFactory, OperatorFactory
from weedgo.store.factories import OrderFactory, OrderItemFactory, ProductFactory


def test_amounts_are_dollars_where_they_are_read(shop):
    DomainFactory(tenant=shop, domain="corner.localhost")
    client = Client(headers={"host": "corner.localhost"})
    client.force_login(OperatorFactory())
    order = OrderFactory()
    dollars = f"{order.total_minor / 100:,.2f} CAD"
    OrderItemFactory(order=order, unit_price_minor=98765)
    page = client.get(f"/admin/store/order/{order.pk}/change/").text
    assert dollars in page
    assert "987.65" in page
    assert "Total (cents)" not in page
    product = ProductFactory(retail_price_minor=4295)
    page = client.get(f"/admin/store/product/{product.pk}/change/").text
    assert "Retail price (cents)" in page
    assert 'value="4295"' in page
