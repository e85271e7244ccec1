"""Tokens taken ahead: fewer statements, no more than the rule says, and the rest goes back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ratelimit import leases, services, worker
from ratelimit.keys import hash_of
from ratelimit.models import DurableBucket, RateLimitBucket
from ratelimit.services import settle
from tests.factories.ratelimit import RateLimitRuleFactory
from tests.integration.ratelimit.test_worker import at_work, eventually, slow
from weedgo.databases import url_of

__all__ = ["at_work", "slow"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(at_work, monkeypatch) -> list[list[float | None]]:
    """The costs of each statement that takes tokens."""
    found: list[list[float | None]] = []
    take = at_work._store.take

    def counting(calls, **how):
        found.append([call.cost for call in calls])
        return take(calls, **how)

    monkeypatch.setattr(at_work._store, "take", counting)
    # Terms that do not end while a busy machine does something else.
    monkeypatch.setattr(leases, "TERM", 3600.0)
    return found


@pytest.fixture
def several(slow, monkeypatch) -> Iterator[list[worker.Worker]]:
    """As many processes would have."""
    monkeypatch.setattr(leases, "TERM", 3600.0)
    found = [worker.Worker(url_of("default")) for _ in range(4)]
    for one in found:
        one.start()
    yield found
    for one in found:
        one.stop()


def made(at_work: worker.Worker, **values):
    rule = RateLimitRuleFactory(**values)
    eventually(lambda: at_work.rules().knows(rule.name))
    return rule


def held(rule) -> float:
    return sum(
        bucket.tokens
        for model in (RateLimitBucket, DurableBucket)
        for bucket in model.objects.filter(rule=rule)
    )


def test_a_hot_key_is_asked_for_rarely(at_work, asked):
    rule = made(at_work, capacity=10_000, lease=100)
    answers = [services.check(rule.name, "hot") for _ in range(1000)]
    assert all(answer.allowed for answer in answers)
    assert [answer.remaining for answer in answers] == list(range(9999, 8999, -1))
    assert len(asked) < 30
    assert [services.check(rule.name, "cold").remaining for _ in range(2)] == [9999, 9998]
    assert asked[-1] == [1.0 + 1.0], "no more ahead than were given out"


def test_near_the_end_it_is_exact(at_work, asked):
    rule = made(at_work, capacity=500, lease=100)
    answers = [services.check(rule.name, "hot") for _ in range(520)]
    assert [answer.allowed for answer in answers] == [True] * 500 + [False] * 20
    assert answers[-1].remaining == 0
    assert asked[-1] == [1.0]


@pytest.mark.parametrize("durable", [False, True])
def test_no_more_pass_than_the_rule_says_and_the_rest_goes_back(several, durable):
    rule = RateLimitRuleFactory(capacity=3000, lease=40, durable=durable)
    for one in several:
        eventually(lambda one=one: one.rules().knows(rule.name))

    def work(number: int) -> int:
        limits = several[number % len(several)]
        (found,) = limits.rules().of(rule.name, "", worker.now())
        call = services.call_of(found, "hot", "", None)
        return sum(settle(limits, [call], None).allowed for _ in range(600 + 100 * number))

    with ThreadPoolExecutor(8) as threads:
        admitted = sum(threads.map(work, range(4)))
    assert admitted + held(rule) <= 3000
    for one in several:
        one.stop()
    assert admitted + held(rule) == 3000
    assert admitted >= 3000 - 40 * len(several)


def test_another_rule_that_refuses_takes_nothing_from_a_lease(at_work, asked):
    hot = made(at_work, name="hot", capacity=10_000, lease=100)
    made(at_work, name="tight", capacity=3)
    for _ in range(50):
        services.check(hot.name, "all")
    (leased,) = at_work.rules().of("hot", "", worker.now())
    (other,) = at_work.rules().of("tight", "", worker.now())
    calls = [services.call_of(rule, "all", "", None) for rule in (leased, other)]
    said = [settle(at_work, calls, None) for _ in range(5)]
    assert [verdict.allowed for verdict in said] == [True] * 3 + [False] * 2
    assert [verdict.tightest.rule for verdict in said[3:]] == ["tight"] * 2
    assert services.check(hot.name, "all").remaining == 10_000 - 50 - 3 - 1


def test_a_changed_rule_ends_its_lease(at_work, asked):
    rule = made(at_work, capacity=10_000, lease=100)
    for _ in range(50):
        services.check(rule.name, "hot")
    rule.capacity = 20_000
    rule.save()
    eventually(lambda: services.check(rule.name, "hot").limit == 20_000)
    rule.lease = 0
    rule.save()
    eventually(lambda: not at_work.rules().of(rule.name, "", worker.now())[0].lease)
    asked.clear()
    services.check(rule.name, "hot")
    assert asked == [[None]]


def test_what_is_held_too_long_goes_back(at_work, asked, monkeypatch):
    rule = made(at_work, capacity=10_000, lease=100)
    for _ in range(100):
        services.check(rule.name, "hot")
    place = (rule.pk, hash_of("hot"))
    assert at_work.leases._held[place].tokens > 0
    at_work.leases._held[place].until = 0.0
    eventually(lambda: held(rule) == 9900)
    assert place not in at_work.leases._held


def test_a_lease_is_of_one_shard_and_bounded():
    for wrong in ({"lease": 10_001}, {"lease": 5, "shards": 2}):
        with pytest.raises(ValidationError, match="A lease is 0 to 10,000 tokens"):
            RateLimitRuleFactory.build(name="wrong", **wrong).full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            RateLimitRuleFactory(name="wrong", **wrong)
