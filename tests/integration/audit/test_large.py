"""The admin over a million entries, and over ten million (`make soak`): it reads few of them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.integration.audit.log import run

LOG = "/admin/audit/auditlog/"
REQUEST = uuid.UUID("00000000-0000-4000-8000-000000000007")
# Of entries, that the statements of one page may look at: a few pages' worth.
READ = 10_000
# In a partition of its own without indexes, which come when it is full: ten times as fast.
FILL = """
    INSERT INTO large (
        occurred_at, epoch, tenant, category, severity, outcome, event_type, actor_type, actor_id,
        actor_label, request_id, ip, op, target_table, target_pk, changes, id, xid)
    SELECT clock_timestamp() - (%(rows)s - n) * least(
               interval '6 days', clock_timestamp() - date_trunc('month', now(), 'UTC')) / %(rows)s,
           0, CASE WHEN n %% 50000 = 7 THEN 'queen' ELSE 'shop' || n %% 50 END,
           CASE WHEN n %% 100000 = 7 THEN 'security' ELSE 'data' END,
           CASE WHEN n %% 200000 = 7 THEN 'critical' ELSE 'info' END,
           CASE WHEN n %% 10000 = 7 THEN 'denied' ELSE 'success' END,
           CASE WHEN n %% 100000 = 7 THEN 'rare.event' WHEN n %% 3 = 0 THEN 'row.inserted'
                ELSE 'row.updated' END,
           'user', (n %% 10000)::text, 'clerk' || n %% 10000,
           CASE WHEN n %% 250000 = 7 THEN %(request)s ELSE gen_random_uuid() END,
           ('10.' || n %% 200 || '.' || n %% 251 || '.' || n %% 241)::inet, 'UPDATE', 'products',
           n::text, '{"price": [1, 2]}', nextval('agi_audit_logs_id_seq'), pg_current_xact_id()
      FROM generate_series(1, %(rows)s) AS n
"""
PAGES: dict[str, dict[str, str]] = {
    "the list": {},
    "all times": {"period": "all"},
    "a type that is rare": {"event_type": "rare.event", "period": "all"},
    "a type that is frequent": {"event_type": "row.updated"},
    "severity": {"severity__exact": "critical", "period": "all"},
    "outcome": {"outcome__exact": "denied"},
    "category": {"category__exact": "security", "period": "all"},
    "a tenant": {"tenant": "queen", "period": "all"},
    "a type that is not there": {"event_type": "no.such", "period": "all"},
    "by key": {"q": "123456", "period": "all"},
    "by actor": {"q": "clerk4711", "period": "all"},
    "by request": {"q": str(REQUEST), "period": "all"},
    "by address": {"q": "10.7.7.7", "period": "all"},
    "by a word that is not there": {"q": "nobody", "period": "all"},
    "a row's history": {"target_table": "products", "target_pk": "77", "period": "all"},
}


@pytest.fixture(params=[1_000_000, pytest.param(10_000_000, marks=pytest.mark.soak)])
def rows(request: pytest.FixtureRequest, operator: Client) -> int:
    """Fill this month's partition of the log with so many entries."""
    [(name, bounds)] = run(
        "SELECT c.oid::regclass::text, pg_get_expr(c.relpartbound, c.oid) FROM pg_class AS c"
        " JOIN pg_inherits AS i ON i.inhrelid = c.oid"
        " WHERE i.inhparent = 'agi_audit_logs'::regclass"
        " AND c.relname = 'agi_audit_logs_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')"
    )
    # What the test has written so far has triggers to run before a table is altered.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("CREATE TABLE large (LIKE agi_audit_logs INCLUDING DEFAULTS)")
    run(f"INSERT INTO large SELECT * FROM {name}")
    run(FILL.replace("%(rows)s", str(request.param)).replace("%(request)s", f"'{REQUEST}'::uuid")
        .replace("%%", "%"))  # fmt: skip
    run(f"ALTER TABLE agi_audit_logs DETACH PARTITION {name}")
    run(f"ALTER TABLE agi_audit_logs ATTACH PARTITION large {bounds}")
    run("ANALYZE agi_audit_logs")
    return request.param


def test_no_page_reads_much_of_the_log(rows: int, operator: Client):
    for page, query in PAGES.items():
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as asked:
            shown = operator.get(LOG, query)
        took = time.perf_counter() - began
        assert shown.status_code == 200, page
        read = sum(entries_read(one["sql"]) for one in asked if "agi_audit_logs" in one["sql"])
        assert read <= READ, f"{page}: {read:,} entries were read"
        if rows > 1_000_000:
            assert took < 1, f"{page}: {took:.2f} s"


def entries_read(query: str) -> int:
    """Return how many entries of the log a query looks at, those that it leaves out too."""
    if not query.lstrip().upper().startswith(("SELECT", "WITH")):
        return 0
    assert "COUNT(*)" not in query.upper(), query
    [(plan,)] = run("EXPLAIN (ANALYZE, FORMAT JSON) " + query)
    found = json.loads(plan) if isinstance(plan, str) else plan
    return sum(
        int(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
             + node.get("Rows Removed by Index Recheck", 0)) * node["Actual Loops"]
        )
        for node in nodes(found[0]["Plan"])
        if "Scan" in node["Node Type"]
        and (node.get("Relation Name", "").startswith(("large", "agi_audit_logs")))
    )  # fmt: skip


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
