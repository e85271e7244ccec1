"""Live traffic is recorded as it was, and every row that a migration could lose is missed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.integration.legacy.conftest import sql_file
from tests.servers import Server
from weedgo.legacy import checksums, traffic
from weedgo.legacy.checksums import Ledger, Snapshot
from weedgo.legacy.workload import Summary, Workload, WorkloadError
from weedgo.staged import db
from weedgo.staged.model import Finding

SMALL = Path(__file__).with_name("small.sql").read_text()
PATIENCE = 60.0
BUSY = {"sessions": 3, "rate": 50}


@pytest.fixture(scope="module")
def template(pg18: Server) -> Iterator[str]:
    url = pg18.create_database("shop")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql_file("current.sql"))
        connection.execute(SMALL)
    yield url
    pg18.drop_database(url)


@pytest.fixture
def shop(pg18: Server, template: str) -> Iterator[str]:
    """URL of a current database with a few rows."""
    url = pg18.create_database("shop", db.parameters(template)["dbname"])
    yield url
    pg18.drop_database(url)


def execute(url: str, statement: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement.encode()).rowcount


def snapshot(url: str, like: Snapshot | None = None) -> Snapshot:
    with psycopg.connect(url, autocommit=True) as connection:
        return checksums.snapshot(connection, traffic.WRITTEN, like)


def faults(url: str, before: Snapshot, ledger: Ledger) -> list[Finding]:
    with psycopg.connect(url, autocommit=True) as connection:
        found = checksums.verify(connection, traffic.WRITTEN, ledger)
    found += checksums.compare(before, snapshot(url, before), ledger)
    return [finding for finding in found if not finding.holds]


def wait_until_waiting(connection: psycopg.Connection) -> None:
    """Wait until somebody waits for this connection."""
    deadline = time.monotonic() + PATIENCE
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    while connection.execute(query).fetchone() == (0,):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_sessions_commit_is_all_there(shop: str) -> None:
    before = snapshot(shop)

    with Workload(shop, **BUSY) as load:
        pass

    ledger = load.summary.ledger
    assert load.summary.failures == ()
    assert ledger.tables() <= set(traffic.WRITTEN)
    assert ledger.inserted["public.orders"]
    assert ledger.deleted["public.cart_items"] < ledger.inserted["public.cart_items"]
    assert faults(shop, before, ledger) == []


def test_every_class_of_statement_is_timed(shop: str) -> None:
    with Workload(shop, **BUSY) as load:
        pass
    summary = load.summary

    assert {"commit", "connect", "select users", "insert orders"} <= set(summary.statements)
    for statements in summary.statements.values():
        assert statements.count > 0
        assert 0 < statements.median <= statements.p99 <= statements.longest <= summary.longest
    assert summary.statements[summary.slowest].longest == summary.longest
    assert summary.count == sum(s.count for s in summary.statements.values())


LOSSES = [
    ("DELETE FROM stores WHERE id = 3", "public.stores"),
    ("UPDATE tenants SET name = 'Another' WHERE id = 1", "public.tenants"),
    ("INSERT INTO tenants (name, code) VALUES ('New', 'new')", "public.tenants"),
    # In tables that sessions write: rows that none may, columns that none may, a row too many.
    ("UPDATE orders SET status = 'cancelled' WHERE id = 7", "public.orders"),
    ("UPDATE orders SET subtotal = 99 WHERE id = 10", "public.orders"),
    ("DELETE FROM deliveries WHERE id = 7", "public.deliveries"),
    ("INSERT INTO carts (store_id) VALUES (1)", "public.carts"),
    ("ALTER TABLE users DROP COLUMN phone", "public.users"),
    ("DROP TABLE feature_flags", "public.feature_flags"),
    ("UPDATE orders SET notes = '' WHERE id = 7", "public.orders"),
]


@pytest.mark.parametrize(("statement", "table"), LOSSES, ids=[s for s, _ in LOSSES])
def test_a_loss_is_found(shop: str, statement: str, table: str) -> None:
    before = snapshot(shop)
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement.encode())

    found = faults(shop, before, Ledger())

    assert {finding.subject for finding in found} == {table}
    assert all(finding.detail for finding in found)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE users ADD COLUMN shoe_size integer DEFAULT 42",
        "ALTER TABLE orders ALTER COLUMN notes TYPE varchar(500)",
        "CREATE TABLE another ()",
        "VACUUM FULL orders",
    ],
)
def test_what_loses_nothing_is_no_loss(shop: str, statement: str) -> None:
    before = snapshot(shop)

    execute(shop, statement)

    assert faults(shop, before, Ledger()) == []


def test_a_committed_row_that_is_gone_or_changed_is_found(shop: str) -> None:
    before = snapshot(shop)
    with Workload(shop, **BUSY) as load:
        pass
    ledger = load.summary.ledger
    paid, placed = (
        min(ledger.inserted["public.payment_transactions"]),
        min(ledger.inserted["public.price_history"]),
    )
    execute(shop, f"UPDATE payment_transactions SET amount_minor = 1 WHERE id = {paid}")
    execute(shop, f"DELETE FROM price_history WHERE id = {placed}")

    found = {(finding.check, finding.subject) for finding in faults(shop, before, ledger)}

    assert found == {
        ("committed rows", "public.payment_transactions"),
        ("committed rows", "public.price_history"),
        ("rows", "public.price_history"),
    }


def test_rows_of_triggers_are_allowed_where_they_are_declared(shop: str) -> None:
    before = snapshot(shop)
    execute(shop, "INSERT INTO order_status_history (order_id, to_status) VALUES (1, 'ready')")

    assert faults(shop, before, Ledger()) == []


def test_a_commit_that_was_never_answered_is_settled_by_what_stands(shop: str) -> None:
    before = snapshot(shop)
    execute(shop, "INSERT INTO carts (store_id) VALUES (1)")
    execute(shop, "UPDATE orders SET status = 'ready' WHERE id = 10")
    ledger = Ledger(
        rows={"public.orders": {10: {"status": "completed"}}},
        uncertain={"public.carts": {1: "insert", 2: "insert"}, "public.orders": {10: "update"}},
    )

    assert faults(shop, before, ledger) == []
    assert ledger.inserted == {"public.carts": {1}}


def test_a_pause_is_measured(shop: str) -> None:
    with Workload(shop, **BUSY) as load, psycopg.connect(shop) as connection:
        connection.execute("LOCK TABLE orders")
        wait_until_waiting(connection)
        seen = time.monotonic()
        connection.execute("SELECT pg_sleep(0.3)")
        waited = 1000 * (time.monotonic() - seen)
        connection.rollback()

    assert load.summary.failures == ()
    assert load.summary.longest >= waited
    assert "orders" in load.summary.slowest


def test_a_statement_that_fails_is_recorded_and_traffic_goes_on(shop: str) -> None:
    before = snapshot(shop)
    with Workload(shop, **BUSY) as load:
        execute(shop, "ALTER TABLE orders ADD CONSTRAINT none CHECK (id < 0) NOT VALID")
        deadline = time.monotonic() + PATIENCE
        while execute(shop, "SELECT FROM pg_stat_database WHERE xact_rollback > 3") == 0:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with psycopg.connect(shop) as connection:
            connection.execute("LOCK TABLE carts IN SHARE MODE")
            wait_until_waiting(connection)

    failures = load.summary.failures
    assert {failure.sqlstate for failure in failures} == {"23514"}
    assert {failure.statement for failure in failures} <= {"insert orders", "update orders"}
    assert sum(s.failed for s in load.summary.statements.values()) == len(failures)
    assert "violates check constraint" in failures[0].message
    assert faults(shop, before, load.summary.ledger) == []


def test_a_session_that_loses_its_connection_comes_back(shop: str) -> None:
    before = snapshot(shop)
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'weedgo workload'"
    )
    with Workload(shop, **BUSY) as load:
        assert execute(shop, end) == BUSY["sessions"]
        back = end.replace("pg_terminate_backend(pid)", "")
        deadline = time.monotonic() + PATIENCE
        while execute(shop, back) < BUSY["sessions"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    assert load.summary.failures
    assert {failure.sqlstate for failure in load.summary.failures} <= {"57P01", "08006", ""}
    assert faults(shop, before, load.summary.ledger) == []


def test_traffic_that_cannot_work_does_not_start(shop: str) -> None:
    execute(shop, "ALTER TABLE users RENAME COLUMN last_login_at TO seen_at")

    with pytest.raises(WorkloadError, match=r"does not start: (update|select) users: 42703"):
        Workload(shop, **BUSY).start()


def test_an_unreachable_server_is_told_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql://me:secret@/x?host={tmp_path}"

    with pytest.raises(WorkloadError, match="the workload does not start") as caught:
        Workload(url, sessions=1).start()

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_process_that_is_gone_is_told(shop: str) -> None:
    load = Workload(shop, sessions=1)
    load.start()
    assert load._process is not None
    os.kill(load._process.pid, signal.SIGKILL)

    load._process.wait()

    with pytest.raises(WorkloadError, match="process is gone"):
        load.stop()
    assert load._process is None


def test_the_process_ends_with_whoever_started_it(shop: str) -> None:
    load = Workload(shop, sessions=1)
    load.start()
    process = load._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.stdout is not None
    assert "statements" in json.loads(process.stdout.readline())
    assert process.wait(PATIENCE) == 0
    process.stdout.close()


def test_no_summary_of_traffic_that_was_broken_off(shop: str) -> None:
    load = Workload(shop, sessions=1)
    with pytest.raises(KeyboardInterrupt), load:
        raise KeyboardInterrupt

    with pytest.raises(WorkloadError, match="does not run"):
        _: Summary = load.summary
