"""What limits must survive: a crash and a million keys; and how exactly they refill meanwhile."""

from __future__ import annotations

import psycopg
import pytest

from ratelimit import cleaning
from ratelimit.keys import hash_of
from tests.factories.ratelimit import RateLimitRuleFactory
from tests.servers import Server
from weedgo.databases import url_of

TAKE = (
    "SELECT taken, extract(epoch FROM clock_timestamp())::float8 FROM agi_rate_limit_take_all("
    "ARRAY[%s::bigint], ARRAY[%s::bytea], ARRAY[1::float8], ARRAY[NULL])"
)


def take(conn: psycopg.Connection, rule: int, key: str = "jane") -> tuple[bool, float]:
    row = conn.execute(TAKE, [rule, hash_of(key)]).fetchone()
    assert row is not None
    return row


@pytest.mark.django_db(transaction=True)
def test_in_three_seconds_as_much_comes_back_as_the_rule_says():
    """100, and 50 a second: to a hundredth, by the clock of the database."""
    rule = RateLimitRuleFactory(capacity=100, refill_per_sec=50)
    with psycopg.connect(url_of("default"), autocommit=True) as conn:
        taken, began = take(conn, rule.pk)
        admitted, now = int(taken), began
        while now < began + 3:
            taken, now = take(conn, rule.pk)
            admitted += taken
    expected = 100 + 50 * (now - began)
    assert abs(admitted - expected) <= 1 + 0.01 * expected


@pytest.mark.django_db(transaction=True)
def test_a_crash_empties_what_is_not_logged_and_limits_work_again(db_of_rules):
    server, url = db_of_rules
    counts = (
        "SELECT (SELECT count(*) FROM agi_rate_limit_buckets),"
        " (SELECT count(*) FROM agi_rate_limit_buckets_logged)"
    )
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("SET synchronous_commit = on")
        conn.execute("UPDATE agi_rate_limit_rules SET durable = true WHERE name = 'closed'")
        rules = dict(conn.execute("SELECT name, id FROM agi_rate_limit_rules").fetchall())
        for name in ("open", "closed"):
            assert [take(conn, rules[name])[0] for _ in range(3)] == [True, True, False]
        assert conn.execute(counts).fetchone() == (1, 1)
    crash(server)
    with psycopg.connect(url, autocommit=True) as conn:
        assert conn.execute(counts).fetchone() == (0, 1)
        # The log-in's limit has forgotten nothing, and the other begins anew.
        assert [take(conn, rules["closed"])[0] for _ in range(2)] == [False, False]
        assert [take(conn, rules["open"])[0] for _ in range(3)] == [True, True, False]


def crash(server: Server) -> None:
    """Stop a server at once and start it on the port that it had."""
    server.cluster.stop("immediate")
    server.cluster._make_socket_folder()
    assert server.cluster._pg_ctl("start", "-w", "-l", server.cluster._log()) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys", [100_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_among_many_keys_one_is_found_and_the_full_ones_go(keys):
    rule = RateLimitRuleFactory(capacity=5, refill_per_sec=0)
    with psycopg.connect(url_of("default"), autocommit=True) as conn:
        conn.execute(
            "INSERT INTO agi_rate_limit_buckets (rule_id, shard, key_hash, tokens, updated_at)"
            " SELECT %s, 0, uuid_send(gen_random_uuid()), 5, clock_timestamp()"
            " FROM generate_series(1, %s)",
            [rule.pk, keys],
        )
        conn.execute("VACUUM ANALYZE agi_rate_limit_buckets")
        before = scans(conn)
        assert [take(conn, rule.pk)[0] for _ in range(6)] == [True] * 5 + [False]
        assert scans(conn) == before
        assert cleaning.tidy(conn, 30, batch=50_000).buckets == keys
        assert conn.execute("SELECT count(*) FROM agi_rate_limit_buckets").fetchone() == (1,)


def scans(conn: psycopg.Connection) -> int:
    """How often the buckets were read from end to end, by this session too."""
    conn.execute("SELECT pg_stat_force_next_flush()")
    row = conn.execute(
        "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'agi_rate_limit_buckets'"
    ).fetchone()
    assert row is not None
    return row[0]
