"""Money is whole cents: nothing appears or disappears by splitting or rounding."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.money import Money

AMOUNTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1).filter(any)


@given(AMOUNTS, WEIGHTS)
def test_parts_add_up_and_are_fair(minor, weights):
    parts = Money(minor).allocate(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Decimal(minor) * weight / sum(weights)) < 1
        assert weight or not part.minor


@given(AMOUNTS, WEIGHTS)
def test_what_goes_back_is_split_as_what_came(minor, weights):
    money = Money(minor)
    assert [-part for part in money.allocate(weights)] == (-money).allocate(weights)


def test_what_cannot_be_split():
    for weights in ([0, 0], [], [2, -1]):
        with pytest.raises(ValueError, match="cannot be split"):
            Money(1).allocate(weights)
    assert Money(0).allocate([0, 0]) == [Money(0), Money(0)]


@pytest.mark.parametrize(("minor", "tax"), [(50, 6), (150, 20), (5990, 779), (-50, -6)])
def test_shares_are_rounded_half_to_even(minor, tax):
    assert Money(minor).times(Decimal("0.13")) == Money(tax)


@given(st.integers(0, 10**9))
def test_cash_is_the_nearest_five_cents(minor):
    paid = Money(minor).in_cash().minor
    assert paid % 5 == 0
    assert abs(paid - minor) <= 2


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="one currency"):
        Money(1) + Money(1, "USD")
    assert str(Money(-1234)) == "-12.34 CAD"
