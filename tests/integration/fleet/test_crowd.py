"""A crowd: requests of many tenants at once, each of which must read its own row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests import pgbouncer
from tests.project import ROOT

TENANTS, WORKERS = 50, 16
WAYS = {
    "pool": ("wsgi", {"DATABASE_POOL": "6"}),
    "threads": ("wsgi", {"FLEET_CONN_MAX_AGE": "600"}),
    "asgi": ("asgi", {"DATABASE_POOL": "6"}),
    "pgbouncer": ("wsgi", {"TRANSACTION_POOLER": "1", "FLEET_CONN_MAX_AGE": "600"}),
}


@pytest.fixture
def site(fleet, pg18) -> Iterator[dict[str, str]]:
    """The environment of a site of tenants with one label each, its log-in the application's."""
    login = f"{urlsplit(fleet.url).path.lstrip('/')}_app"
    with psycopg.connect(fleet.url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(login)))
        for schema in fleet.schemas(conn):
            table = sql.Identifier(schema, "labels")
            conn.execute(sql.SQL("INSERT INTO {} (text) VALUES ({})").format(table, schema))
        conn.execute("SELECT public.weedgo_isolate(%s)", [login])
        (number,) = conn.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    application = fleet.url.replace("postgres@", f"{login}@")
    yield {
        **fleet.environment,
        "DATABASE_URL": application,
        "MIGRATION_DATABASE_URL": fleet.url,
    }
    pg18.drop_database(fleet.url)
    with psycopg.connect(pg18.url, autocommit=True) as conn:
        roles = conn.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"weedgo_{number}_tenant_%"]
        ).fetchall()
        for role in (*(name for (name,) in roles), login):
            conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


@pytest.mark.parametrize("fleet", [TENANTS], indirect=True)
@pytest.mark.parametrize("requests", [160, pytest.param(2000, marks=pytest.mark.soak)])
def test_a_crowd_of_requests_reads_its_own_rows_only(site, requests):
    if not pgbouncer.PROGRAM.exists():
        pytest.skip("pgbouncer is not installed: run tests/install_servers.sh")
    found = {}
    with pgbouncer.pooled(site["DATABASE_URL"]) as through:
        for name, (way, more) in WAYS.items():
            url = through if name == "pgbouncer" else site["DATABASE_URL"]
            found[name] = crowd({**site, **more, "DATABASE_URL": url}, way, requests)
    expected = {"answered": requests, "wrong": []}
    assert found == dict.fromkeys(WAYS, expected)


def crowd(environment: dict[str, str], way: str, requests: int) -> dict:
    """What so many requests of all workers together read."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fleet.crowd", way, str(WORKERS), str(requests)],
        cwd=ROOT, env={"PATH": os.defpath, **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
