"""Taking tokens: how many there are, who shares them, and when they come back."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from ratelimit import selectors, services
from ratelimit.models import DurableBucket, RateLimitBucket
from ratelimit.services import check, hash_of
from tests.factories.ratelimit import RateLimitRuleFactory
from weedgo.databases import url_of

pytestmark = pytest.mark.django_db


def rows(query: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []


def age(seconds: float) -> None:
    """Let time pass for all buckets; below zero, the clock is put back."""
    rows("UPDATE agi_rate_limit_buckets SET updated_at = updated_at - %s * interval '1 s'", seconds)


def test_a_bucket_gives_as_many_tokens_as_it_has():
    rule = RateLimitRuleFactory(capacity=3)
    answers = [check(rule.name, "jane") for _ in range(5)]
    assert [answer.allowed for answer in answers] == [True, True, True, False, False]
    assert [answer.remaining for answer in answers] == [2, 1, 0, 0, 0]
    assert answers[-1].limit == 3
    assert answers[-1].retry_after == math.inf


def test_keys_and_rules_are_apart():
    one, other = RateLimitRuleFactory(capacity=1), RateLimitRuleFactory(capacity=1)
    assert all(check(rule.name, key).allowed for rule in (one, other) for key in ("jane", "joe"))
    assert not check(one.name, "jane").allowed


def test_tokens_come_back():
    rule = RateLimitRuleFactory(capacity=10, refill_per_sec=0.5)
    assert check(rule.name, "jane", 10).allowed
    age(4)
    assert not check(rule.name, "jane", 3).allowed
    refused = check(rule.name, "jane", 3)
    # Two of three are there; the rest takes two seconds less what this test took so far.
    assert 2 <= refused.remaining < 3
    assert 0 < refused.retry_after <= 2
    assert check(rule.name, "jane", 2).allowed
    age(3600)
    assert check(rule.name, "jane", 0).remaining == 10


def test_a_refused_call_changes_nothing():
    rule = RateLimitRuleFactory(capacity=2)
    check(rule.name, "jane")
    before = rows("SELECT tokens, updated_at, xmin FROM agi_rate_limit_buckets")
    assert not check(rule.name, "jane", 2).allowed
    assert rows("SELECT tokens, updated_at, xmin FROM agi_rate_limit_buckets") == before


@pytest.mark.parametrize("cost", [5.0001, 6, 1e300, math.inf, math.nan])
def test_more_than_the_capacity_is_never_given(cost):
    rule = RateLimitRuleFactory(capacity=5)
    answer = check(rule.name, "jane", cost)
    assert (answer.allowed, answer.retry_after) == (False, math.inf)
    assert not RateLimitBucket.objects.exists()


def test_costs_may_be_zero_or_fractions_but_not_negative():
    rule = RateLimitRuleFactory(capacity=1, default_cost="0.25")
    assert [check(rule.name, "jane").allowed for _ in range(5)] == [True] * 4 + [False]
    assert check(rule.name, "jane", 0).allowed
    with pytest.raises(ValueError, match="below zero"):
        check(rule.name, "joe", -1)


def test_a_clock_that_was_put_back_stops_nobody():
    rule = RateLimitRuleFactory(capacity=2, refill_per_sec=1)
    check(rule.name, "jane", 2)
    age(-3600)
    refused = check(rule.name, "jane", 2)
    assert not refused.allowed
    assert refused.retry_after <= 2
    age(2)
    assert check(rule.name, "jane", 2).allowed


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"mode": "off"},
        {"ends_at": "2020-01-01T00:00Z"},
        {"starts_at": "2999-01-01T00:00Z"},
    ],
)
def test_a_rule_that_does_not_apply_limits_nobody(change):
    rule = RateLimitRuleFactory(capacity=1, **change)
    answers = [check(rule.name, "jane") for _ in range(3)]
    assert all(answer.allowed and answer.limit is None for answer in answers)
    assert check("no such rule", "jane").allowed


def test_a_shadow_rule_counts_and_allows():
    rule = RateLimitRuleFactory(capacity=1, mode="shadow")
    answers = [check(rule.name, "jane") for _ in range(2)]
    assert [(answer.allowed, answer.within) for answer in answers] == [(True, True), (True, False)]


def test_a_durable_rule_uses_the_table_that_survives_a_crash():
    rule = RateLimitRuleFactory(capacity=1, durable=True)
    assert [check(rule.name, "jane").allowed for _ in range(2)] == [True, False]
    assert DurableBucket.objects.get().key_hash == hash_of("jane")
    assert not RateLimitBucket.objects.exists()
    persistence = rows(
        "SELECT relname, relpersistence, reloptions FROM pg_class"
        " WHERE relname ~ '^agi_rate_limit_buckets(_logged)?$' ORDER BY 1"
    )
    assert persistence == [
        ("agi_rate_limit_buckets", "u", ["fillfactor=50"]),
        ("agi_rate_limit_buckets_logged", "p", ["fillfactor=50"]),
    ]


def test_a_lower_capacity_holds_at_once():
    rule = RateLimitRuleFactory(capacity=100)
    check(rule.name, "jane")
    rule.capacity = 2
    rule.save()
    assert [check(rule.name, "jane").allowed for _ in range(3)] == [True, True, False]


def test_buckets_can_be_filled_again():
    rule = RateLimitRuleFactory(capacity=1)
    for key in ("jane", "joe"):
        check(rule.name, key)
    assert services.reset(rule.pk, "jane") == 1
    assert [check(rule.name, key).allowed for key in ("jane", "joe")] == [True, False]
    assert services.reset(rule.pk) == 2


def test_live_tokens_are_those_of_now():
    rule = RateLimitRuleFactory(capacity=10, refill_per_sec=1)
    check(rule.name, "jane", 10)
    age(4)
    [bucket] = selectors.with_live_tokens(RateLimitBucket.objects.all())
    assert 4 <= bucket.live_tokens <= 10
    age(3600)
    [bucket] = selectors.with_live_tokens(RateLimitBucket.objects.all())
    assert bucket.live_tokens == 10


def test_the_function_that_answers_yes_or_no():
    rule = RateLimitRuleFactory(capacity=2)
    query = "SELECT rate_limit_take(%s, 'jane')"
    assert [rows(query, rule.name) for _ in range(3)] == [[(True,)], [(True,)], [(False,)]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("durable", [False, True])
def test_many_at_once_get_exactly_the_limit(durable):
    rule = RateLimitRuleFactory(capacity=50, durable=durable)

    def take(_: int) -> int:
        with psycopg.connect(url_of("default"), autocommit=True) as own:
            query = "SELECT within FROM agi_rate_limit_take(%s, 'hot')"
            return sum(own.execute(query, [rule.name]).fetchone()[0] for _ in range(20))

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(take, range(8))) == 50
