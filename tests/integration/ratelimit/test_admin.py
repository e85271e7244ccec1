"""Rate limits in the admin: rules are edited, buckets and violations read."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from audit.models import AuditLog
from ratelimit import selectors
from ratelimit.models import (
    DurableBucket,
    RateLimitBucket,
    RateLimitRule,
    RateLimitViolation,
)
from ratelimit.services import check, hash_of
from tests.factories.ratelimit import (
    RateLimitBucketFactory,
    RateLimitRuleFactory,
    RateLimitViolationFactory,
)

BASE = "/admin/ratelimit/"
FORM = {
    "name": "login", "enabled": "on", "mode": "enforce", "priority": "10", "scope": "ip",
    "key_template": "{ip}", "route_glob": "/login/", "tenant_glob": "*", "methods": ["POST"],
    "cidr": "", "capacity": "5", "refill_per_sec": "0.1", "default_cost": "1", "cost_map": "{}",
    "fail_policy": "closed", "durable": "on", "replaces": "", "shards": "1", "lease": "0",
}  # fmt: skip


def rows(client, model: str, **query: str) -> list:
    shown = client.get(f"{BASE}{model}/", query)
    assert shown.status_code == 200, shown.text
    return list(shown.context["cl"].result_list)


def test_a_rule_is_made_and_changed(operator):
    made = operator.post(f"{BASE}ratelimitrule/add/", FORM)
    assert made.status_code == 302, made.context["errors"]
    rule = RateLimitRule.objects.get()
    assert (rule.methods, rule.durable, rule.cidr) == (["POST"], True, None)
    assert check("login", "192.0.2.7").limit == 5
    page = f"{BASE}ratelimitrule/{rule.pk}/change/"
    assert 'value="/login/"' in operator.get(page).text
    operator.post(page, FORM | {"capacity": "2", "cidr": "10.0.0.0/8", "methods": []})
    rule.refresh_from_db()
    assert (rule.capacity, rule.version, rule.cidr, rule.methods) == (2, 2, "10.0.0.0/8", [])
    assert AuditLog.objects.filter(event_type="rate_limit_rule.update").exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"capacity": "0"}, "Capacity must be above zero"),
        ({"capacity": "NaN"}, "Enter a number"),
        ({"refill_per_sec": "-1"}, "greater than or equal to 0"),
        ({"cidr": "10.0.0.1/8"}, "is not a network"),
        ({"name": "taken"}, "already exists"),
    ],
)
def test_a_wrong_rule_is_told_why(operator, wrong, message):
    RateLimitRuleFactory(name="taken")
    shown = operator.post(f"{BASE}ratelimitrule/add/", FORM | wrong)
    assert shown.status_code == 200
    assert message in shown.text


def test_a_rule_is_deleted_with_all_that_is_its(operator):
    bucket = RateLimitBucketFactory()
    gone = operator.post(f"{BASE}ratelimitrule/{bucket.rule.pk}/delete/", {"post": "yes"})
    assert gone.status_code == 302
    assert not RateLimitRule.objects.exists()
    assert not type(bucket).objects.exists()


def test_rules_are_labelled(operator):
    RateLimitRuleFactory(enabled=False)
    RateLimitRuleFactory(mode="shadow")
    page = operator.get(f"{BASE}ratelimitrule/").text
    assert "Disabled" in page
    assert "Shadow" in page


def test_buckets_show_what_is_left_by_now(operator):
    full, empty = RateLimitBucketFactory(tokens=3.5), RateLimitBucketFactory(tokens=0)
    page = operator.get(f"{BASE}ratelimitbucket/").text
    assert "3.500 of 5" in page
    assert "Empty" in page
    key = bytes(full.key_hash)
    assert rows(operator, "ratelimitbucket", q=key.hex()) == [full]
    assert rows(operator, "ratelimitbucket", rule__id__exact=str(empty.rule_id)) == [empty]
    DurableBucket.objects.create(rule=full.rule, key_hash=hash_of("jane"), tokens=1)
    assert len(rows(operator, "durablebucket", q="jane")) == 1


def test_violations_are_found(operator):
    new = RateLimitViolationFactory()
    old = RateLimitViolationFactory(
        minute=timezone.now() - dt.timedelta(days=9), sample_ip="2001:db8::1", tenant=None
    )
    assert rows(operator, "ratelimitviolation") == [new]
    assert rows(operator, "ratelimitviolation", period="all") == [new, old]
    assert rows(operator, "ratelimitviolation", q="2001:db8::1") == [old]
    assert rows(operator, "ratelimitviolation", q=bytes(new.key_hash).hex()) == [new]
    assert rows(operator, "ratelimitviolation", rule__id__exact=str(new.rule_id)) == [new]
    day = {"minute_from": f"{old.minute:%Y-%m-%d}", "minute_to": f"{old.minute:%Y-%m-%d}"}
    assert rows(operator, "ratelimitviolation", **day) == [old]


@pytest.mark.parametrize(
    ("model", "factory"),
    [
        ("ratelimitbucket", RateLimitBucketFactory),
        ("ratelimitviolation", RateLimitViolationFactory),
    ],
)
def test_buckets_and_violations_are_read_only(operator, model, factory):
    row, base = factory(), f"{BASE}{model}/"
    page = operator.get(f"{base}{row.pk}/change/")
    assert bytes(row.key_hash).hex() in page.text
    assert 'name="_save"' not in page.text
    for page in ("add/", f"{row.pk}/delete/"):
        assert operator.get(f"{base}{page}").status_code == 403


@pytest.mark.parametrize(
    "model", ["ratelimitrule", "ratelimitbucket", "durablebucket", "ratelimitviolation"]
)
def test_a_tenants_superuser_meets_none_of_it(retailer, model):
    rule = RateLimitRuleFactory()
    assert "ratelimit" not in retailer.get("/admin/").text
    for page in ("", "add/", f"{rule.pk}/change/", f"{rule.pk}/delete/"):
        assert retailer.get(f"{BASE}{model}/{page}").status_code in (302, 403), page
    retailer.post(f"{BASE}ratelimitrule/{rule.pk}/change/", FORM)
    rule.refresh_from_db()
    assert rule.version == 1


def test_a_request_is_tried_and_nothing_is_taken(operator):
    RateLimitRuleFactory(name="login", route_glob="/login/*", scope="ip", capacity=1)
    RateLimitRuleFactory(name="other", route_glob="/shop/*")
    query = {"path": "/login/?next=x", "method": "POST", "ip": "192.0.2.7"}
    for _ in range(2):
        page = operator.get(f"{BASE}ratelimitrule/try/", query).text
        assert "This request would pass." in page
    assert "1 of 1" in page
    assert "Not for it: its route is another" in page
    RateLimitRule.objects.filter(name="login").update(default_cost=2)
    page = operator.get(f"{BASE}ratelimitrule/try/", query).text
    assert "This request would be refused." in page


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"path": "login"}, "begins with a slash"), ({"path": "/", "ip": "x"}, "no IP address")],
)
def test_what_cannot_be_tried_is_told(operator, wrong, message):
    shown = operator.get(f"{BASE}ratelimitrule/try/", {"method": "GET"} | wrong)
    assert shown.status_code == 200
    assert message in shown.text


def test_a_rule_shows_what_it_did_and_what_it_would_have_done(operator):
    rule = RateLimitRuleFactory(mode="shadow")
    page = f"{BASE}ratelimitrule/{rule.pk}/change/"
    assert "It would have refused nobody." in operator.get(page).text
    RateLimitViolationFactory(rule=rule, hits=7, shadow_hits=7, sample_key="user 42")
    shown = operator.get(page).text
    assert "<strong>7</strong> would have been refused" in shown
    assert "user 42" in shown


def test_violations_are_drawn_by_time_rule_tenant_and_key(operator):
    rule = RateLimitRuleFactory(name="orders")
    RateLimitViolationFactory(rule=rule, hits=7, sample_key="user 42")
    RateLimitViolationFactory(rule=rule, tenant=None, minute=timezone.now() - dt.timedelta(hours=3))
    shown = operator.get(f"{BASE}ratelimitviolation/")
    assert "Refused: 10" in shown.text
    assert "user 42" in shown.text
    assert "The platform" in shown.text
    assert len(json.loads(shown.context["chart"])["labels"]) == 4
    assert "Refused:" not in operator.get(f"{BASE}ratelimitviolation/", {"q": "nobody"}).text


def test_buckets_are_filled_again(operator):
    rule = RateLimitRuleFactory(capacity=1)
    bucket = RateLimitBucketFactory(rule=rule, key_hash=hash_of("jane"), tokens=0)
    chosen = {"action": "fill", "_selected_action": [bucket.pk]}
    assert "1 bucket filled" in operator.post(f"{BASE}ratelimitbucket/", chosen, follow=True).text
    assert check(rule.name, "jane").allowed
    assert not check(rule.name, "jane").allowed
    page = f"{BASE}ratelimitrule/{rule.pk}/fill-buckets/"
    # Asked for by a link it only asks back.
    operator.get(page)
    assert not check(rule.name, "jane").allowed
    operator.post(page, {"_form_submitted": "True"})
    assert check(rule.name, "jane").allowed
    violation = RateLimitViolationFactory(rule=rule, key_hash=hash_of("jane"))
    page = f"{BASE}ratelimitviolation/{violation.pk}/fill-bucket/"
    operator.post(page, {"_form_submitted": "True"})
    assert check(rule.name, "jane").allowed


def test_a_tenants_superuser_tries_and_fills_nothing(retailer):
    rule = RateLimitRuleFactory(capacity=1)
    RateLimitBucketFactory(rule=rule, tokens=0)
    for page in ("try/", f"{rule.pk}/fill-buckets/", "open-try/"):
        for ask in (retailer.get, retailer.post):
            assert ask(f"{BASE}ratelimitrule/{page}").status_code in (302, 403), page
    assert RateLimitBucket.objects.filter(rule=rule).exists()


def test_charts_are_of_the_latest_rows_only(db):
    rule = RateLimitRuleFactory()
    now = timezone.now().replace(second=0, microsecond=0)
    for ago in range(4):
        RateLimitViolationFactory(rule=rule, minute=now - dt.timedelta(minutes=ago))
    rows = RateLimitViolation.objects.filter(rule=rule)
    some, more = selectors.latest(rows, 2)
    assert (sorted(some.values_list("minute", flat=True), reverse=True), more) == (
        [now, now - dt.timedelta(minutes=1)],
        True,
    )
    every, more = selectors.latest(rows, 10)
    assert (every.count(), more) == (4, False)
