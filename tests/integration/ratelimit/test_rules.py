"""Rules and violations: what is refused, who hears of a change, what goes with a rule."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection
from django.utils import timezone

from audit.models import AuditLog
from ratelimit import selectors, services
from ratelimit.gathering import Refusals
from ratelimit.keys import hash_of
from ratelimit.models import DurableBucket, RateLimitBucket, RateLimitRule, RateLimitViolation
from tests.factories.ratelimit import (
    RateLimitBucketFactory,
    RateLimitRuleFactory,
    RateLimitViolationFactory,
)
from weedgo.databases import url_of

pytestmark = pytest.mark.django_db


def rows(query: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("capacity", "0"),
        ("capacity", "-1"),
        ("capacity", "'NaN'"),
        ("refill_per_sec", "-1"),
        ("refill_per_sec", "'NaN'"),
        ("default_cost", "-1"),
        ("default_cost", "'NaN'"),
        ("shards", "0"),
        ("mode", "'maybe'"),
        ("fail_policy", "'ajar'"),
        ("cidr", "'10.0.0.1/8'"),
    ],
)
def test_the_database_refuses_what_is_no_rule(column, value):
    RateLimitRuleFactory()
    with pytest.raises((IntegrityError, DataError)):
        rows(f"UPDATE agi_rate_limit_rules SET {column} = {value}")


def test_two_rules_have_two_names():
    rule = RateLimitRuleFactory()
    with pytest.raises(IntegrityError):
        RateLimitRule.objects.create(name=rule.name, capacity=1, refill_per_sec=1)


def test_a_form_says_what_is_no_network():
    rule = RateLimitRule(name="x", capacity=1, refill_per_sec=1, cidr="10.0.0.1/8")
    with pytest.raises(ValidationError, match="not a network"):
        rule.full_clean()
    rule.cidr = "2001:db8::/32"
    rule.full_clean()
    rule.save()
    assert RateLimitRule.objects.get().cidr == "2001:db8::/32"


def test_every_change_has_a_version_and_a_time():
    rule = RateLimitRuleFactory()
    RateLimitRule.objects.update(capacity=9, version=40)
    again = RateLimitRule.objects.get()
    assert again.version == rule.version + 1
    assert again.updated_at > rule.updated_at


def test_every_change_is_in_the_audit_log():
    rule = RateLimitRuleFactory(capacity=5)
    RateLimitRule.objects.update(capacity=9)
    rule.delete()
    log = AuditLog.objects.filter(target_table="agi_rate_limit_rules").order_by("id")
    assert [entry.event_type for entry in log] == [
        "rate_limit_rule.insert",
        "rate_limit_rule.update",
        "rate_limit_rule.delete",
    ]
    assert log[1].changes == {"capacity": [5, 9]}
    assert {entry.tenant for entry in log} == {None}
    assert log[2].changes["capacity"] == [9, None]


@pytest.mark.django_db(transaction=True)
def test_workers_hear_of_a_change():
    with psycopg.connect(url_of("default"), autocommit=True) as worker:
        worker.execute("LISTEN agi_rate_limit_rules")
        rule = RateLimitRuleFactory()
        [heard] = worker.notifies(timeout=60, stop_after=1)
    assert heard.payload == str(rule.pk)


def test_what_belongs_to_a_rule_goes_with_it():
    rule = RateLimitRuleFactory()
    RateLimitBucketFactory(rule=rule)
    DurableBucket.objects.create(rule=rule, key_hash=b"x", tokens=1)
    RateLimitViolationFactory(rule=rule)
    rows("DELETE FROM agi_rate_limit_rules WHERE id = %s", rule.pk)
    for model in (RateLimitBucket, DurableBucket, RateLimitViolation):
        assert not model.objects.exists()


def test_active_rules_stand_in_order():
    second, first = RateLimitRuleFactory(), RateLimitRuleFactory(priority=1)
    RateLimitRuleFactory(enabled=False)
    RateLimitRuleFactory(mode="off")
    assert list(selectors.active_rules()) == [first, second]


def refusals(rule: RateLimitRule, key: str, at: dt.datetime, hits: int = 1) -> Refusals:
    return Refusals(
        rule_id=rule.pk, key_hash=hash_of(key), minute=at, hits=hits, cost=hits / 2,
        first_seen_at=at, last_seen_at=at, path="/x" * 200, ip="192.0.2.1", tenant="queen",
    )  # fmt: skip


def test_refusals_of_a_minute_add_up():
    rule, at = RateLimitRuleFactory(), timezone.now().replace(second=10, microsecond=0)
    later = at + dt.timedelta(seconds=30)
    services.record_refusals([refusals(rule, "jane", at, 2), refusals(rule, "joe", at)])
    services.record_refusals([refusals(rule, "jane", later, 3)])
    assert services.record_refusals([]) == 0
    jane = selectors.violations_of("jane").get()
    assert (jane.hits, jane.cost) == (5, 2.5)
    assert (jane.first_seen_at, jane.last_seen_at) == (at, later)
    assert jane.minute == at.replace(second=0)
    assert len(jane.sample_path) == 200
    assert selectors.recent_violations().count() == 2


def test_violations_go_to_the_partition_of_their_day():
    violation = RateLimitViolationFactory()
    [(partition,)] = rows("SELECT tableoid::regclass::text FROM agi_rate_limit_violations")
    assert partition == f"agi_rate_limit_violations_{violation.minute:%Y_%m_%d}"
    made = services.make_partitions(ahead=5)
    assert len(made) == 3
    assert services.make_partitions(ahead=5) == []


def test_an_old_violation_finds_a_place():
    RateLimitViolationFactory(minute=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    with pytest.raises(IntegrityError):
        RateLimitViolationFactory(hits=0)
