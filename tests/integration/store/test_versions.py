"""A tenant is made by its migrations on each version of PostgreSQL that we support."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import servers
from weedgo.store.models import Product

ROOT = Path(__file__).parents[3]
MAKE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate_schemas", "--shared", verbosity=0)
from weedgo.tenancy.models import Tenant
tenant = Tenant(schema_name="corner", name="Corner")
tenant.save(verbosity=0)
from django.db import connection
connection.set_tenant(tenant)
from uuid import uuid4
from inventory import services
from inventory.factories import StockFactory
stock = StockFactory()
key = uuid4()
services.reserve(key, stock.location, [services.Line(stock.sku, 3)])
services.commit(key)
connection.close()
call_command("pgtrigger", "ls", "--schema", "corner")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "any_server",
    [
        version if version == "15" else pytest.param(version, marks=pytest.mark.soak)
        for version in servers.VERSIONS
    ],
    indirect=True,
)
def test_a_tenant_works(any_server, database):
    url = database(any_server)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MAKE],
        cwd=ROOT,
        env={
            "PATH": os.defpath,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "weedgo.settings",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = re.sub(r"\x1b\[[0-9]+m", "", done.stdout).splitlines()
    states = [line.split() for line in shown if re.search(r"\b(store|inventory|payments)\.", line)]
    assert {(state, enabled) for state, enabled, _ in states} == {("INSTALLED", "ENABLED")}
    assert len(states) > 100
    table = sql.Identifier("corner", Product._meta.db_table)
    with psycopg.connect(url) as conn:
        count = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
        moved = conn.execute(
            "SELECT movement_type, quantity_delta FROM corner.inventory_movements ORDER BY seq"
        ).fetchall()
    assert count == (1,)
    assert moved == [("direct_write", 100), ("reserve", 0), ("sale", -3)]
