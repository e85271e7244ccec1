"""Money is whole cents: nothing appears or disappears by splitting or rounding."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.calls import scrubbed
from payments.money import Money
from payments.providers import Answer, NotSentError, Request, UnknownOutcomeError
from payments.providers.sandbox import Mode, Sandbox

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


@pytest.mark.parametrize(
    "text", ["card 4242424242424242 declined", "4242 4242 4242 4242", "378282246310005."]
)
def test_card_numbers_are_not_kept(text):
    assert "[number]" in scrubbed(text)
    assert not any(len(word) > 12 for word in scrubbed(text).split())


def test_the_sandbox_fails_as_it_is_told(tmp_path):
    from uuid import uuid4

    path = tmp_path / "sandbox"
    sandbox = Sandbox(path, "one", deduplicates=True)
    other = Sandbox(path, "two", deduplicates=False)
    request = Request(uuid4(), Money(100), "card")
    for mode, error in (
        (Mode.REFUSE, NotSentError),
        (Mode.LOSE_REQUEST, UnknownOutcomeError),
        (Mode.SERVER_ERROR, UnknownOutcomeError),
    ):
        sandbox.tell(mode)
        with pytest.raises(error):
            sandbox.charge(request)
        assert sandbox.lookup(request.key) is None
    sandbox.tell(Mode.LOSE_ANSWER)
    with pytest.raises(UnknownOutcomeError):
        sandbox.charge(request)
    assert sandbox.charge(request) == sandbox.lookup(request.key) == Answer(True, "sb_one_1")
    assert sandbox.done() == [("charge", 100, True)]
    for _ in range(2):
        assert other.charge(request).succeeded
    assert len(other.done(request.key)) == 2
