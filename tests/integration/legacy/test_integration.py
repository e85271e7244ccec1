"""The integration checks hold on a whole schema, and each finds what it is there to find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.integration.legacy.conftest import sql_file
from tests.servers import Server
from weedgo.legacy import integration
from weedgo.staged import catalog, db
from weedgo.staged.model import Catalog, Finding, ObjectId

SMALL = Path(__file__).with_name("small.sql").read_text()
Check = Callable[[], dict[str, Finding]]


@pytest.fixture(scope="module")
def whole(pg16: Server) -> Iterator[tuple[str, Catalog]]:
    """A database with all of the legacy schema and a few rows, and its catalog."""
    url = pg16.create_database("whole")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql_file("legacy.sql"))
        connection.execute(SMALL)
    with closing(db.connect(url)) as conn:
        found = catalog.read(conn)
    yield url, found
    pg16.drop_database(url)


@pytest.fixture
def target(pg16: Server, whole: tuple[str, Catalog]) -> Iterator[str]:
    url = pg16.create_database("whole", db.parameters(whole[0])["dbname"])
    yield url
    pg16.drop_database(url)


@pytest.fixture
def check(whole: tuple[str, Catalog], target: str) -> Check:
    """Run the checks on the target; findings by subject."""
    queries = sql_file("queries.sql")

    def run() -> dict[str, Finding]:
        new = integration.new_indexes(whole[1], ())
        with closing(db.connect(target)) as conn:
            found = integration.check(conn, whole[1], new, queries)
        return {finding.subject: finding for finding in found}

    return run


def broken(found: dict[str, Finding]) -> dict[str, str]:
    """What does not hold, the count of indexes apart: few rows need no index."""
    return {
        subject: finding.detail
        for subject, finding in found.items()
        if not finding.holds and finding.check != "planner"
    }


def test_all_checks_hold_and_leave_nothing_behind(check: Check, target: str) -> None:
    tables = ("agi_audit_logs", "agi_rate_limit_rules", "ocs_inventory", "orders")
    with psycopg.connect(target, autocommit=True) as connection:
        before = [connection.execute(f"SELECT t::text FROM {t} t").fetchall() for t in tables]
        found = check()
        after = [connection.execute(f"SELECT t::text FROM {t} t").fetchall() for t in tables]

    assert broken(found) == {}
    assert after == before


def test_tenancy_is_checked_on_every_table_with_a_tenant(
    check: Check, whole: tuple[str, Catalog]
) -> None:
    tables = {
        f"{id.schema}.{id.parent}"
        for id in whole[1].objects
        if id.kind == "column" and id.name == "tenant_id"
    }

    found = {f.subject for f in check().values() if f.check == "tenancy"}

    assert found == tables
    assert len(found) == 35


FAULTS = [
    ("DROP TABLE agi_audit_logs", "agi_audit_logs takes an event", "does not exist"),
    (
        "ALTER TABLE agi_audit_logs DISABLE TRIGGER USER",
        "agi_audit_logs keeps its events",
        "changing an event is not refused",
    ),
    (
        "ALTER TABLE agi_audit_logs DROP CONSTRAINT agi_audit_logs_severity_check",
        "agi_audit_logs refuses an unknown severity",
        "is not refused",
    ),
    (
        "ALTER TABLE agi_audit_aggregates DROP CONSTRAINT agi_audit_aggregates_bucket_key",
        "agi_audit_aggregates adds up",
        "no unique or exclusion constraint",
    ),
    (
        "DROP INDEX agi_audit_alerts_open_dedup_idx",
        "agi_audit_alerts joins what is alike",
        "no unique or exclusion constraint",
    ),
    (
        "ALTER TABLE agi_rate_limit_rules DROP CONSTRAINT agi_rate_limit_rules_name_key",
        "agi_rate_limit_rules refuses what is no rule",
        "a second rule of that name is not refused",
    ),
    (
        "ALTER TABLE agi_rate_limit_buckets DROP CONSTRAINT agi_rate_limit_buckets_rule_id_fkey",
        "agi_rate_limit_buckets keeps keys apart and goes with its rule",
        "buckets outlive their rule",
    ),
    (
        "CREATE OR REPLACE FUNCTION rate_limit_take(rule_name text, bucket_key text,"
        " cost double precision DEFAULT 1) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "rate_limit_take() gives as many tokens as there are",
        "gave 5 of 3 tokens",
    ),
    (
        "DROP TABLE agi_rate_limit_violations",
        "agi_rate_limit_violations adds up",
        "does not exist",
    ),
    ("DROP INDEX orders_tenant_idx", "public.orders", "no valid index begins with tenant_id"),
    (
        "ALTER TABLE deliveries DROP COLUMN tenant_id CASCADE",
        "public.deliveries",
        'column "tenant_id" does not exist (SQLSTATE 42703)',
    ),
    (
        "ALTER TABLE ocs_inventory DISABLE TRIGGER ocs_inventory_guard",
        "ocs_inventory.quantity_available",
        "7 is not what is read back",
    ),
    (
        "ALTER TABLE ocs_inventory DROP CONSTRAINT ocs_inventory_each_gtin_check",
        "ocs_inventory refuses a wrong check digit",
        "is not refused",
    ),
    (
        "ALTER TABLE ocs_inventory DROP COLUMN batch_lot CASCADE",
        "ocs_inventory.batch_lot",
        "does not exist",
    ),
    (
        "ALTER TABLE ocs_inventory DROP CONSTRAINT ocs_inventory_reserved_check;"
        " ALTER TABLE ocs_inventory DISABLE TRIGGER ocs_inventory_guard",
        "ocs_inventory refuses to reserve more than is there",
        "reserving more than is on hand is not refused",
    ),
    ("DROP TABLE wishlists CASCADE", "public.wishlists", "does not exist"),
]


@pytest.mark.parametrize(("statement", "subject", "detail"), FAULTS, ids=[f[1] for f in FAULTS])
def test_a_fault_is_found_and_named(
    check: Check, target: str, statement: str, subject: str, detail: str
) -> None:
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(statement.encode())

    found = broken(check())

    assert detail in found[subject]


def test_a_query_that_cannot_be_planned_is_named(check: Check, target: str) -> None:
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute("ALTER TABLE users RENAME COLUMN locked_until TO shut_until")

    assert 'column "locked_until" does not exist' in broken(check())["locked_users"]


def test_too_few_indexes_in_use_are_counted(whole: tuple[str, Catalog], target: str) -> None:
    new = [ObjectId("index", "public", "orders_tenant_idx")]
    queries = "-- name: of_a_tenant\nSELECT id FROM orders WHERE tenant_id = 1 ORDER BY placed_at;"
    with closing(db.connect(target)) as conn:
        found = integration.check(conn, whole[1], new, queries)[-1]

    assert not found.holds
    assert found.detail.endswith("of the 1 new indexes are used")


def test_queries_are_read_by_name() -> None:
    found = integration.named_queries(
        "-- head\n\n-- name: one\nSELECT 1;\n\n-- name: two\nSELECT\n2;"
    )

    assert found == {"one": "SELECT 1", "two": "SELECT\n2"}
    assert len(integration.named_queries(sql_file("queries.sql"))) >= integration.INDEXES_USED
