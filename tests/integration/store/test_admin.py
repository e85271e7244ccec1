"""Every page of the tenants' admin opens in a tenant, and none on the platform."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from inventory.factories import GtinAliasFactory, StockFactory
from inventory.models import Movement
from payments import services as payments
from payments.factories import DisputeFactory, ProviderFactory, SettlementFactory
from payments.money import Money
from weedgo.store import factories
from weedgo.store.models import PriceChange
from weedgo.tenancy.models import Domain, User

APPS = ("store", "inventory", "payments")
MODELS = [model for model in admin.site._registry if model._meta.app_label in APPS]
HOST = "corner-shop.localhost"


@pytest.fixture
def client(shop):
    Domain.objects.create(tenant=shop, domain=HOST)
    client = Client(headers={"host": HOST})
    client.force_login(User.objects.create_superuser("keeper", password="x"))
    return client


@pytest.fixture
def rows(shop, tmp_path):
    provider = ProviderFactory(config={"path": str(tmp_path / "sandbox")})
    order = factories.OrderFactory()
    factories.OrderItemFactory(order=order)
    payments.charge(order, Money(order.total_minor), "card", "one")
    for factory in (
        StockFactory, GtinAliasFactory, DisputeFactory, SettlementFactory, factories.DriverFactory,
        factories.PromotionFactory, factories.BroadcastFactory, factories.ConversationFactory,
        factories.WishlistFactory, factories.LoginEventFactory, factories.TaxRateFactory,
    ):  # fmt: skip
        factory()
    return provider


def address(model, page, *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def test_all_pages_open(client, rows):
    opened = 0
    for model in MODELS:
        modeladmin = admin.site._registry[model]
        query = {"q": "1"} if modeladmin.search_fields else {}
        page = client.get(address(model, "changelist"), query)
        assert page.status_code == 200, (model, page.status_code)
        connection.set_schema("corner_shop")
        row = model._default_manager.first()
        if row is not None:
            page = client.get(address(model, "change", row.pk))
            assert page.status_code == 200, (model, page.status_code)
            opened += 1
    assert opened >= 20


def test_what_can_be_added_has_its_page(client):
    opened = 0
    for model in MODELS:
        page = client.get(address(model, "add"))
        assert page.status_code in (200, 403), (model, page.status_code)
        opened += page.status_code == 200
        connection.set_schema("corner_shop")
    assert opened >= 10


def test_none_opens_on_the_platform(client, rows):
    connection.set_schema_to_public()
    Domain.objects.update(domain="elsewhere.localhost")
    Domain.objects.create(tenant=_public(), domain=HOST)
    for model in MODELS:
        page = client.get(address(model, "changelist"))
        assert page.status_code in (302, 403), (model, page.status_code)
    assert b"/admin/store/" not in client.get("/admin/").content


def _public():
    from weedgo.tenancy.models import Tenant

    return Tenant.objects.create(schema_name="public", name="Platform")


def test_a_price_changed_by_hand_names_who_did(client, shop):
    product = factories.ProductFactory(retail_price_minor=1000)
    path = address(type(product), "change", product.pk)
    form = client.get(path).context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items()}
    data |= {"metadata": "{}", "tags": "", "retail_price_minor": 1100, "is_active": "on"}
    inline = {f"price_changes-{part}_FORMS": 0 for part in ("TOTAL", "INITIAL", "MAX_NUM")}
    connection.set_schema("corner_shop")
    page = client.post(path, data | inline)
    assert page.status_code == 302, page.context["adminform"].form.errors
    connection.set_schema("corner_shop")
    change = PriceChange.objects.latest("id")
    assert (change.old_price_minor, change.new_price_minor) == (1000, 1100)
    assert change.changed_by == User.objects.get(username="keeper")


def test_a_quantity_changed_by_hand_is_an_adjustment_by_name(client, shop):
    stock = StockFactory()
    path = address(type(stock), "change", stock.pk)
    form = client.get(path).context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items()}
    connection.set_schema("corner_shop")
    page = client.post(path, data | {"quantity_on_hand": 93, "reorder_point": 5})
    assert page.status_code == 302, page.context["adminform"].form.errors
    connection.set_schema("corner_shop")
    stock.refresh_from_db()
    assert (stock.quantity_on_hand, stock.reorder_point) == (93, 5)
    last = Movement.objects.filter(inventory=stock).last()
    assert (last.movement_type, last.quantity_delta) == ("adjustment", -7)
    assert last.actor_id == User.objects.get(username="keeper").pk


def test_a_quantity_that_cannot_be_is_no_success(client, rows):
    stock = StockFactory(quantity_on_hand=8)
    form = address(type(stock), "change", stock.pk)
    shown = client.get(form).context["adminform"].form
    sent = {name: "" if value is None else value for name, value in shown.initial.items()}
    for quantity, level, kept in ((-5, "error", 8), (6, "success", 6)):
        answer = client.post(form, sent | {"quantity_on_hand": quantity}, follow=True)
        told = [message.level_tag for message in answer.context["messages"]]
        assert told == [level], answer.context.get("errors")
        connection.set_schema("corner_shop")
        stock.refresh_from_db()
        assert stock.quantity_on_hand == kept
