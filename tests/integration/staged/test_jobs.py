"""Builds and validations of different tables side by side: what one meets is no other's matter."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.integration.staged import made
from tests.integration.staged.made import (
    PATIENT,
    Heard,
    ask,
    do,
    journalled,
    new_column,
    new_index,
    new_table,
    on,
    step,
)
from tests.servers import Server, private_server
from weedgo.staged.execute import Executor
from weedgo.staged.model import Event, ObjectId, Stage, Status, Step

Session = Callable[..., psycopg.Connection]
TWO = replace(PATIENT, jobs=2)

ORDERS, STORES = new_index("orders", "status"), new_index("stores", "name")
# An old snapshot holds up every build of an index in the database.
HELD = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1")


def checked(table: str, column: str) -> Step:
    """A step that adds a check and validates it."""
    name = f"{table}_{column}_check"
    text = (
        f"ALTER TABLE public.{table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID"
    )
    return step(
        ObjectId("constraint", "public", name, table),
        on(table, text),
        on(table, f"ALTER TABLE public.{table} VALIDATE CONSTRAINT {name}",
           "SHARE UPDATE EXCLUSIVE", scans=True, phase=1),
        undo=(on(table, f"ALTER TABLE public.{table} DROP CONSTRAINT {name}"),),
        stage=Stage.CONSTRAINTS,
    )  # fmt: skip


class Together(Heard):
    """Acts once when so many steps have been held up at the same time."""

    def __init__(self, count: int, act: Callable[[], Any]) -> None:
        super().__init__()
        self._count, self._act = count, act
        self._open: set[str] = set()
        self.most = 0
        self.over: list[str] = []

    def __call__(self, event: Event) -> None:
        super().__call__(event)
        name = event.step.main.id.name if event.step else ""
        if event.what == "blocked":
            self._open.add(name)
        elif event.what == "result":
            self._open.discard(name)
            self.over.append(name)
        self.most = max(self.most, len(self._open))
        if event.what == "blocked" and len(self._open) == self._count:
            self._count = -1
            self._act()


def test_builds_of_two_tables_go_on_at_the_same_time(target: str, session: Session) -> None:
    holder = session(*HELD)
    listen = Together(2, holder.rollback)
    results = made.run(target, ORDERS, STORES, options=TWO, listen=listen)
    assert {r.status for r in results.values()} == {Status.DONE}
    assert listen.most == 2
    assert made.invalid_indexes(target) == 0


def test_builds_of_one_table_do_not(target: str, session: Session) -> None:
    holder = session(*HELD)
    listen = Together(1, holder.rollback)
    other = new_index("orders", "store")
    results = made.run(target, ORDERS, other, options=TWO, listen=listen)
    assert {r.status for r in results.values()} == {Status.DONE}
    assert listen.most == 1


def test_what_another_step_needs_comes_before_it(target: str) -> None:
    steps = (ORDERS, replace(STORES, needs=(ORDERS.id,)), new_index("stores", "id"))
    listen = Heard()
    made.run(target, *steps, options=TWO, listen=listen)
    told = [(e.what, e.step.main.id.name) for e in listen.events if e.step]
    assert told.index(("result", "orders_status_index")) < told.index(("step", "stores_name_index"))


def test_the_journal_is_the_same_as_of_one_after_the_other(target: str) -> None:
    steps = (
        new_table("first"), new_column("orders", "note"), ORDERS, STORES,
        new_index("orders", "note"), checked("orders", "status"), checked("stores", "id"),
        new_table("last", stage=Stage.CONSTRAINTS),
    )  # fmt: skip
    expected = [s.main.id.name for s in steps]
    results = made.run(target, *steps, options=replace(PATIENT, jobs=3))
    assert [r.step.main.id.name for r in results.values()] == expected
    assert list(journalled(target).items()) == [(name, "done") for name in expected]


def test_one_that_fails_stops_no_other_and_what_needs_it_waits(
    target: str, session: Session
) -> None:
    unique = new_index("orders", "store", unique=True)
    after = replace(new_index("stores", "id"), needs=(unique.id,))
    results = made.run(target, unique, STORES, after, options=TWO)
    assert results["orders_store_index"].status is Status.FAILED
    assert results["stores_name_index"].status is Status.DONE
    assert results["stores_id_index"].status is Status.WAITING
    assert made.invalid_indexes(target) == 0


def test_ctrl_c_ends_them_all_and_leaves_nothing_half_done(
    target: str, session: Session, interruptible: Callable[[], None]
) -> None:
    holder = session(*HELD)
    steps = (ORDERS, STORES, new_index("orders", "store"))
    with pytest.raises(KeyboardInterrupt):
        made.run(target, *steps, options=TWO, listen=Together(2, interruptible))
    assert journalled(target) == {
        "orders_status_index": "failed",
        "stores_name_index": "failed",
        "orders_store_index": "planned",
    }
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    assert ask(target, waiting + " AND datname = current_database()") == 0
    holder.rollback()
    results = made.run(target, *steps, options=TWO)
    assert {r.status for r in results.values()} == {Status.DONE}
    assert made.invalid_indexes(target) == 0


_BUILDING = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE %s
   AND application_name LIKE 'weedgo %%'
"""


@pytest.mark.parametrize("jobs", [2, 3])
def test_a_lost_session_is_that_of_one_step(target: str, session: Session, jobs: int) -> None:
    holder = session(*HELD)

    def act() -> None:
        pid = ask(target, _BUILDING, "CREATE INDEX CONCURRENTLY stores_name%")
        ask(target, "SELECT pg_terminate_backend(%s)", pid)
        holder.rollback()

    options = replace(PATIENT, jobs=jobs)
    results = made.run(target, ORDERS, STORES, options=options, listen=Together(2, act))
    assert {r.status for r in results.values()} == {Status.DONE}
    attempts = {name: r.attempts for name, r in results.items()}
    assert attempts == {"orders_status_index": 1, "stores_name_index": 2}
    assert made.invalid_indexes(target) == 0


def test_a_lost_lease_is_taken_again_and_all_go_on(target: str, session: Session) -> None:
    holder = session(*HELD)

    def act() -> None:
        query = (
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory'"
            " AND l.mode = 'ExclusiveLock' AND l.granted AND l.database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert ask(target, query)
        ask(target, "SELECT pg_terminate_backend(pid) FROM (" + _BUILDING + ") x", "CREATE INDEX%")
        holder.rollback()

    steps = (ORDERS, STORES, new_index("orders", "store"), new_column("orders", "late"))
    results = made.run(target, *steps, options=TWO, listen=Together(2, act))
    assert {r.status for r in results.values()} == {Status.DONE}
    assert set(journalled(target).values()) == {"done"}
    assert made.invalid_indexes(target) == 0
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'weedgo %%'"
    assert ask(target, left + " AND datname = current_database()") == 0


def test_a_server_that_has_too_few_connections_is_made_do_with(target: str, pg18: Server) -> None:
    role = f"few_{uuid.uuid4().hex[:8]}"
    do(
        target,
        # The lease, and two on which steps run.
        f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 3",
        f"GRANT CREATE ON DATABASE {conninfo_to_dict(target)['dbname']} TO {role}",
        f"GRANT ALL ON SCHEMA public TO {role}",
        f"ALTER TABLE public.orders OWNER TO {role}",
        f"ALTER TABLE public.stores OWNER TO {role}",
    )
    listen = Heard()
    options = replace(PATIENT, jobs=5)
    try:
        url = make_conninfo(target, user=role)
        results = made.run(url, ORDERS, STORES, options=options, listen=listen)
        assert {r.status for r in results.values()} == {Status.DONE}
        assert "applying on 2 of 5 connections" in listen.texts("phase")[0]
    finally:
        do(target, f"DROP OWNED BY {role} CASCADE")
        pg18.drop_role(role)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["orders_id_index", "shops_id_index", "late_id_index"])
def test_a_crash_of_the_server_takes_nothing_away_for_good(name: str) -> None:
    with private_server("18") as server:
        tables = ("orders", "shops", "late")
        do(server.url, *(f"CREATE TABLE public.{t} (id integer)" for t in tables))
        crashes = iter([True])

        def crash(event: Event) -> None:
            meant = event.what == "result" and event.step and event.step.main.id.name == name
            if meant and next(crashes, False):
                cluster = server.cluster
                cluster._pg_ctl("restart", "-w", "-m", "immediate", "-l", cluster._log())

        steps = (new_table("first"), *(new_index(t, "id") for t in tables), new_table("last"))
        results = made.run(server.url, *steps, options=TWO, listen=crash)
        assert {r.status for r in results.values()} == {Status.DONE}
        assert set(journalled(server.url).values()) == {"done"}
        assert made.invalid_indexes(server.url) == 0
        for table in tables:
            assert ask(server.url, "SELECT to_regclass(%s) IS NOT NULL", f"public.{table}_id_index")


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_crash_between_a_build_and_its_record(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lost with the server must not be recorded as done by who comes back first."""
    with private_server("18") as server:
        tables = ("orders", "shops", "late")
        do(server.url, *(f"CREATE TABLE public.{t} (id integer)" for t in tables))
        crashes = iter([True])
        note = Executor._note

        def crash(self: Executor, conn: psycopg.Connection, effort: Any, *, last: bool) -> None:
            if effort.step.main.id.name == "shops_id_index" and next(crashes, False):
                cluster = server.cluster
                cluster._pg_ctl("restart", "-w", "-m", "immediate", "-l", cluster._log())
            note(self, conn, effort, last=last)

        monkeypatch.setattr(Executor, "_note", crash)
        steps = tuple(new_index(t, "id") for t in tables)
        results = made.run(server.url, *steps, options=replace(PATIENT, jobs=jobs))
        assert next(crashes, None) is None
        assert {r.status for r in results.values()} == {Status.DONE}
        assert set(journalled(server.url).values()) == {"done"}
        assert made.invalid_indexes(server.url) == 0
        for table in tables:
            assert ask(server.url, "SELECT to_regclass(%s) IS NOT NULL", f"public.{table}_id_index")
