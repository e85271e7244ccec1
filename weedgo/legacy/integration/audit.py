"""The audit log takes events and keeps them; sums and alerts join what is alike."""

from __future__ import annotations

from typing import LiteralString

from weedgo.legacy.integration.checks import Check, Connection, expect, refused, value


def _takes_event(conn: Connection) -> None:
    event = value(conn, _EVENT)
    found = conn.execute(
        "SELECT occurred_at IS NOT NULL, changes ->> 'status' FROM agi_audit_logs"
        " WHERE target_table = 'orders' AND target_pk = '1' AND id = %s",
        [event],
    ).fetchone()
    expect(found == (True, "paid"), f"the event is read back as {found}")


def _takes_many_events(conn: Connection) -> None:
    before = value(conn, "SELECT count(*) FROM agi_audit_logs")
    conn.execute(
        "INSERT INTO agi_audit_logs (tenant, event_type, actor_id, severity)"
        " SELECT 'tenant' || n %% 3, 'bulk.checked', n::text, 'info'"
        " FROM generate_series(1, %s) n",
        [1000],
    )
    added = value(conn, "SELECT count(*) FROM agi_audit_logs") - before
    expect(added == 1000, f"of 1000 events, {added} stand")


def _keeps_events(conn: Connection) -> None:
    event = value(conn, _EVENT)
    refused(
        conn, "changing an event", "UPDATE agi_audit_logs SET actor_id = 'x' WHERE id = %s", event
    )
    refused(conn, "deleting an event", "DELETE FROM agi_audit_logs WHERE id = %s", event)


_WRITES = "to_regprocedure('public.agi_audit_record(jsonb, name)') IS NOT NULL"


def _refuses_severity(conn: Connection) -> None:
    """By the function through which all that may write does so, where the log has one."""
    query: LiteralString = (
        "INSERT INTO agi_audit_logs (event_type, severity) VALUES ('checked', 'dreadful')"
    )
    if value(conn, f"SELECT {_WRITES}"):
        query = (
            "SELECT public.agi_audit_record("
            """'[{"event_type": "checked", "severity": "dreadful"}]'::jsonb)"""
        )
    refused(conn, "a severity that there is not", query)


def _aggregates(conn: Connection) -> None:
    for _ in range(2):
        conn.execute(
            "INSERT INTO agi_audit_aggregates AS a (bucket_start, event_type, count, max_ms)"
            " VALUES ('2025-01-01 00:00+00', 'integration.check', 3, 20)"
            " ON CONFLICT (bucket_start, grain, tenant, event_type, dim, dim_value)"
            " DO UPDATE SET count = a.count + excluded.count"
        )
    count = value(
        conn, "SELECT count FROM agi_audit_aggregates WHERE event_type = 'integration.check'"
    )
    expect(count == 6, f"two batches of three count {count}")


def _alerts(conn: Connection) -> None:
    for _ in range(2):
        conn.execute(
            "INSERT INTO agi_audit_alerts AS a (rule_key, dedup_key) VALUES ('check', 'check:1')"
            " ON CONFLICT (dedup_key) WHERE state <> 'resolved'"
            " DO UPDATE SET occurrences = a.occurrences + 1"
        )
    found = conn.execute(
        "SELECT occurrences, state FROM agi_audit_alerts WHERE dedup_key = 'check:1'"
    ).fetchall()
    expect(found == [(2, "open")], f"two of one kind are {found}")


_EVENT: LiteralString = """
    INSERT INTO agi_audit_logs (tenant, category, event_type, actor_type, actor_id, op,
                                target_table, target_pk, changes, rows_affected)
    VALUES ('public', 'data', 'orders.update', 'user', '42', 'UPDATE', 'orders', '1',
            '{"status": "paid"}', 1)
    RETURNING id
"""
CHECKS: dict[str, Check] = {
    "agi_audit_logs takes an event": _takes_event,
    "agi_audit_logs takes a thousand events": _takes_many_events,
    "agi_audit_logs keeps its events": _keeps_events,
    "agi_audit_logs refuses an unknown severity": _refuses_severity,
    "agi_audit_aggregates adds up": _aggregates,
    "agi_audit_alerts joins what is alike": _alerts,
}
