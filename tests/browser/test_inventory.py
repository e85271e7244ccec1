"""The stock as a shop's keeper meets it: what can be sold, where a lot is, the monthly report."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from inventory import selectors, services
from inventory.factories import GtinAliasFactory, LocationFactory, in_days
from inventory.models import MovementType, Stock
from inventory.services import Asn, AsnLine, Line, Reference
from tests.integration.shop import database_of_tests, made, open_shop
from weedgo.store.factories import CustomerFactory, OrderFactory, ProductFactory, StoreFactory
from weedgo.tenancy.models import Domain, User

from .conftest import PATIENCE

__all__ = ["database_of_tests", "made", "open_shop"]
pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)
HOST = "corner.localhost"
LOOKS = {
    "light": {"viewport": {"width": 1400, "height": 1000}},
    "dark": {"viewport": {"width": 1400, "height": 1000}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True},
}


@pytest.fixture
def keeper(chromium: Browser, open_shop) -> Iterator[str]:
    """Who looks after the shop; and the site's address. Its rows stay, so names are its own."""
    connection.set_schema_to_public()
    Domain.objects.get_or_create(domain=HOST, tenant=open_shop)
    name = f"keeper-{uuid.uuid4().hex[:8]}"
    User.objects.create_superuser(name, password="pass")
    connection.set_tenant(open_shop)
    server = LiveServer("localhost")
    yield f"{name}@{server.url.replace('//localhost', f'//{HOST}')}"
    server.stop()


@pytest.fixture(params=LOOKS)
def page(request, chromium: Browser, keeper: str) -> Iterator[Page]:
    name, _, site = keeper.partition("@")
    context = chromium.new_context(base_url=site, **LOOKS[request.param])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("/admin/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", "pass")
    page.press("[name=password]", "Enter")
    page.wait_for_selector("text=Site administration")
    page.look = request.param
    yield page
    context.close()


def shot(page: Page, name: str) -> None:
    """Keep a picture to look at, where SCREENSHOTS names a folder; nothing sticks out sideways."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{name} is {width} pixels too wide"
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{page.look}.png", full_page=True)


def opened(page: Page, model: str, link: str, address: str) -> None:
    """Go to a page of its own, by its link where there is room for one."""
    page.goto(f"/admin/inventory/{model}/")
    if page.look == "phone":
        page.goto(f"/admin/inventory/{model}/{address}/")
    else:
        page.get_by_role("link", name=link).click()


@pytest.fixture
def stock(open_shop) -> Stock:
    """Two cases that came last month, of which some were sold to a customer."""
    place = LocationFactory(store=StoreFactory(name=f"Queen West {uuid.uuid4().hex[:6]}"))
    product = ProductFactory(net_weight_g="3.5", name="Pink Kush 3.5 g")
    alias = GtinAliasFactory(product=product)
    lot = f"PK{uuid.uuid4().hex[:6].upper()}"
    receipt = services.receive(
        Asn(
            f"ASN-{lot}",
            [AsnLine(alias.gtin, 2, lot, expires_on=in_days(200), unit_cost_minor=1850)],
        ),
        place,
    )
    row = Stock.objects.get(pk=receipt.shipment.lines.get().inventory_id)
    order = OrderFactory(store=place.store, customer=CustomerFactory(first_name="Ada"))
    key = uuid.uuid4()
    services.reserve(key, place, [Line(row.sku, 3)])
    services.commit(key, Reference("order", order.order_number))
    services.reserve(uuid.uuid4(), place, [Line(row.sku, 2)])
    services.destroy(row, 1, "mould", "composted", f"CERT-{lot}")
    services.adjust(row.pk, -1, "counted", kind=MovementType.COUNT)
    row.order_number = order.order_number
    return row


def test_availability_and_movements(page: Page, stock: Stock):
    opened(page, "stock", "Availability by SKU", "availability")
    page.fill("[name=q]", stock.sku)
    page.get_by_role("button", name="Show").click()
    row = page.locator("tr.data-row", has_text=stock.sku)
    expect(row).to_contain_text("Pink Kush")
    expect(row.locator("td").nth(2)).to_have_text("17")
    expect(row.locator("td").nth(4)).to_have_text("19")
    shot(page, "availability")
    row.get_by_role("link", name=stock.sku).click()
    expect(page.locator("tr.data-row")).to_have_count(6)
    expect(page.locator("tr.data-row").first).to_contain_text("count")
    shot(page, "movements")


def test_a_lot_is_traced_both_ways_and_recalled(page: Page, stock: Stock):
    opened(page, "recall", "Trace a lot", "trace")
    page.fill("[name=sku]", stock.sku.lower())
    page.fill("[name=lot]", stock.batch_lot)
    page.get_by_role("button", name="Show").click()
    content = page.locator("#content")
    for text in (f"ASN-{stock.batch_lot}", stock.order_number, "Ada", "destruction"):
        expect(content).to_contain_text(text)
    shot(page, "trace")
    page.fill("[name=order]", stock.order_number)
    page.get_by_role("button", name="Show").click()
    expect(content).to_contain_text(f"ASN-{stock.batch_lot}")
    page.get_by_role("link", name=stock.batch_lot).click()
    page.get_by_role("button", name="Recall this lot").click()
    expect(page.locator("body")).to_contain_text("Recalled: 19 units here, 3 sold")
    expect(page.get_by_role("button", name="Recall this lot")).to_have_count(0)
    shot(page, "recalled")
    assert Stock.objects.get(pk=stock.pk).lot_status == "recalled"


def test_the_monthly_report_is_shown_handed_out_and_closed(page: Page, stock: Stock):
    zone = ZoneInfo(stock.store.time_zone)
    last_month = timezone.localtime(timezone=zone).replace(day=1, hour=12) - timedelta(days=1)
    at = Reference(at=datetime.combine(last_month, last_month.time(), zone))
    services.adjust(stock.pk, 40, "received", at, MovementType.RECEIPT)
    services.adjust(stock.pk, -9, "sold", at, MovementType.SALE)
    opened(page, "closedmonth", "Monthly report", "report")
    page.select_option("[name=store]", str(stock.store.pk))
    page.select_option("[name=month]", f"{last_month:%Y-%m}")
    page.get_by_role("button", name="Show").click()
    content = page.locator("#content")
    expect(content).to_contain_text("balances")
    expect(page.locator("svg[role=img]")).to_contain_text("+40")
    expect(page.locator("tr.data-row", has_text=stock.sku)).to_contain_text("31")
    shot(page, "report")
    with page.expect_download() as handed:
        page.get_by_role("link", name="CSV").click()
    text = Path(handed.value.path()).read_text()
    assert text.splitlines()[1].split(",")[3] == stock.sku
    page.get_by_role("button", name=f"Close {last_month:%B %Y}").click()
    expect(page.locator("body")).to_contain_text(f"{last_month:%B %Y} is closed.")
    expect(page.get_by_role("button", name="Close")).to_have_count(0)
    shot(page, "closed")
    assert selectors.closed_months(stock.store).count() == 1
