"""Rate limits as an operator meets them: trying a request, filling buckets, charts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ratelimit.keys import hash_of
from ratelimit.models import RateLimitBucket
from tests.factories.ratelimit import (
    RateLimitBucketFactory,
    RateLimitRuleFactory,
    RateLimitViolationFactory,
)

from .conftest import PATIENCE

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


def test_an_operator_tries_a_request(page: Page, site: str):
    RateLimitRuleFactory(name="login", route_glob="/login/", scope="ip", capacity=3)
    RateLimitRuleFactory(name="exports", route_glob="/export/*", scope="user")
    page.goto(f"{site}/admin/ratelimit/ratelimitrule/")
    page.get_by_role("link", name="Try a request").click()
    page.fill("[name=path]", "/login/")
    page.fill("[name=ip]", "203.0.113.9")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#outcome")).to_have_text("This request would pass.")
    expect(page.locator("#rules")).to_contain_text("3 of 3")
    expect(page.locator("#rules")).to_contain_text("its route is another")


def test_an_operator_fills_buckets(page: Page, site: str):
    rule = RateLimitRuleFactory(name="orders", capacity=1)
    for key in ("jane", "joe"):
        RateLimitBucketFactory(rule=rule, key_hash=hash_of(key), tokens=0)
    page.goto(f"{site}/admin/ratelimit/ratelimitbucket/?q=jane")
    page.locator("#result_list .action-select").first.check()
    page.locator("select[name=action]").select_option("fill")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("body")).to_contain_text("1 bucket filled")
    page.goto(f"{site}/admin/ratelimit/ratelimitrule/{rule.pk}/change/")
    page.get_by_text("Fill all buckets").first.click()
    page.locator("#dialog").get_by_role("button").last.click()
    expect(page.locator("body")).to_contain_text("1 bucket filled")
    assert not RateLimitBucket.objects.exists()


def test_an_operator_sees_who_was_refused(page: Page, site: str):
    rule = RateLimitRuleFactory(name="orders", mode="shadow")
    RateLimitViolationFactory(rule=rule, hits=7, shadow_hits=7, sample_key="user 42")
    page.goto(f"{site}/admin/ratelimit/ratelimitviolation/")
    expect(page.locator("#charts canvas")).to_be_visible()
    page.wait_for_function("Chart.getChart(document.querySelector('#charts canvas'))")
    expect(page.locator("#charts")).to_contain_text("user 42")
    expect(page.locator("#charts")).to_contain_text("orders")
    page.goto(f"{site}/admin/ratelimit/ratelimitrule/{rule.pk}/change/")
    expect(page.locator("#effect")).to_contain_text("7 would have been refused")
