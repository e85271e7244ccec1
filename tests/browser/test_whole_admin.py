"""The whole admin: every page in light, dark and on a phone; the main tasks by keyboard."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from weedgo.tenancy.models import User

from . import demo
from .conftest import PATIENCE, log_in
from .walking import DESK, LOOKS, Watch, addresses, faint, histories, looks, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=PATIENCE)
# Where pictures are kept to be looked at; nowhere unless somebody wants to.
PICTURES = os.environ.get("PICTURES")


@pytest.fixture(scope="module", params=["platform", "shop"])
def visited(
    request, chromium: Browser, demo_site: str
) -> Iterator[tuple[Page, str, list[str], list[str]]]:
    """A page of who has logged in, the site's address, and all addresses there, and histories."""
    shop = request.param == "shop"
    site = demo_site.replace("//localhost", f"//{demo.SHOP.domain}") if shop else demo_site
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if shop:
        from weedgo.tenancy.models import Tenant

        connection.set_tenant(Tenant.objects.get(schema_name=demo.SHOP.schema))
    name = "keeper" if shop else "admin"
    user = User.objects.get(username=name)
    found, past = list(addresses(user)), list(histories(user))
    connection.set_schema_to_public()
    context = chromium.new_context(viewport=DESK, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    log_in(page, site, name)
    yield page, site, found, past
    context.close()


@pytest.mark.parametrize(
    ("each", "step"),
    [(1, 2), pytest.param(len(LOOKS), 1, marks=pytest.mark.soak)],
    ids=["short", "long"],
)
def test_every_page_is_fit_to_be_seen(visited, each, step):
    """Every other page in one look, the next in another; in the long form each in all of them.

    All others are asked for.
    """
    page, site, found, past = visited
    assert len(found) > 30
    watch = Watch(page, urlsplit(site).netloc)
    wrong = []
    for place, address in enumerate(found[::step]):
        answer = page.goto(f"{site}{address}")
        if answer.status != 200:
            wrong.append(f"{address}: status {answer.status}")
            watch.taken()
            continue
        for look in looks(page, [(place + n) % len(LOOKS) for n in range(each)]):
            sideways = too_wide(page)
            if look == "phone" and sideways > 0:
                wrong.append(f"{address}: {sideways} pixels too wide on a phone")
            wrong += [f"{address}: faint in {look}: {text}" for text in faint(page)]
            picture(page, site, address, look)
        wrong += [f"{address}: {said}" for said in watch.taken()]
    for address in (*past, *(set(found) - set(found[::step]))):
        status = page.evaluate("address => fetch(address).then(a => a.status)", address)
        if status != 200:
            wrong.append(f"{address}: status {status}")
    assert not wrong, "\n".join(wrong)


def picture(page: Page, site: str, address: str, look: str) -> None:
    if PICTURES:
        place = "shop" if demo.SHOP.domain in site else "platform"
        name = re.sub(r"\W+", "_", address.removeprefix("/admin/")).strip("_") or "home"
        page.screenshot(path=str(Path(PICTURES) / f"{place}-{name}-{look}.png"), full_page=True)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something of a selector has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector} on {page.url}")


@pytest.fixture
def typed(chromium: Browser, demo_site: str) -> Iterator[tuple[Page, str]]:
    """A page where the operator has logged in by keyboard."""
    context = chromium.new_context(viewport=DESK, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{demo_site}/admin/")
    if not page.evaluate("document.activeElement.matches('[name=username]')"):
        tab_to(page, "[name=username]")
    page.keyboard.type("admin")
    tab_to(page, "[name=password]")
    page.keyboard.type(demo.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#cards")
    yield page, f"{demo_site}/admin"
    context.close()


def test_the_audit_log_is_searched_by_keyboard(typed):
    page, admin = typed
    page.goto(f"{admin}/audit/auditlog/")
    tab_to(page, "[name=q]")
    page.keyboard.type("SKU-00042")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    tab_to(page, "#result_list a")
    page.keyboard.press("Enter")
    expect(page.locator("ins").first).to_be_visible()


def test_an_alert_is_acknowledged_by_keyboard(typed):
    page, admin = typed
    page.goto(f"{admin}/audit/auditalert/?state__exact=open")
    tab_to(page, "#result_list tbody a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    tab_to(page, "a[href*='acknowledge_one'], a[href*='acknowledge-one']")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("1 alert acknowledged")


def test_limits_are_tried_by_keyboard(typed):
    page, admin = typed
    page.goto(f"{admin}/ratelimit/ratelimitrule/try/")
    tab_to(page, "[name=path]")
    page.keyboard.type("/admin/login/")
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_be_visible()


def test_a_step_is_retried_by_keyboard(typed):
    """The process that the site starts does it, and the page tells how it went."""
    page, admin = typed
    page.goto(f"{admin}/console/run/?status__exact=incomplete")
    tab_to(page, "#result_list tbody a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    tab_to(page, "a[href*='/retry/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/retry/")
    tab_to(page, "#content button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#job[data-state=done]")
    expect(page.locator("#job")).to_contain_text("Some of it is not done")
    expect(page.locator("#job")).to_contain_text("23502")
