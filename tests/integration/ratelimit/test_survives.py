"""What limits must survive: order, shards, cleaning beside takes, floods; and rules as files."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from ratelimit import cleaning, exchange, services, worker
from ratelimit.gathering import OTHERS, Gatherer, Refusals
from ratelimit.keys import hash_of
from ratelimit.models import RateLimitBucket, RateLimitRule
from tests.factories.ratelimit import RateLimitBucketFactory, RateLimitRuleFactory
from weedgo.databases import url_of

pytestmark = pytest.mark.django_db
TAKE = (
    "SELECT rule_id, taken, remaining FROM agi_rate_limit_take_all("
    "%s::bigint[], %s::bytea[], %s::float8[], %s::text[])"
)


def take(own: psycopg.Connection, rules: list[RateLimitRule], cost: float = 1) -> list[tuple]:
    count = len(rules)
    values = [[r.pk for r in rules], [hash_of("hot")] * count, [cost] * count, [None] * count]
    return own.execute(TAKE, values).fetchall()


def at_once(threads: int, what) -> list:
    def one(number: int):
        with psycopg.connect(url_of("default"), autocommit=True) as own:
            return what(own, number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


@pytest.mark.django_db(transaction=True)
def test_two_rules_in_opposite_order_neither_deadlock_nor_leak():
    one, other = RateLimitRuleFactory(capacity=30), RateLimitRuleFactory(capacity=500)

    def both(own, number: int) -> int:
        order = [one, other] if number % 2 else [other, one]
        return sum(all(taken for _, taken, _ in take(own, order)) for _ in range(20))

    assert sum(at_once(6, both)) == 30
    assert RateLimitBucket.objects.get(rule=one).tokens == 0
    assert RateLimitBucket.objects.get(rule=other).tokens == 470


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("capacity", "cost", "admitted"), [(50, 1, 50), (50, 3, 16), (3, 1, 3)])
def test_a_sharded_rule_gives_exactly_the_limit(capacity, cost, admitted):
    rule = RateLimitRuleFactory(capacity=capacity, shards=8)

    def some(own, _: int) -> int:
        return sum(take(own, [rule], cost)[0][1] for _ in range(20))

    assert sum(at_once(6, some)) == admitted


def test_shards_add_up_to_the_whole():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n, c, sum(agi_rate_limit_share(c, n, i)) FROM unnest('{1,3,7,64}'::int[]) AS n,"
            " unnest('{0.5,1,10,100.25}'::float8[]) AS c, generate_series(0, n - 1) AS i"
            " GROUP BY n, c"
        )
        found = cursor.fetchall()
    assert len(found) == 16
    assert all(total == capacity for _, capacity, total in found)


@pytest.mark.django_db(transaction=True)
def test_cleaning_beside_takes_loses_no_token_and_leaves_no_full_bucket():
    rule = RateLimitRuleFactory(capacity=40)
    full = RateLimitRuleFactory(capacity=5)
    for number in range(30):
        RateLimitBucketFactory(rule=full, key_hash=hash_of(str(number)), tokens=5)

    def takes_or_cleans(own, number: int) -> int:
        if number % 3 == 0:
            for _ in range(10):
                cleaning.tidy(own, 30, batch=7)
            return 0
        return sum(take(own, [rule])[0][1] for _ in range(20))

    assert sum(at_once(6, takes_or_cleans)) == 40
    with psycopg.connect(url_of("default"), autocommit=True) as own:
        cleaning.tidy(own, 30)
    assert not RateLimitBucket.objects.filter(rule=full).exists()
    assert RateLimitBucket.objects.filter(rule=rule).exists()


@pytest.mark.django_db(transaction=True)
def test_old_violations_go_with_their_partitions():
    with psycopg.connect(url_of("default"), autocommit=True) as own:
        own.execute(
            "CREATE TABLE agi_rate_limit_violations_2020_01_01 PARTITION OF"
            " agi_rate_limit_violations"
            " FOR VALUES FROM ('2020-01-01 00:00Z') TO ('2020-01-02 00:00Z')"
        )
        done = cleaning.tidy(own, 7)
        with psycopg.connect(url_of("default"), autocommit=True) as other:
            own.execute("SELECT pg_advisory_lock(%s)", [cleaning.LOCK])
            assert not cleaning.tidy(other, 7).alone
    assert done.dropped == ("agi_rate_limit_violations_2020_01_01",)


def test_a_flood_of_keys_is_counted_in_a_bounded_place():
    gatherer, now = Gatherer(most=10), dt.datetime.now(dt.UTC)
    for number in range(1000):
        gatherer.put(Refusals(1, hash_of(str(number)), now, 1, 1.0, now, now, tenant="queen"))
    found = gatherer.drain()
    assert len(found) == 11
    assert sum(one.hits for one in found) == 1000
    [others] = [one for one in found if one.key_hash == OTHERS]
    assert (others.hits, others.tenant) == (990, None)


def test_fractions_add_up():
    rule = RateLimitRuleFactory(capacity=1, default_cost="0.1")
    answers = [services.check(rule.name, "jane").allowed for _ in range(11)]
    assert answers == [True] * 10 + [False]


def test_refill_is_as_fast_as_said():
    rule = RateLimitRuleFactory(capacity=100, refill_per_sec=50)
    assert services.check(rule.name, "jane", 100).allowed
    with connection.cursor() as cursor:
        began = "SELECT clock_timestamp() - updated_at FROM agi_rate_limit_buckets"
        cursor.execute("UPDATE agi_rate_limit_buckets SET updated_at = updated_at - interval '1 s'")
        left = services.check(rule.name, "jane", 0).remaining
        cursor.execute(began)
        [elapsed] = cursor.fetchone()
    assert 50 <= left <= min(100, 50 * elapsed.total_seconds())


RULES = """
[login]
scope = "ip"
route_glob = "/login/*"
methods = ["POST"]
capacity = 10
refill_per_sec = 0.1
fail_policy = "closed"
durable = true
cost_map = { POST = 2 }
"""


def test_rules_come_from_a_file_and_go_into_one():
    RateLimitRuleFactory(name="old")
    planned = exchange.import_rules(RULES, prune=True, dry_run=True)
    assert (planned.made, planned.deleted) == (("login",), ("old",))
    assert not RateLimitRule.objects.filter(name="login").exists()
    exchange.import_rules(RULES, prune=True)
    rule = RateLimitRule.objects.get()
    assert (rule.name, str(rule.refill_per_sec), rule.cost_map) == (
        "login",
        "0.100000",
        {"POST": 2},
    )
    assert exchange.import_rules(RULES).same == ("login",)
    written = exchange.export_rules()
    assert exchange.import_rules(written, prune=True).same == ("login",)
    changed = exchange.import_rules(written.replace("capacity = 10", "capacity = 20"))
    assert changed.changed == ("login",)
    assert RateLimitRule.objects.get().version == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("capacity = 1", "stands outside of a rule"),
        ("[x", "no TOML"),
        ("[x]\ncapacty = 1", "has no 'capacty'"),
        ("[x]\ncapacity = 0\nrefill_per_sec = 1", "Capacity must be above zero"),
        ("[x]\ncapacity = 1", "refill_per_sec: This field cannot be null"),
        ("[x]\ncapacity = nan\nrefill_per_sec = 1", "rule 'x'"),
        ('[x]\ncapacity = 1\nrefill_per_sec = 1\nkey_template = "{nobody}"', "not of '{nobody}'"),
        ('[x]\ncapacity = 1\nrefill_per_sec = 1\nmode = "maybe"', "mode: Value 'maybe'"),
        ('[x]\ncapacity = "much"\nrefill_per_sec = 1', "rule 'x'"),
        ("[x]\ncapacity = 1\nrefill_per_sec = 1\nmethods = 5", "rule 'x'"),
    ],
)
def test_a_wrong_file_changes_nothing_and_says_why(text, message):
    with pytest.raises(exchange.RulesFileError, match=r".") as told:
        exchange.import_rules(f"[good]\ncapacity = 1\nrefill_per_sec = 1\n{text}"
                              if text.startswith("[") else text)  # fmt: skip
    assert message in str(told.value)
    assert not RateLimitRule.objects.exists()


def test_the_worker_of_tests_sees_what_is_not_committed():
    RateLimitRuleFactory(name="orders")
    assert isinstance(worker.current(), worker.InlineWorker)
    assert services.check("orders", "jane").remaining == 4
