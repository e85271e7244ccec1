"""A process's rate limits at work: changes of rules, violations, and a database that goes away."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from ratelimit import worker
from ratelimit.models import RateLimitRule, RateLimitViolation
from ratelimit.services import check
from tests.factories.ratelimit import RateLimitRuleFactory
from weedgo.databases import url_of

pytestmark = pytest.mark.django_db(transaction=True)

# The machine may be busy; what is waited for has come long before.
PATIENCE = 60


def eventually(true: Callable[[], object]) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


@pytest.fixture
def slow(settings):
    """Timeouts that a busy machine does not reach."""
    settings.RATELIMIT_STATEMENT_TIMEOUT = settings.RATELIMIT_LOCK_TIMEOUT = 30_000


@pytest.fixture
def at_work(slow) -> worker.Worker:
    """This process's worker."""
    found = worker.current()
    assert isinstance(found, worker.Worker)
    return found


def test_a_changed_rule_is_in_force_soon_without_a_restart(at_work):
    rule = RateLimitRuleFactory(name="orders", capacity=1)
    eventually(lambda: at_work.rules().knows("orders"))
    assert [check("orders", "jane").allowed for _ in range(2)] == [True, False]
    rule.mode = "shadow"
    rule.save()
    eventually(lambda: check("orders", "jane").allowed)
    rule.delete()
    eventually(lambda: check("orders", "jane").limit is None)


def test_a_missed_notification_is_made_up_for_by_polling(at_work):
    with psycopg.connect(url_of("default"), autocommit=True) as other:
        other.execute("ALTER TABLE agi_rate_limit_rules DISABLE TRIGGER USER")
        try:
            RateLimitRuleFactory(name="quiet")
        finally:
            other.execute("ALTER TABLE agi_rate_limit_rules ENABLE TRIGGER USER")
    eventually(lambda: at_work.rules().knows("quiet"))


def test_the_last_good_rules_stay_when_one_is_broken(at_work, caplog):
    RateLimitRuleFactory(name="orders", capacity=1)
    eventually(lambda: at_work.rules().knows("orders"))
    before = at_work.rules()
    with psycopg.connect(url_of("default"), autocommit=True) as other:
        # The database refuses it; here somebody went past that.
        constraint = "agi_rate_limit_rules_key_template_check"
        other.execute(f"ALTER TABLE agi_rate_limit_rules DROP CONSTRAINT {constraint}")
        try:
            RateLimitRule.objects.create(
                name="bad", capacity=1, refill_per_sec=1, key_template="{nobody}"
            )
            eventually(lambda: "the last good rate limits stay" in caplog.text)
            assert at_work.rules() is before
            assert "'bad'" in caplog.text
            assert "{nobody}" in caplog.text
            RateLimitRule.objects.filter(name="bad").update(key_template="{user}")
            eventually(lambda: at_work.rules().knows("bad"))
        finally:
            RateLimitRule.objects.filter(name="bad").delete()
            other.execute(
                f"ALTER TABLE agi_rate_limit_rules ADD CONSTRAINT {constraint}"
                " CHECK (key_template ~ '^([^{}]|\\{(tenant|user|ip|key|method|route|path)\\})*$')"
            )


def test_violations_are_written_down(at_work):
    RateLimitRuleFactory(name="orders", capacity=1)
    eventually(lambda: at_work.rules().knows("orders"))
    for _ in range(4):
        check("orders", "jane")
    eventually(RateLimitViolation.objects.exists)
    eventually(lambda: sum(v.hits for v in RateLimitViolation.objects.all()) == 3)


def test_violations_of_the_last_second_outlive_the_end(at_work):
    RateLimitRuleFactory(name="orders", capacity=1)
    eventually(lambda: at_work.rules().knows("orders"))
    for _ in range(3):
        check("orders", "jane")
    worker.stop()
    assert sum(v.hits for v in RateLimitViolation.objects.all()) == 2


def test_violations_of_a_rule_that_is_gone_spoil_no_others(at_work):
    gone, kept = RateLimitRuleFactory(capacity=1), RateLimitRuleFactory(capacity=1)
    eventually(lambda: at_work.rules().knows(kept.name))
    for rule in (gone, kept):
        check(rule.name, "jane")
        check(rule.name, "jane")
    gone.delete()
    eventually(RateLimitViolation.objects.exists)
    assert {v.rule_id for v in RateLimitViolation.objects.all()} == {kept.pk}


def test_a_bucket_that_others_hold_is_not_waited_for(settings):
    settings.RATELIMIT_STATEMENT_TIMEOUT = 30_000
    opened, closed = RateLimitRuleFactory(), RateLimitRuleFactory(fail_policy="closed")
    limits = worker.current()
    eventually(lambda: limits.rules().knows(closed.name))
    for rule in (opened, closed):
        check(rule.name, "jane")
    with psycopg.connect(url_of("default")) as other:
        other.execute("SELECT FROM agi_rate_limit_buckets FOR UPDATE")
        answers = [check(rule.name, "jane") for rule in (opened, closed)]
        assert [answer.allowed for answer in answers] == [True, False]
        assert all(answer.unavailable for answer in answers)
        # The database is well: other keys are counted as ever.
        assert not limits.breaker.open
    assert check(closed.name, "joe").remaining == 4


def test_in_a_transaction_a_rollback_hands_no_tokens_back(at_work):
    from django.db import transaction

    rule = RateLimitRuleFactory(capacity=3)
    eventually(lambda: at_work.rules().knows(rule.name))
    with transaction.atomic():
        check(rule.name, "jane")
        transaction.set_rollback(True)
    assert check(rule.name, "jane").remaining == 1


def test_threads_get_exactly_the_limit(at_work):
    rule = RateLimitRuleFactory(capacity=50, fail_policy="closed")
    eventually(lambda: at_work.rules().knows(rule.name))
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: check(rule.name, "hot"), range(120)))
    assert not any(answer.unavailable for answer in answers)
    assert sum(answer.allowed for answer in answers) == 50


@pytest.fixture
def own_server(db_of_rules) -> Iterator[tuple[object, worker.Worker]]:
    """A server that may be stopped, with rules, and a worker on it."""
    server, url = db_of_rules
    made = worker.Worker(url)
    made.start()
    before = worker.use(made)
    yield server, made
    worker.use(before)
    made.stop()


def test_without_the_database_each_rule_does_as_it_says_and_it_comes_back(slow, own_server, caplog):
    server, limits = own_server
    eventually(lambda: not check("closed", "jane").unavailable)
    for _ in range(3):
        check("closed", "hot")
    server.cluster.stop("immediate")
    eventually(lambda: limits.breaker.open)
    began = time.perf_counter()
    opened = [check("open", "jane") for _ in range(30)]
    closed = [check("closed", "jane") for _ in range(30)]
    took = time.perf_counter() - began
    assert all(answer.allowed and answer.unavailable for answer in opened)
    assert not any(answer.allowed for answer in closed)
    assert all(0 < answer.retry_after < math.inf for answer in closed)
    assert [check("local", "jane").allowed for _ in range(3)] == [True, True, False]
    # Nobody waits for a server that is gone: 60 calls in less than one would be allowed each.
    assert took < 60 * 0.06
    assert caplog.text.count("rate limits cannot be read") == 1
    held = len(limits.gatherer)
    assert held > 0
    # On the port that it had.
    server.cluster._make_socket_folder()
    assert server.cluster._pg_ctl("start", "-w", "-l", server.cluster._log()) is None
    eventually(lambda: not check("closed", "joe").unavailable)
    assert "rate limits are read again" in caplog.text
    with psycopg.connect(limits._url, autocommit=True) as again:
        query = "SELECT coalesce(sum(hits), 0) FROM agi_rate_limit_violations"
        eventually(lambda: again.execute(query).fetchone()[0] >= held)


def test_a_call_to_a_server_that_says_nothing_ends_in_time(own_server, settings):
    import os
    import signal

    server, _ = own_server
    eventually(lambda: not check("closed", "jane").unavailable)
    with psycopg.connect(server.database_url("postgres")) as other:
        backends = other.execute(
            "SELECT array_agg(pid) FROM pg_stat_activity WHERE application_name = %s",
            ["weedgo rate limits"],
        ).fetchone()
    for pid in backends[0]:
        os.kill(pid, signal.SIGSTOP)
    try:
        answers = [check("closed", "jane"), check("open", "jane")]
        assert [answer.allowed for answer in answers] == [False, True]
    finally:
        for pid in backends[0]:
            os.kill(pid, signal.SIGCONT)
    eventually(lambda: not check("closed", "jane").unavailable)
