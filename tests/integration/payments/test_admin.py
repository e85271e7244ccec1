"""Operators look payments up."""

from __future__ import annotations

from django.contrib import admin

from payments import services
from payments.models import Operation
from payments.money import Money
from weedgo.store.factories import OrderFactory


def test_operations_are_found_by_whole_names_only(provider, sandbox):
    mine, other = OrderFactory(), OrderFactory()
    charge = services.charge(mine, Money(1200), "card", "checkout-7")
    services.charge(other, Money(900), "card", "checkout-8")
    page = admin.site.get_model_admin(Operation)

    def found(term):
        rows, duplicates = page.get_search_results(None, Operation.objects.all(), term)
        assert not duplicates
        return list(rows)

    charge.refresh_from_db()
    assert charge.provider_reference
    for term in (mine.order_number, charge.provider_reference, f" {charge.request_key} "):
        assert found(term) == [charge]
    assert found("checkout") == found("nothing of the kind") == []
    assert len(found("")) == 2
