"""Who fails is left alone, one probe brings it back, and a failover never charges twice."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from payments import breaker, health, routing, services
from payments.errors import ProvidersDownError
from payments.factories import ProviderFactory
from payments.models import Circuit, HealthMetric, Method, Operation, Provider
from payments.money import Money
from payments.providers import NotSentError
from payments.providers.sandbox import Mode, Sandbox
from tests.integration.payments.sandbox import due, wire
from weedgo.store.factories import OrderFactory

PRICE = Money(3384)


@pytest.fixture
def pair(shop, tmp_path):
    """The one that is asked first, and the other."""
    Provider.objects.update(is_active=False)
    return [
        ProviderFactory(priority=place, config={"path": str(tmp_path / "sandbox")})
        for place in (1, 2)
    ]


def charge(key="one"):
    return services.charge(OrderFactory(), PRICE, "card", key)


def rested():
    Circuit.objects.update(retry_at=timezone.now() - timedelta(hours=1))


def test_another_is_asked_where_the_first_never_got_it(pair):
    first, second = pair
    wire(first).tell(Mode.REFUSE)
    operation = charge()
    assert (operation.provider, operation.status, operation.attempt) == (second, "succeeded", 2)
    assert services.charge(operation.order, PRICE, "card", "one").pk == operation.pk
    assert (wire(first).done(), len(wire(second).done())) == ([], 1)


@pytest.mark.parametrize("mode", [Mode.LOSE_ANSWER, Mode.LOSE_REQUEST, Mode.SERVER_ERROR])
def test_nobody_else_is_asked_where_the_first_may_have_done_it(pair, mode):
    first, second = pair
    wire(first).tell(mode)
    operation = charge()
    assert operation.status == "unknown"
    due()
    services.resolve_due()
    operation.refresh_from_db()
    assert (operation.status, wire(second).done()) == ("succeeded", [])


def test_a_call_that_was_held_up_does_not_speak_for_one_that_was_sent_meanwhile(pair, monkeypatch):
    """Its own request is refused at last, but that of whoever looked it up was not."""
    first, second = pair
    charge_at = Sandbox.charge

    def held_up(sandbox, request):
        monkeypatch.setattr(Sandbox, "charge", charge_at)
        wire(first).tell(Mode.LOSE_ANSWER)
        due()
        services.resolve_due()
        raise NotSentError("connection refused")

    monkeypatch.setattr(Sandbox, "charge", held_up)
    operation = charge()
    assert (operation.provider, operation.status) == (first, "unknown")
    assert charge_again(operation).pk == operation.pk
    due()
    assert services.resolve_due() == 1
    operation.refresh_from_db()
    assert (operation.status, len(wire(first).done()), wire(second).done()) == ("succeeded", 1, [])


def charge_again(operation):
    return services.charge(operation.order, PRICE, "card", operation.request_key)


def test_a_decline_of_the_banks_is_final_and_one_of_the_providers_is_not(pair):
    first, second = pair
    wire(first).tell(Mode.DECLINE)
    assert charge().status == "declined"
    assert wire(second).done() == []
    wire(first).tell(Mode.UNAVAILABLE)
    assert charge().provider == second


def test_who_fails_is_left_alone_then_probed(pair):
    first, second = pair
    wire(first).tell(Mode.REFUSE, 20)
    for _ in range(20):
        assert charge().provider == second
    assert Circuit.objects.get(provider=first).state == "open"
    wire(first).tell(Mode.REFUSE)
    assert charge().attempt == 1, "the first is not even asked"
    rested()
    assert charge().provider == second, "the probe fails"
    assert Circuit.objects.get(provider=first).state == "open"
    rested()
    assert charge().provider == first, "the probe succeeds"
    assert Circuit.objects.get(provider=first).state == "closed"
    wire(first).tell(Mode.REFUSE)
    charge()
    assert Circuit.objects.get(provider=first).state == "closed", "what was before does not count"


def test_declines_do_not_count_and_unknowns_do(pair):
    first, second = pair
    Provider.objects.filter(pk=second.pk).update(is_active=False)
    wire(first).tell(Mode.DECLINE, 30)
    for _ in range(30):
        charge()
    assert not Circuit.objects.exists()
    wire(first).tell(Mode.LOSE_ANSWER, 31)
    for _ in range(31):
        charge()
    assert Circuit.objects.get().state == "open"


def test_slow_answers_count(pair):
    first, _ = pair
    operation = charge()
    HealthMetric.objects.all().delete()
    for _ in range(20):
        health.record(operation, "card", 11_000, "succeeded")
    (found,) = health.window(first.pk, "card")
    assert (found.calls, found.p95_ms, found.is_failing) == (20, 12_800, True)


def test_who_ails_is_asked_last(pair):
    first, second = pair
    operation = charge()
    for _ in range(20):
        health.record(operation, "card", 10, "not_sent" if _ % 5 == 0 else "succeeded")
    assert routing.candidates(Method.CARD, "CAD") == [second, first]
    assert routing.pick_provider(Method.CARD, "CAD") == second


def test_when_all_are_down_nothing_is_asked(pair):
    for provider in pair:
        Circuit.objects.create(
            provider=provider, method="card", state="open",
            retry_at=timezone.now() + timedelta(minutes=1),
        )  # fmt: skip
    with pytest.raises(ProvidersDownError, match="try again in 30 s"):
        charge()
    with pytest.raises(ProvidersDownError):
        routing.pick_provider(Method.CARD, "CAD")
    assert not Operation.objects.exists()


def test_of_sixteen_one_is_the_probe(lasting, open_shop):
    Circuit.objects.create(
        provider=lasting, method="card", state="open", retry_at=timezone.now(),
    )  # fmt: skip
    together = threading.Barrier(16)
    admitted = []

    def worker():
        connection.set_tenant(open_shop)
        together.wait()
        admitted.append(breaker.admit(lasting, "card"))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    probes = [one for one in admitted if one is not None]
    assert (len(admitted), len(probes)) == (16, 1)
    breaker.after_call(lasting.pk, "card", probes[0].probe, well=True)
    assert Circuit.objects.get(provider=lasting).state == "closed"
