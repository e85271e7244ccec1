"""The pictures of the documentation, taken of the demo's data; `python -m tests.screenshots`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from playwright.sync_api import Browser, Page

from inventory.models import Movement
from weedgo.console.models import Run
from weedgo.databases import url_of
from weedgo.tenancy.models import Tenant

from . import demo
from .conftest import PATIENCE, log_in

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 150_000
SIZE = {"width": 1280, "height": 720}
# What the demo's servers are called in pictures.
SOURCE = "postgresql://legacy@legacy.example.org/shop"
TARGET = "postgresql://weedgo@db.example.org/weedgo"


@pytest.fixture(scope="module")
def camera(chromium: Browser, demo_site: str) -> Iterator[Page]:
    context = chromium.new_context(viewport=SIZE, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def shot(page: Page, name: str) -> None:
    """Keep a picture, small enough for a page."""
    page.wait_for_load_state("networkidle")
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=str(path))
    assert path.stat().st_size < LARGEST, name


def test_pictures_of_the_report(camera: Page, demo_site: str, demo_folder: Path) -> None:
    [report] = (demo_folder / "second").glob("report.html")
    text = report.read_text(encoding="utf-8")
    run = Run.objects.latest("started")
    copy = demo_folder / "report.html"
    copy.write_text(text.replace(run.source, SOURCE).replace(run.target, TARGET), "utf-8")
    camera.goto(copy.as_uri())
    shot(camera, "report")


def test_pictures_of_the_platform(camera: Page, demo_site: str) -> None:
    with psycopg.connect(url_of("default"), autocommit=True) as conn:
        conn.execute(
            "UPDATE weedgo_migration.run SET source = %s, target = %s, client_user = 'deploy',"
            " client_host = 'ci'", [SOURCE, TARGET],
        )  # fmt: skip
    log_in(camera, demo_site, "admin")
    run = Run.objects.latest("started")
    for name, address in (
        ("home", ""),
        ("runs", "console/run/"),
        ("run", f"console/run/{run.pk}/change/"),
        ("audit", "audit/auditlog/"),
        ("drift", "console/schemadrift/"),
        ("limits", "ratelimit/ratelimitrule/try/?method=POST&path=/admin/login/&ip=203.0.113.7"),
    ):
        camera.goto(f"{demo_site}/admin/{address}")
        shot(camera, name)
    camera.goto(f"{demo_site}/admin/audit/auditlog/?q=SKU-00042")
    camera.locator("#result_list tbody a").first.click()
    camera.locator("ins").first.scroll_into_view_if_needed()
    shot(camera, "audit-diff")


def test_pictures_of_a_shop(camera: Page, demo_site: str) -> None:
    connection.set_tenant(Tenant.objects.get(schema_name=demo.SHOP.schema))
    row = Movement.objects.filter(movement_type="sale").latest("occurred_at")
    connection.set_schema_to_public()
    shop = demo_site.replace("//localhost", f"//{demo.SHOP.domain}")
    log_in(camera, shop, "keeper")
    for name, address in (
        ("availability", "inventory/stock/availability/"),
        ("trace", f"inventory/recall/trace/?sku={row.sku}&lot={row.batch_lot}"),
        ("health", "payments/provider/health/"),
        ("disputes", "payments/dispute/"),
    ):
        camera.goto(f"{shop}/admin/{address}")
        shot(camera, name)
