"""Rules are taken or refused; a bucket gives as many tokens as there are."""

from __future__ import annotations

from typing import LiteralString

from weedgo.legacy.integration.checks import Check, Connection, expect, refused, value


def _rule(conn: Connection, capacity: int = 5) -> int:
    return int(
        value(
            conn,
            "INSERT INTO agi_rate_limit_rules (name, scope, capacity, refill_per_sec)"
            " VALUES ('integration check', 'user', %s, 0) RETURNING id",
            capacity,
        )
    )


def _takes_rule(conn: Connection) -> None:
    rule = _rule(conn)
    found = conn.execute(
        "SELECT enabled, mode, default_cost FROM agi_rate_limit_rules WHERE id = %s", [rule]
    ).fetchone()
    expect(found and found[:2] == (True, "enforce"), f"a new rule is {found}")


def _refuses_rules(conn: Connection) -> None:
    _rule(conn)
    refused(
        conn,
        "a second rule of that name",
        "INSERT INTO agi_rate_limit_rules (name, capacity, refill_per_sec)"
        " VALUES ('integration check', 1, 1)",
    )
    refused(
        conn,
        "a rule without capacity",
        "INSERT INTO agi_rate_limit_rules (name, capacity, refill_per_sec) VALUES ('none', 0, 1)",
    )


def _bucket_empties(conn: Connection) -> None:
    capacity = 5
    rule = _rule(conn, capacity)
    taken = sum(value(conn, _TAKE, rule, capacity - 1) is not None for _ in range(capacity + 3))
    expect(taken == capacity, f"of {capacity} tokens, {taken} could be taken")


def _function_takes(conn: Connection) -> None:
    capacity = 3
    _rule(conn, capacity)
    query: LiteralString = "SELECT rate_limit_take('integration check', 'user:42')"
    taken = sum(bool(value(conn, query)) for _ in range(capacity + 2))
    expect(taken == capacity, f"rate_limit_take gave {taken} of {capacity} tokens")


def _buckets_are_apart(conn: Connection) -> None:
    rule = _rule(conn)
    for key in (b"one", b"two"):
        conn.execute(
            "INSERT INTO agi_rate_limit_buckets (rule_id, key_hash, tokens) VALUES (%s, %s, 5)",
            [rule, key],
        )
    refused(
        conn,
        "a second bucket of one key",
        "INSERT INTO agi_rate_limit_buckets (rule_id, key_hash, tokens) VALUES (%s, %s, 5)",
        rule,
        b"one",
    )
    conn.execute("DELETE FROM agi_rate_limit_rules WHERE id = %s", [rule])
    left = value(conn, "SELECT count(*) FROM agi_rate_limit_buckets WHERE rule_id = %s", rule)
    expect(left == 0, "buckets outlive their rule")


def _violations(conn: Connection) -> None:
    rule = _rule(conn)
    for _ in range(3):
        conn.execute(
            "INSERT INTO agi_rate_limit_violations AS v (rule_id, key_hash, minute)"
            " VALUES (%s, %s, '2025-01-01 00:00+00')"
            " ON CONFLICT (rule_id, key_hash, minute) DO UPDATE SET hits = v.hits + 1",
            [rule, b"one"],
        )
    hits = value(conn, "SELECT hits FROM agi_rate_limit_violations WHERE rule_id = %s", rule)
    expect(hits == 3, f"three refusals of a minute count {hits}")


_TAKE: LiteralString = """
    INSERT INTO agi_rate_limit_buckets AS b (rule_id, key_hash, tokens) VALUES (%s, 'one', %s)
    ON CONFLICT (rule_id, shard, key_hash) DO UPDATE SET tokens = b.tokens - 1 WHERE b.tokens >= 1
    RETURNING tokens
"""
CHECKS: dict[str, Check] = {
    "agi_rate_limit_rules takes a rule": _takes_rule,
    "agi_rate_limit_rules refuses what is no rule": _refuses_rules,
    "agi_rate_limit_buckets gives as many tokens as there are": _bucket_empties,
    "rate_limit_take() gives as many tokens as there are": _function_takes,
    "agi_rate_limit_buckets keeps keys apart and goes with its rule": _buckets_are_apart,
    "agi_rate_limit_violations adds up": _violations,
}
