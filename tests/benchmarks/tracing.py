"""Tracing a lot forward and an order backward, among a million movements."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import psycopg

from tests.benchmarks.measure import Line, Section, say
from tests.benchmarks.reserving import SCHEMA, make_tenant
from tests.benchmarks.selling import MAKE
from tests.servers import ROOT, private_server

MOVEMENTS = 1_000_000
LIMIT = 100
FILL = Path(__file__).with_name("million_movements.sql")
TRACE = """
import json, time
import django
django.setup()
from django.db import connection
connection.set_schema(SCHEMA)
from inventory import selectors
from weedgo.store.models import Order
forward, backward = [], []
selectors.trace("SKU-0001", "LOT0").orders()
for number in range(1, 201):
    began = time.perf_counter()
    trace = selectors.trace(f"SKU-{number:04}", f"LOT{number % 4}")
    trace.orders()
    forward.append(1000 * (time.perf_counter() - began))
    assert len(trace.sales) == 100 and len(trace.locations) == 5, trace.units
    order = Order.objects.get(order_number=f"W{number * 500 % 100_000}")
    began = time.perf_counter()
    origins = selectors.trace_order(order)
    backward.append(1000 * (time.perf_counter() - began))
    assert origins and all(origin.receipts for origin in origins)
print(json.dumps({"forward": forward, "backward": backward}))
"""


def standard(rounds: int) -> Section:
    """200 lots and 200 orders."""
    del rounds
    with private_server("18") as server:
        url = server.create_database("bench")
        make_tenant(url, MAKE)
        say("trace: loading a million movements")
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(f"SET search_path = {SCHEMA}, public".encode())
            for statement in filter(str.strip, FILL.read_text(encoding="utf-8").split(";\n")):
                conn.execute(statement.encode())
            conn.execute("VACUUM ANALYZE")
            count = conn.execute("SELECT count(*) FROM inventory_movements").fetchone()
        assert count == (MOVEMENTS,)
        found = _traces(url)
        version = server.version
    shown = partial(_shown, found)
    setting = (
        f"PostgreSQL {version}, {MOVEMENTS:,} movements of 2,000 lots; forward: receipts, places, "
        "reservations, 100 sales with orders and customers; backward: an order's lots and receipts."
    )
    return Section("trace", "Tracing a lot", setting, [
        shown("forward", "a lot's receipts, places, reservations, sales"),
        shown("backward", "an order's lots and their receipts"),
    ])  # fmt: skip


def _traces(url: str) -> dict[str, list[float]]:
    environment = {
        "PATH": os.defpath, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "weedgo.settings",
        "SECRET_KEY": "bench",
    }  # fmt: skip
    command = [sys.executable, "-c", TRACE.replace("SCHEMA", repr(SCHEMA))]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(done.stdout))


def _shown(found: dict[str, list[float]], way: str, what: str) -> Line:
    times = sorted(found[way])
    most, middle = times[-1], times[len(times) // 2]
    return Line(what, "", f"median {middle:.1f} ms, at most {most:.1f} ms", "", "",
                f"< {LIMIT} ms", most < LIMIT)  # fmt: skip
