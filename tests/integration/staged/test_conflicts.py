"""What only fails because another was faster, and succeeds when it is tried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from tests.conftest import Database
from tests.integration.staged import made
from tests.integration.staged.both import pair
from tests.integration.staged.made import PATIENT, ask, do, on, step
from tests.servers import Server
from weedgo.staged import fill
from weedgo.staged.model import Event, ObjectId, Options, Status

Session = Callable[..., psycopg.Connection]
# Nobody's lock is asked for twice here but because of the conflict.
WAITING = replace(PATIENT, lock_timeout=60.0, wait_timeout=60.0)
_WAITS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
   AND application_name LIKE 'weedgo %%' AND wait_event_type = 'Lock'
"""


@contextmanager
def once_it_waits(target: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something as soon as the run waits for another's transaction."""
    over = threading.Event()

    def watch() -> None:
        while not over.is_set() and not ask(target, _WAITS):
            time.sleep(0.01)
        act()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("statement", [
    "GRANT SELECT ON public.orders TO public",
    "CREATE OR REPLACE FUNCTION public.one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "GRANT USAGE ON SCHEMA public TO public",
])  # fmt: skip
def test_the_same_row_of_a_catalog_is_changed_by_two(
    target: str, session: Session, statement: str
) -> None:
    do(target, statement)
    other = session(statement)
    ours = step(ObjectId("privileges", "public", "orders"), statement)
    with once_it_waits(target, other.commit):
        result = made.run(target, ours, options=WAITING)["orders"]
    assert (result.status, result.attempts) == (Status.DONE, 2)


def test_a_row_moves_to_another_partition_under_a_batch(
    pg18: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL calls that a serialization failure (40001), whatever the isolation."""
    monkeypatch.setattr(fill, "FIRST", 10)
    monkeypatch.setattr(fill, "_TOLD", 0.0)
    table = (
        "CREATE TABLE public.visits (id integer, place integer, note text{},"
        " PRIMARY KEY (id, place)) PARTITION BY LIST (place);"
        "CREATE TABLE public.visits_1 PARTITION OF public.visits FOR VALUES IN (1);"
        "CREATE TABLE public.visits_2 PARTITION OF public.visits FOR VALUES IN (2)"
    )
    rows = "INSERT INTO public.visits SELECT n, 1 FROM generate_series(1, 100) n"
    shop = pair(pg18, database, f"{table.format('')};{rows}", table.format(" NOT NULL"))
    with psycopg.connect(shop.target) as mover:
        moved: list[str] = []

        def listen(event: Event) -> None:
            if event.what == "progress" and not moved:
                moved.append(event.text)
                mover.execute("UPDATE public.visits SET place = 2, note = 'moved' WHERE id = 90")

        with once_it_waits(shop.target, mover.commit):
            report = shop.migrate(
                listen, lock_timeout=60.0, backfills={"public.visits.note": "'at ' || place"}
            )
    assert report.status == "equal", [r.message for r in report.results]
    assert moved
    assert shop.ask("SELECT string_agg(DISTINCT note, ', ') FROM visits") == "at 1, moved"
    assert shop.ask("SELECT count(*) FROM visits WHERE place = 2") == 1


class TestTimeouts:
    def test_a_catalog_statement_that_takes_long_is_ended(self, target: str) -> None:
        options = replace(PATIENT, statement_timeouts={"catalog": 0.1})
        slow = step(made.table("orders"), on("orders", "SELECT pg_sleep(60)"))
        result = made.run(target, slow, options=options)["orders"]
        assert (result.status, result.sqlstate) == (Status.FAILED, "57014")
        assert "--statement-timeout" in result.remedy

    def test_others_are_not(self, target: str) -> None:
        options = replace(PATIENT, statement_timeouts={"catalog": 0.1})
        scan = step(made.table("orders"), on("orders", "SELECT pg_sleep(0.3)", scans=True))
        nobodys = step(made.table("nobodys"), "SELECT pg_sleep(0.3)")
        results = made.run(target, scan, nobodys, options=options)
        assert {r.status for r in results.values()} == {Status.DONE}

    def test_a_build_that_is_ended_leaves_nothing(self, target: str) -> None:
        do(
            target,
            "CREATE FUNCTION public.slow(integer) RETURNS integer LANGUAGE sql IMMUTABLE"
            " AS 'SELECT pg_sleep(1)::text::bool::int'",
        )
        index = on(
            "orders", "CREATE INDEX CONCURRENTLY slow ON public.orders USING btree"
            " (public.slow(id))", "SHARE UPDATE EXCLUSIVE", transactional=False,
        )  # fmt: skip
        options = replace(PATIENT, statement_timeouts={"build": 0.2})
        build = step(ObjectId("index", "public", "slow", "orders"), index)
        result = made.run(target, build, options=options)["slow"]
        assert (result.status, result.sqlstate) == (Status.FAILED, "57014")
        assert made.invalid_indexes(target) == 0

    def test_what_is_asked_for_all_holds_for_all_but_those_with_their_own(self) -> None:
        assert Options().timeout("catalog") == 30.0
        assert Options().timeout("build") == 0.0
        options = Options(statement_timeout=5.0, statement_timeouts={"batch": 1.0})
        assert [options.timeout(c) for c in ("catalog", "build", "batch")] == [5.0, 5.0, 1.0]
