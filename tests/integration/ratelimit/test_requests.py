"""Requests held to rules: by the middleware, a decorator, and REST framework's throttle."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.models import AuditLog
from ratelimit import services, worker
from ratelimit.decorators import rate_limit
from ratelimit.drf import RuleThrottle, exception_handler
from ratelimit.middleware import RateLimitMiddleware
from ratelimit.models import RateLimitBucket, RateLimitViolation
from tests.factories.ratelimit import RateLimitRuleFactory
from tests.factories.tenancy import UserFactory

pytestmark = pytest.mark.django_db


def asked(path: str = "/api/orders/", method: str = "get", ip: str = "192.0.2.7", **more: object):
    request = getattr(RequestFactory(), method)(path, REMOTE_ADDR=ip, **more)
    request.user = AnonymousUser()
    return request


def through(request, view=lambda _: HttpResponse("done")):
    return RateLimitMiddleware(view)(request)


def statuses(*requests, view=lambda _: HttpResponse("done")) -> list[int]:
    return [through(request, view).status_code for request in requests]


def test_a_refusal_is_429_with_problem_details_and_headers():
    RateLimitRuleFactory(
        name="api", route_glob="/api/*", scope="ip", capacity=2, refill_per_sec=0.5
    )
    answers = [through(asked()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"api";q=2;w=4'
    assert answers[0]["RateLimit"].startswith('"api";r=1;t=')
    refused = answers[2]
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == "2"
    assert refused["Cache-Control"] == "no-store"
    assert refused["RateLimit"].startswith('"api";r=0;t=')
    body = json.loads(refused.content)
    assert body["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert (body["status"], body["violated-policies"]) == (429, ["api"])
    assert "2 seconds" in body["detail"]


def test_what_never_comes_back_is_not_promised():
    RateLimitRuleFactory(name="api", route_glob="/api/*", scope="ip", capacity=1)
    answers = [through(asked()) for _ in range(2)]
    assert answers[0]["RateLimit-Policy"] == '"api";q=1'
    assert "Retry-After" not in answers[1]
    assert '"api";r=0' in answers[1]["RateLimit"]


@pytest.mark.parametrize(
    ("change", "request_"),
    [
        ({"route_glob": ""}, {}),
        ({"route_glob": "/shop/*"}, {}),
        ({"methods": ["POST"]}, {}),
        ({"cidr": "198.51.100.0/24"}, {}),
        ({"cidr": "2001:db8::/32"}, {}),
        ({"tenant_glob": "queen*"}, {}),
        ({"enabled": False}, {}),
        ({"mode": "off"}, {}),
        ({"ends_at": "2020-01-01T00:00Z"}, {}),
        ({"starts_at": "2999-01-01T00:00Z"}, {}),
        ({"cost_map": {"GET": 0}}, {}),
        ({"cost_map": {"/api/*": 0}}, {}),
    ],
)
def test_a_rule_that_is_not_for_a_request_leaves_it_alone(change, request_):
    RateLimitRuleFactory(**{"route_glob": "/api/*", "scope": "ip", "capacity": 1} | change)
    assert statuses(*(asked(**request_) for _ in range(3))) == [200] * 3


def test_ipv6_clients_are_told_apart_by_their_networks():
    RateLimitRuleFactory(route_glob="*", scope="ip", capacity=1)
    same = [asked(ip=f"2001:db8:1:2::{number:x}") for number in range(1, 4)]
    assert statuses(*same, asked(ip="2001:db8:1:3::1")) == [200, 429, 429, 200]
    assert statuses(asked(ip="192.0.2.7"), asked(ip="::ffff:192.0.2.7")) == [200, 429]


def test_keys_are_what_the_template_says():
    RateLimitRuleFactory(route_glob="*", key_template="{method}:{path}:{user}", capacity=1)
    jane = asked()
    jane.user = UserFactory()
    jane_again = asked()
    jane_again.user = jane.user
    assert statuses(jane, jane_again, asked("/x"), asked(method="post")) == [200, 429, 200, 200]


def test_an_api_key_is_kept_as_its_hash_only():
    RateLimitRuleFactory(name="keys", route_glob="*", scope="key", capacity=1)
    with_key = {"headers": {"X-API-Key": "very-secret"}}
    assert statuses(asked(**with_key), asked(**with_key), asked()) == [200, 429, 200]
    worker.current().flush()
    violation = RateLimitViolation.objects.get()
    assert "very-secret" not in str(vars(violation))
    assert len(violation.sample_key) == 32


def test_two_rules_take_all_or_nothing():
    wide = RateLimitRuleFactory(name="wide", route_glob="*", scope="ip", capacity=9)
    RateLimitRuleFactory(name="narrow", route_glob="/api/*", scope="ip", capacity=1)
    answers = [through(asked()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert RateLimitBucket.objects.get(rule=wide).tokens == 8
    assert json.loads(answers[2].content)["violated-policies"] == ["narrow"]
    assert '"wide";r=8' in answers[2]["RateLimit"]


def test_a_shadow_rule_beside_one_that_limits():
    RateLimitRuleFactory(name="limits", route_glob="*", scope="ip", capacity=3)
    shadow = RateLimitRuleFactory(
        name="counts", route_glob="*", scope="ip", capacity=1, mode="shadow"
    )
    answers = [through(asked()) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    # Nobody outside hears of a rule that only counts, and what another refused it did not see.
    assert all("counts" not in answer["RateLimit-Policy"] for answer in answers)
    worker.current().flush()
    counted = RateLimitViolation.objects.get(rule=shadow)
    assert (counted.hits, counted.shadow_hits) == (2, 2)
    assert RateLimitViolation.objects.exclude(rule=shadow).get().shadow_hits == 0


def test_a_rule_replaces_another_where_it_applies():
    RateLimitRuleFactory(name="all", route_glob="*", scope="ip", capacity=1)
    RateLimitRuleFactory(name="more", route_glob="/api/*", scope="ip", capacity=3, replaces="all")
    assert statuses(*(asked() for _ in range(4))) == [200, 200, 200, 429]
    assert statuses(asked("/"), asked("/")) == [200, 429]


def test_a_refused_request_is_remembered_with_a_sample():
    rule = RateLimitRuleFactory(route_glob="*", scope="ip", capacity=1)
    for _ in range(3):
        through(asked("/api/x\0y", headers={"User-Agent": "curl/8.5"}))
    worker.current().flush()
    violation = RateLimitViolation.objects.get()
    assert (violation.rule_id, violation.hits, violation.cost) == (rule.pk, 2, 2)
    assert (violation.sample_ip, violation.sample_agent) == ("192.0.2.7", "curl/8.5")
    assert violation.sample_key == "192.0.2.7"


def test_the_audit_log_hears_of_refusals_but_not_of_each():
    rule = RateLimitRuleFactory(route_glob="*", scope="ip", capacity=1)
    RateLimitRuleFactory(route_glob="*", scope="ip", capacity=1, mode="shadow")
    for ip in ("192.0.2.7", "192.0.2.8"):
        statuses(*(asked(ip=ip) for _ in range(3)))
    worker.current().flush()
    event = AuditLog.objects.get(event_type="rate_limit.exceeded")
    assert (event.target_pk, event.outcome, event.tenant) == (str(rule.pk), "denied", None)


def test_rates_are_each_tenants_own_unless_the_rule_is_global(settings):
    class Tenant:
        def __init__(self, schema_name: str) -> None:
            self.schema_name = schema_name

    def of(tenant: str):
        request = asked()
        request.tenant = Tenant(tenant)
        return request

    own = RateLimitRuleFactory(route_glob="*", scope="ip", capacity=1)
    assert statuses(of("queen"), of("king"), of("queen"), of("king")) == [200, 200, 429, 429]
    assert {b.tenant for b in RateLimitBucket.objects.all()} == {"queen", "king"}
    worker.current().flush()
    assert {v.tenant for v in RateLimitViolation.objects.all()} == {"queen", "king"}
    own.delete()
    RateLimitRuleFactory(route_glob="*", scope="global", key_template="{ip}", capacity=1)
    assert statuses(of("queen"), of("king")) == [200, 429]
    assert RateLimitBucket.objects.get().tenant is None


@rate_limit("orders")
def view(request):
    return HttpResponse("done")


@rate_limit("orders", key=lambda request: request.GET["shop"], cost=2)
async def asynchronous(request):
    await asyncio.sleep(0)
    return HttpResponse("done")


def test_a_decorated_view_is_held_to_its_rule():
    RateLimitRuleFactory(name="orders", scope="ip", capacity=1)
    answers = [view(asked()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[0]["RateLimit"] == '"orders";r=0'


@pytest.mark.django_db(transaction=True)
def test_an_asynchronous_view_is_held_to_its_rule(settings):
    settings.RATELIMIT_STATEMENT_TIMEOUT = settings.RATELIMIT_LOCK_TIMEOUT = 30_000
    RateLimitRuleFactory(name="orders", capacity=3)
    worker.stop()

    async def ask() -> list[int]:
        requests = [AsyncRequestFactory().get(f"/?shop={shop}") for shop in ("a", "a", "b")]
        return [(await asynchronous(request)).status_code for request in requests]

    assert asyncio.run(ask()) == [200, 429, 200]

    async def done(_: object) -> HttpResponse:
        return HttpResponse("done")

    RateLimitRuleFactory(name="all", route_glob="*", scope="ip", capacity=1)
    worker.stop()

    async def through_middleware() -> list[int]:
        middleware = RateLimitMiddleware(done)
        requests = [AsyncRequestFactory().get("/") for _ in range(2)]
        for request in requests:
            request.user = AnonymousUser()
        return [(await middleware(request)).status_code for request in requests]

    assert asyncio.run(through_middleware()) == [200, 429]


def test_code_within_a_view_may_end_the_request():
    RateLimitRuleFactory(name="exports", capacity=1)

    def exporting(request):
        services.enforce("exports", "jane")
        return HttpResponse("done")

    request = asked()
    middleware = RateLimitMiddleware(exporting)
    assert middleware(request).status_code == 200
    with pytest.raises(services.RateLimitedError) as caught:
        exporting(request)
    assert middleware.process_exception(request, caught.value).status_code == 429
    assert middleware.process_exception(request, ValueError()) is None


class Orders(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (RuleThrottle,)
    throttle_scope = "orders"

    def get(self, request):
        return Response({"orders": []})

    def get_exception_handler(self):
        return exception_handler


def test_rest_framework_throttles_by_a_rule():
    RateLimitRuleFactory(name="orders", scope="ip", capacity=1, refill_per_sec=0.1)
    answers = [through(asked(), Orders.as_view()).render() for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1]["Retry-After"] == "10"
    assert answers[1]["RateLimit"].startswith('"orders";r=0')
    assert json.loads(answers[1].content)["detail"] == "Try again in 10 seconds."


def test_a_switched_off_middleware_asks_nobody(settings, django_assert_num_queries):
    settings.RATELIMIT_ENABLED = False
    RateLimitRuleFactory(route_glob="*", scope="ip", capacity=1)
    with django_assert_num_queries(0):
        assert statuses(asked(), asked()) == [200, 200]


def test_the_platform_itself_is_limited(operator):
    RateLimitRuleFactory(name="admin", route_glob="/admin/*", scope="user", capacity=2)
    answers = [operator.get("/admin/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
