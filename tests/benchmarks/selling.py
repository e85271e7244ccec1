"""The seed's claims of the store: 50 tenants, a million orders and 100,000 products in one layout.

In one shared-table layout all tenants' rows are in the same tables, and each index begins with
`tenant_id`. The tables and indexes are those of the models, the queries those of the selectors.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from psycopg import sql

from tests.benchmarks import selling_queries
from tests.benchmarks.measure import TIMES, Line, Section, say
from tests.benchmarks.reserving import SCHEMA, make_tenant
from tests.benchmarks.selling_queries import SHARED, TENANTS
from tests.servers import ROOT, private_server

ROWS = Path(__file__).parents[1] / "integration" / "store" / "many_rows.sql"
# As the seed has it; the other tables are as large as the test of the indexes has them.
SIZES = {"orders": 1_000_000, "order_items": 1_000_000, "products": 100_000}
INDEXES_USED = 65
MAKE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate_schemas", "--shared", verbosity=0)
from weedgo.tenancy.models import Tenant
Tenant(schema_name=SCHEMA, name="Bench").save(verbosity=0)
"""


def standard(rounds: int) -> Section:
    """Tenant-filtered queries with and without their indexes; SKU and search; indexes used."""
    del rounds  # Each query is timed often in one run.
    with private_server("18") as server:
        url = server.create_database("bench")
        make_tenant(url, MAKE)
        say("sell: loading fifty tenants")
        with psycopg.connect(url, autocommit=True) as conn:
            _load(conn)
        say("sell: timing")
        found = _queries(url)
        version = server.version
    return _section(found, version)


def _load(conn: psycopg.Connection) -> None:
    """The tenant's tables once more, shared by all, with rows and then with indexes."""
    conn.execute(f"CREATE SCHEMA {SHARED}".encode())
    tables = [
        name
        for (name,) in conn.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace"
            " AND relname <> 'django_migrations'", [SCHEMA],
        )
    ]  # fmt: skip
    for name in tables:
        conn.execute(
            sql.SQL(
                "CREATE TABLE {} (LIKE {}"
                " INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY)"
            ).format(sql.Identifier(SHARED, name), sql.Identifier(SCHEMA, name))
        )
    conn.execute(f"SET search_path = {SHARED}, {SCHEMA}, public".encode())
    with conn.transaction():
        conn.execute("SET LOCAL synchronous_commit = off")
        conn.execute(_rows().encode())
    for (definition,) in conn.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = %s AND tablename = ANY (%s)",
        [SCHEMA, tables],
    ).fetchall():
        conn.execute(_shared(definition).encode())
    conn.execute("VACUUM ANALYZE")


def _rows() -> str:
    """The rows of the test of the indexes, spread over the tenants and in the seed's sizes."""
    text = ROWS.read_text(encoding="utf-8")
    text = text.replace("SELECT :tenant, r.", "SELECT r.tenant_id, r.")
    text = text.replace("SELECT :tenant, 't',", "SELECT 1, 't',")
    text = text.replace("SELECT :tenant", f"SELECT n % {TENANTS} + 1")
    text = text.replace("n % 20000 + 1, n % 5000 + 1, 'SKU-'", "n, n % 100000 + 1, 'SKU-'", 1)
    for table, size in SIZES.items():
        pattern = rf"(INSERT INTO {table} .*?generate_series\(1, )\d+"
        text, changed = re.subn(pattern, rf"\g<1>{size}", text, count=1, flags=re.DOTALL)
        assert changed, table
    return text.partition("SET LOCAL session_replication_role")[0]


def _shared(definition: str) -> str:
    """An index of a tenant's table, for the table that all tenants share."""
    moved = definition.replace(f" ON {SCHEMA}.", f" ON {SHARED}.").replace(" UNIQUE ", " ")
    by_id = re.search(r"USING btree \((id|reservation_key)\)", moved)
    return moved if by_id else moved.replace("USING btree (", "USING btree (tenant_id, ")


def _queries(url: str) -> dict[str, Any]:
    environment = {
        "PATH": os.defpath, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "weedgo.settings",
        "SECRET_KEY": "bench",
    }  # fmt: skip
    command = [sys.executable, "-m", selling_queries.__name__]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(done.stdout))


def _section(found: dict[str, Any], version: str) -> Section:
    ratios = sorted(
        without / with_ for with_, without in zip(found["with"], found["without"], strict=True)
    )
    count = len(found["used"])
    lines = [
        Line(
            f"{len(ratios)} tenant-filtered queries of orders and products, the median",
            "without their indexes", f"{median(found['with']):.2f} ms",
            f"{median(found['without']):.1f} ms", f"{median(ratios):.0f}{TIMES} faster",
            f"≥ 10{TIMES}", median(ratios) >= 10,
        ),
        Line("the same, from the least to the most", "", "", "",
             f"{ratios[0]:.1f}{TIMES} to {ratios[-1]:,.0f}{TIMES}"),
        *(
            _lookup(what, found[key])
            for key, what in (("sku", "look a SKU up"), ("search", "search products by words"))
        ),
        Line("indexes that the planner takes for the selectors' queries", "",
             f"{count} of {found['indexes']}", "", "", f"≥ {INDEXES_USED}", count >= INDEXES_USED),
    ]  # fmt: skip
    setting = (
        f"PostgreSQL {version}, default planner settings; {TENANTS} tenants, {SIZES['orders']:,} "
        f"orders and {SIZES['products']:,} products in one set of tables, loaded and analysed. "
        "Times are those of a client on the same machine, rows fetched."
    )
    return Section("sell", "The store's queries", setting, lines)


def _lookup(what: str, times: dict[str, float]) -> Line:
    """The server's own time counts: the client's is beside one statement that does nothing."""
    return Line(
        f"{what}, on the server", "with the client, by its clock",
        f"median {times['server']:.3f} ms, p99 {times['server_p99']:.3f} ms",
        f"median {times['client']:.2f} ms, p99 {times['client_p99']:.2f} ms; `SELECT 1`: "
        f"{times['nothing']:.2f} and {times['nothing_p99']:.2f} ms",
        "", "p99 < 1 ms", times["server_p99"] < 1,
    )  # fmt: skip
