"""The pages of the admin over a million rows each, and the home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import psycopg

from tests.benchmarks.measure import Line, Section, say
from tests.benchmarks.reserving import SCHEMA, make_tenant
from tests.benchmarks.selling import MAKE
from tests.benchmarks.tracing import FILL
from tests.servers import ROOT, private_server

LIMIT = 1.0
MILLIONS = Path(__file__).with_name("million_pages.sql")
PAGES = {
    "localhost": (
        "", "audit/auditlog/", "audit/auditlog/?period=all", "audit/auditlog/?event_type=event.7",
        "audit/auditlog/?q=77", "audit/auditaggregate/", "audit/auditalert/",
        "audit/auditalert/?state__exact=open", "ratelimit/ratelimitviolation/",
        "ratelimit/ratelimitviolation/?period=all", "ratelimit/ratelimitviolation/?q=192.0.2.7",
        "ratelimit/ratelimitbucket/", "ratelimit/ratelimitrule/",
    ),
    "bench.localhost": (
        "", "store/order/", "store/order/?q=M4711", "store/order/?status__exact=completed",
        "inventory/stock/", "inventory/stock/availability/", "inventory/stock/movements/",
        "inventory/stock/movements/?sku=SKU-0007", "inventory/reservation/",
        "payments/transaction/", "payments/operation/", "payments/operation/?q=M4711",
        "payments/webhookevent/", "payments/webhookevent/?q=evt_4711", "payments/healthmetric/",
        "payments/provider/health/", "payments/dispute/", "payments/discrepancy/",
    ),
}  # fmt: skip
VISIT = """
import json, os, sys, time
import django
django.setup()
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from weedgo.tenancy.models import Domain, Tenant
settings.RATELIMIT_ENABLED = False
public, _ = Tenant.objects.get_or_create(schema_name="public", defaults={"name": "Platform"})
Domain.objects.get_or_create(domain="localhost", defaults={"tenant": public})
bench = Tenant.objects.get(schema_name=SCHEMA)
Domain.objects.get_or_create(domain="bench.localhost", defaults={"tenant": bench})
user = get_user_model().objects.create_superuser("bench")
found = {}
pages, rounds = json.loads(sys.argv[1]), int(sys.argv[2])
for host, paths in pages.items():
    client = Client(headers={"host": host})
    client.force_login(user)
    for path in paths:
        times, queries = [], 0
        for number in range(rounds + 1):
            with CaptureQueriesContext(connection) as asked:
                began = time.perf_counter()
                answer = client.get(f"/admin/{path}", follow=True)
                took = time.perf_counter() - began
            assert answer.status_code == 200, (path, answer.status_code)
            queries = len(asked)
            if number:
                times.append(took)
        slowest = max(asked.captured_queries, key=lambda one: float(one["time"]))
        found[f"{host}/admin/{path}"] = [times, queries, slowest["time"], slowest["sql"][:600]]
print(json.dumps(found))
"""


def standard(rounds: int) -> Section:
    """Each page so many times, after one that does not count."""
    with private_server("18") as server:
        url = server.create_database("bench")
        make_tenant(url, MAKE)
        say("pages: loading millions of rows")
        load(url)
        say("pages: opening them")
        found = visit(url, rounds)
        version = server.version
    lines = [
        Line(name.replace("bench.localhost", "shop").replace("localhost", "platform"), "a second",
             f"{median(times):.3f} s, {queries} queries", f"{LIMIT:.0f} s",
             f"{median(times) / LIMIT:.2f}", "at most a second", median(times) <= LIMIT)
        for name, (times, queries, _, _) in found.items()
    ]  # fmt: skip
    setting = (
        f"PostgreSQL {version}. A million rows each: audit log, its sums, violations, buckets, "
        "orders, payments, operations, webhook events, movements of stock; by Django's client."
    )
    return Section("pages", "Pages of the admin over a million rows", setting, lines)


def load(url: str) -> None:
    """A million rows behind each page."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"SET search_path = {SCHEMA}, public".encode())
        conn.execute(_TRIGGERS.format("DISABLE").encode())
        for file in (FILL, MILLIONS):
            for statement in filter(str.strip, file.read_text(encoding="utf-8").split(";\n")):
                conn.execute(statement.encode())
        conn.execute("RESET session_replication_role")
        conn.execute("VACUUM ANALYZE")


# Audit triggers fire whatever a session sets; only who owns a table takes them off.
_TRIGGERS = f"""
DO $$ DECLARE one regclass; BEGIN
    FOR one IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', '{SCHEMA}') AND c.relkind IN ('r', 'p') AND c.relhastriggers
    LOOP EXECUTE format('ALTER TABLE %s {{}} TRIGGER USER', one); END LOOP;
END $$
"""


def visit(url: str, rounds: int) -> dict[str, tuple[list[float], int, str, str]]:
    """Seconds, queries and the slowest statement, by page."""
    environment = {
        "PATH": os.defpath, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "weedgo.settings",
        "PYTHONPATH": str(ROOT), "SECRET_KEY": "bench", "AUDIT_REQUESTS": "none",
    }  # fmt: skip
    script = VISIT.replace("SCHEMA", repr(SCHEMA))
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(PAGES), str(rounds)],
        cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)
