"""The audit log in a browser: found, compared, followed, exported; alerts looked after."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import audit
from audit import aggregates, alerts, seals
from audit.models import AuditAlert
from tests.factories.audit import AuditLogFactory

from .conftest import PATIENCE

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)
# Where pictures are kept to be looked at; nowhere unless somebody wants to.
PICTURES = os.environ.get("PICTURES")
LOG = "/admin/audit/auditlog/"


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(600)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.fixture(autouse=True)
def seal_file(tmp_path: Path, settings) -> None:
    settings.AUDIT_SEAL_FILE = str(tmp_path / "seals.jsonl")


@pytest.fixture
def busy(site: str) -> uuid.UUID:
    """A log with a request of three entries, some of them about one row; sealed and summed up."""
    request = uuid.uuid4()
    for number in range(70):
        AuditLogFactory(event_type=f"step.{number:02}", duration_ms=10 * number)
    for price in ("11.00", "12.00"):
        AuditLogFactory(
            event_type="price.changed", target_table="products", target_pk="SKU-7",
            request_id=request, ip="192.0.2.7", route="/products/<id>/", method="PATCH",
            changes={"price": ["10.00", price], "name": ["Blue Dream 3.5 g", "Blue Dream 7 g"]},
        )  # fmt: skip
    AuditLogFactory(event_type="login.denied", outcome="denied", request_id=request)
    seals.seal()
    aggregates.roll_up()
    return request


def test_a_change_is_found_compared_and_followed(page: Page, site: str, busy: uuid.UUID):
    page.goto(f"{site}{LOG}?q=SKU-7")
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(2)
    rows.first.locator("a").first.click()
    expect(page.locator("ins").filter(has_text="12.00")).to_be_visible()
    expect(page.locator("del").filter(has_text="10.00")).to_be_visible()
    picture(page, "entry")
    page.get_by_role("link", name="All of this request").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    page.go_back()
    page.get_by_role("link", name="History of this row").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)


def test_pages_exports_and_verification(page: Page, site: str, busy: uuid.UUID):
    page.goto(f"{site}{LOG}")
    picture(page, "log")
    expect(page.locator("#result_list tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    page.goto(f"{site}{LOG}?event_type=price.changed")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 3
    page.goto(f"{site}{LOG}")
    page.get_by_role("link", name="Verify the latest hour").click()
    expect(page.locator("body")).to_contain_text("are as they were written")
    picture(page, "verified")


def test_an_alert_is_looked_after(page: Page, site: str):
    audit.record_many({"event_type": "login.denied", "outcome": "denied"} for _ in range(10))
    [alert] = [a for a in alerts.evaluate() if a.rule_key == "login.failures"]
    page.goto(f"{site}/admin/audit/auditalert/")
    expect(page.locator("#result_list")).to_contain_text("login.failures")
    picture(page, "alerts")
    page.goto(f"{site}/admin/audit/auditalert/{alert.pk}/change/")
    picture(page, "alert")
    for label, state in (
        ("Acknowledge", "acknowledged"),
        ("Snooze for 4 hours", "snoozed"),
        ("Resolve", "resolved"),
    ):
        page.get_by_role("link", name=label).first.click()
        expect(page.locator("body")).to_contain_text(f"1 alert {state}")
        assert AuditAlert.objects.get(pk=alert.pk).state == state


@pytest.mark.parametrize("look", ["dark", "phone"])
def test_it_reads_in_the_dark_and_on_a_phone(page: Page, site: str, busy: uuid.UUID, look: str):
    if look == "phone":
        page.set_viewport_size({"width": 390, "height": 844})
    else:
        page.emulate_media(color_scheme="dark")
    for path in (LOG, f"{LOG}?q=SKU-7", "/admin/audit/auditaggregate/"):
        page.goto(f"{site}{path}")
        expect(page.locator("#content, #result_list").first).to_be_visible()
        name = path.strip("/").rpartition("/")[2].replace("?", "-")
        picture(page, f"{look}-{name}")
    page.goto(f"{site}{LOG}?q=SKU-7")
    page.locator("#result_list tbody tr a").first.click()
    expect(page.locator("ins").first).to_be_visible()
    picture(page, f"{look}-entry")
    # Nothing makes the page itself scroll sideways.
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 1
