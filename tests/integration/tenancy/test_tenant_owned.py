"""Rows that belong to a tenant: who fills in the tenant, and who guards it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.servers import Server

ROOT = Path(__file__).parent.parent.parent.parent
TENANTS = """
    INSERT INTO tenancy_tenant (schema_name, name, created_at)
    VALUES ('queen', 'Queen', now()), ('king', 'King', now());
    CREATE SCHEMA queen;
    CREATE SCHEMA king;
    CREATE SCHEMA stray;
"""
# What migrations make of tests.testapp's Basket, in a schema.
INSERT = "INSERT INTO baskets (content) VALUES ('plums') RETURNING tenant_id"


def manage(url: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.defpath,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.testapp.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def migrated(pg18: Server) -> Iterator[str]:
    """A database of two tenants with their tables."""
    url = pg18.create_database("owned")
    manage(url, "migrate_schemas", "--shared")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TENANTS)
    manage(url, "migrate_schemas")
    yield url
    pg18.drop_database(url)


@pytest.fixture
def queen(migrated: str) -> Iterator[psycopg.Connection]:
    """A connection in the schema of the tenant Queen; what is written is rolled back."""
    with psycopg.connect(migrated) as connection:
        connection.execute("SET search_path = queen, public")
        yield connection
        connection.rollback()


def tenant(connection: psycopg.Connection, schema: str) -> int:
    row = connection.execute("SELECT id FROM tenancy_tenant WHERE schema_name = %s", [schema])
    return row.fetchone()[0]


def test_the_database_fills_in_the_tenant_of_the_schema(queen):
    assert queen.execute(INSERT).fetchone() == (tenant(queen, "queen"),)


def test_the_setting_says_the_tenant_too(queen):
    queen.execute("SELECT set_config('weedgo.tenant', %s, true)", [str(tenant(queen, "queen"))])
    assert queen.execute(INSERT).fetchone() == (tenant(queen, "queen"),)


@pytest.mark.parametrize(
    "write",
    [
        "INSERT INTO baskets (content, tenant_id) VALUES ('plums', {king})",
        "INSERT INTO baskets (content, tenant_id) VALUES ('plums', NULL)",
        "INSERT INTO king.baskets (content) VALUES ('plums')",
        "UPDATE baskets SET tenant_id = {king}",
        "UPDATE baskets SET tenant_id = NULL",
        "SELECT set_config('weedgo.tenant', '{king}', true); " + INSERT,
        "SET LOCAL pgtrigger.ignore = '{{{ids}}}'; UPDATE baskets SET tenant_id = {king}",
        "COPY baskets (content, tenant_id) FROM PROGRAM 'echo plums,{king}' WITH (FORMAT csv)",
    ],
)
def test_rows_of_another_tenant_are_refused(queen, write):
    queen.execute(INSERT)
    names = queen.execute("SELECT string_agg(tgname, ',') FROM pg_trigger WHERE NOT tgisinternal")
    write = write.format(king=tenant(queen, "king"), ids=names.fetchone()[0])
    with pytest.raises(errors.InsufficientPrivilege, match="belong to tenant"):
        queen.execute(write)


def test_a_schema_that_no_tenant_owns_takes_no_rows(queen):
    queen.execute("ALTER TABLE queen.baskets SET SCHEMA stray")
    queen.execute("SET search_path = stray, public")
    with pytest.raises(errors.InsufficientPrivilege, match="no tenant owns rows of stray"):
        queen.execute(INSERT)


def test_a_lookalike_in_the_callers_path_is_not_asked(queen):
    queen.execute(
        "CREATE TEMP TABLE tenancy_tenant AS SELECT 7::bigint AS id, 'queen'::text AS schema_name"
    )
    expected = queen.execute("SELECT id FROM public.tenancy_tenant WHERE schema_name = 'queen'")
    assert queen.execute(INSERT).fetchone() == expected.fetchone()


def test_updated_at_follows_every_change(queen):
    queen.execute(INSERT)
    queen.execute("UPDATE baskets SET created_at = '2020-01-01', updated_at = '2020-01-01'")
    times = "SELECT created_at = '2020-01-01', updated_at = statement_timestamp() FROM baskets"
    # The update's statement and this one are two.
    times = times.replace("statement_timestamp()", "%s")
    stamped = queen.execute("UPDATE baskets SET content = 'x' RETURNING statement_timestamp()")
    assert queen.execute(times, [stamped.fetchone()[0]]).fetchone() == (True, True)


def test_triggers_are_installed_once_and_share_their_functions(migrated):
    names = [f"testapp.Basket:{name}" for name in ("guard_tenant", "touch")]
    listed = manage(migrated, "tenant_command", "pgtrigger", "ls", *names, "--schema=queen")
    assert listed.count("mINSTALLED") == len(names), listed
    with psycopg.connect(migrated) as connection:
        functions = connection.execute(
            "SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger"
            " JOIN pg_class c ON c.oid = tgrelid WHERE relname = 'baskets' ORDER BY 1"
        ).fetchall()
    assert functions == [("weedgo_guard_tenant()",), ("weedgo_touch()",)]


def test_functions_are_pinned_and_not_for_everybody(migrated):
    with psycopg.connect(migrated) as connection:
        functions = connection.execute(
            "SELECT proname, proconfig, has_function_privilege('public', oid, 'EXECUTE'),"
            " prosqlbody IS NOT NULL FROM pg_proc WHERE proname ~ '^(weedgo|agi|rate)_'"
            " AND pronamespace = 'public'::regnamespace"
        ).fetchall()
    assert functions
    for name, settings, public, bound_when_made in functions:
        assert bound_when_made or settings[0] == "search_path=pg_catalog, pg_temp", name
        assert not public, name
