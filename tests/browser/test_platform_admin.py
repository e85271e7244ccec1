"""The platform's admin as an operator meets it: what happened, and who was refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ratelimit.services import check
from ratelimit.testing import limits_in_transaction
from tests.factories.audit import AuditLogFactory
from tests.factories.ratelimit import RateLimitRuleFactory, RateLimitViolationFactory

from .conftest import PATIENCE, log_in

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


def test_an_operator_finds_what_happened(page: Page, site: str):
    AuditLogFactory(event_type="price.changed", changes={"price": ["10.00", "12.00"]})
    AuditLogFactory(event_type="login.denied", outcome="denied", severity="warning")
    page.get_by_role("link", name="Audit log").first.click()
    expect(page.locator("#result_list")).to_contain_text("Denied")
    page.get_by_text("Filters").first.click()
    today = timezone.localtime().date()
    page.locator("[name=occurred_at_from]").fill(f"{today - dt.timedelta(days=1)}")
    page.locator("[name=occurred_at_to]").fill(f"{today + dt.timedelta(days=1)}")
    page.locator("[name=event_type]").select_option("price.changed")
    page.get_by_role("button", name="Apply Filters").click()
    expect(page.locator("#result_list")).to_contain_text("price.changed")
    expect(page.locator("#result_list")).not_to_contain_text("login.denied")
    page.locator("#result_list tbody a").first.click()
    expect(page.locator("body")).to_contain_text("12.00")
    assert page.locator("[name=_save]").count() == 0


def test_an_operator_sees_rules_buckets_and_violations(page: Page, site: str):
    rule = RateLimitRuleFactory(name="orders", capacity=5)
    with limits_in_transaction():
        check("orders", "jane")
    RateLimitViolationFactory(rule=rule, sample_ip="192.0.2.7")
    for path, text in (
        ("ratelimitrule", "orders"),
        ("ratelimitbucket", "4.000 of 5"),
        ("ratelimitviolation", "192.0.2.7"),
    ):
        page.goto(f"{site}/admin/ratelimit/{path}/")
        expect(page.locator("#result_list")).to_contain_text(text, ignore_case=True)
    page.goto(f"{site}/admin/ratelimit/ratelimitrule/{rule.pk}/change/")
    page.fill("[name=capacity]", "0")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("Capacity must be above zero")
    page.fill("[name=capacity]", "7")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#result_list")).to_contain_text("7, 0 per second")


def test_a_tenants_superuser_is_refused(page: Page, site: str):
    entry = AuditLogFactory()
    shop = site.replace("//localhost", "//queen.localhost")
    log_in(page, shop)
    expect(page.locator("body")).not_to_contain_text("Rate limits")
    for path in ("audit/auditlog/", "ratelimit/ratelimitrule/", "tenancy/tenant/"):
        answer = page.goto(f"{shop}/admin/{path}")
        assert answer is not None
        assert answer.status == 403, path
    page.goto(f"{shop}/admin/audit/auditlog/{entry.pk}/change/")
    expect(page.locator("body")).not_to_contain_text(entry.event_type)
