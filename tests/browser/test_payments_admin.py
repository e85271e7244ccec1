"""Payments as a shop's bookkeeper meets them: who answers, what is due, what does not agree."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from payments import discrepancies, services
from payments.factories import ProviderFactory
from payments.models import Discrepancy, Dispute, Provider
from payments.money import Money
from payments.providers.sandbox import Mode, Sandbox
from weedgo.store.factories import OrderFactory

from .conftest import PATIENCE

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def sandbox(shop_site, tmp_path) -> Sandbox:
    Provider.objects.update(is_active=False)
    provider = ProviderFactory(name="Maple Pay", config={"path": str(tmp_path / "sandbox")})
    return Sandbox(provider.config["path"], provider.code, deduplicates=True)


def charge(key: str = "one"):
    return services.charge(OrderFactory(), Money(3384), "card", key)


def test_how_providers_answer_is_seen(shop_page: Page, shop_site: str, sandbox: Sandbox):
    for mode in (Mode.SUCCEED, Mode.DECLINE, Mode.LOSE_ANSWER, Mode.REFUSE):
        sandbox.tell(mode)
        charge()
    shop_page.goto(f"{shop_site}/admin/payments/provider/")
    shop_page.locator("a[href*='open-health']").first.click()
    row = shop_page.locator("table tr", has_text="Maple Pay").first
    expect(row).to_contain_text("closed")
    expect(row).to_contain_text("50.0%")
    expect(shop_page.locator("canvas").first).to_be_visible()


def test_evidence_for_a_dispute_is_sent(shop_page: Page, shop_site: str, sandbox: Sandbox):
    operation = charge()
    reference = sandbox.dispute_charge(operation.provider_reference, 3384, days=2)
    dispute = services.open_dispute(operation.provider, reference)
    shop_page.goto(f"{shop_site}/admin/payments/dispute/?status__exact=open")
    expect(shop_page.locator("#result_list")).to_contain_text("in 1 day")
    shop_page.get_by_role("link", name=reference).first.click()
    shop_page.get_by_role("link", name="Send evidence").first.click()
    shop_page.get_by_role("button", name="Send").click()
    expect(shop_page.locator("body")).to_contain_text("there is no evidence to send")
    shop_page.fill("[name=receipt]", "signed by the customer, card 4242424242424242")
    shop_page.get_by_role("button", name="Send").click()
    expect(shop_page.locator("body")).to_contain_text("The evidence was sent")
    dispute.refresh_from_db()
    assert (dispute.status, "4242424242" in dispute.evidence["receipt"]) == ("submitted", False)


def test_an_exception_is_taken_and_resolved(shop_page: Page, shop_site: str, sandbox: Sandbox):
    operation = charge()
    discrepancies.open_one("late_success", "operation:x", Money(3384), "a", operation=operation)
    Discrepancy.objects.update(opened_at=timezone.now() - timedelta(days=9))
    shop_page.goto(f"{shop_site}/admin/payments/discrepancy/")
    listed = shop_page.locator("#result_list")
    expect(listed).to_contain_text("1 week, 2 days")
    listed.locator("tbody a").first.click()
    shop_page.fill("[name=resolution]", "refunded by hand")
    shop_page.get_by_role("button", name="Save", exact=True).click()
    expect(shop_page.locator("body")).not_to_contain_text("1 week, 2 days")
    one = Discrepancy.objects.get(key="operation:x")
    assert (one.resolution, one.resolved_by.username) == ("refunded by hand", "keeper")
    shop_page.goto(f"{shop_site}/admin/payments/discrepancy/?state=resolved")
    expect(shop_page.locator("#result_list")).to_contain_text("Late success", ignore_case=True)
    assert not Dispute.objects.filter(pk=0).exists()
