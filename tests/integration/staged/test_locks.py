"""Locks that others hold: waiting, retrying, naming who is in the way, giving up cleanly."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.integration.staged import made
from tests.integration.staged.made import (
    IMPATIENT,
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
    table,
)
from tests.servers import Server, private_server
from weedgo.staged.model import Event, ObjectId, Status

Session = Callable[..., psycopg.Connection]


def after(count: int, do: Callable[[], object]) -> Heard:
    """A listener that acts when it hears for the count-th time that something is blocked."""
    listen = Heard()

    def then(event: Event) -> None:
        if event.what == "blocked" and len(listen.texts("blocked")) == count:
            do()

    listen.then = then
    return listen


def test_a_lock_held_past_the_retries_fails_the_step_and_names_the_session(
    target: str, session: Session
) -> None:
    holder = session("SELECT count(*) FROM public.orders WHERE status = 'secret word'")
    column = new_column("orders", "note")
    follower = new_index("orders", "note", needs=(column,))
    other = new_column("stores", "remark")
    results = made.run(target, column, follower, other, options=IMPATIENT)
    failed = results["note"]
    assert (failed.status, failed.sqlstate) == (Status.FAILED, "55P03")
    assert failed.attempts == IMPATIENT.retries + 1
    assert f"pid {holder.info.backend_pid} (till" in failed.message
    assert "idle in transaction" in failed.message
    assert "secret word" not in failed.message
    assert f"pg_terminate_backend({holder.info.backend_pid})" in failed.remedy
    assert results["orders_note_index"].status is Status.WAITING
    assert results["remark"].status is Status.DONE


def test_the_next_run_does_what_is_left_once_the_lock_is_free(
    target: str, session: Session
) -> None:
    holder = session("LOCK TABLE public.orders")
    column = new_column("orders", "note")
    assert made.run(target, column, options=IMPATIENT)["note"].status is Status.FAILED
    holder.rollback()
    assert made.run(target, column)["note"].status is Status.DONE


def test_a_step_is_tried_again_until_the_lock_is_free(target: str, session: Session) -> None:
    holder = session("LOCK TABLE public.orders")
    listen = after(2, holder.rollback)
    result = made.run(target, new_column("orders", "note"), listen=listen)["note"]
    assert result.status is Status.DONE
    assert result.attempts > 1
    assert all(f"pid {holder.info.backend_pid}" in t for t in listen.texts("blocked"))
    assert journalled(target) == {"note": "done"}


def test_wait_timeout_bounds_all_the_waiting(target: str, session: Session) -> None:
    session("LOCK TABLE public.orders")
    options = replace(PATIENT, lock_timeout=0.05, wait_timeout=0.2)
    result = made.run(target, new_column("orders", "note"), options=options)["note"]
    assert result.status is Status.FAILED
    assert result.attempts < options.retries


def test_several_tables_are_locked_first_and_none_is_kept_while_waiting(
    target: str, session: Session
) -> None:
    both = step(
        table("orders"),
        on("orders", "ALTER TABLE public.orders ADD COLUMN a integer"),
        on("stores", "ALTER TABLE public.stores ADD COLUMN a integer"),
    )
    holder = session("LOCK TABLE public.stores IN SHARE MODE")
    result = made.run(target, both, options=IMPATIENT)["orders"]
    assert (result.status, result.sqlstate) == (Status.FAILED, "55P03")
    assert f"pid {holder.info.backend_pid}" in result.message
    assert ask(target, "SELECT count(*) FROM pg_attribute WHERE attname = 'a'") == 0
    holder.rollback()
    assert made.run(target, both)["orders"].status is Status.DONE


def test_a_deadlock_is_tried_again(target: str, session: Session) -> None:
    """A session that holds stores and wants orders meets a step that goes the other way."""
    other = session("SET deadlock_timeout = '600s'", "LOCK TABLE public.stores")
    both = step(
        ObjectId("view", "public", "pair"),
        on("orders", "ALTER TABLE public.orders ADD COLUMN b integer"),
        on("stores", "ALTER TABLE public.stores ADD COLUMN b integer", lock=""),
    )

    def cross() -> None:
        with other.pipeline():
            other.execute("LOCK TABLE public.orders")
            other.execute("COMMIT")

    listen = after(1, cross)
    options = replace(PATIENT, lock_timeout=600.0, wait_timeout=600.0)
    # The watching thread waits for the lock in `cross`, which the deadlock's victim sets free.
    result = made.run(target, both, options=options, listen=listen)["pair"]
    assert result.status is Status.DONE
    assert result.attempts > 1


class TestConcurrently:
    build = new_index("orders", "status")

    def test_a_build_waits_longer_than_the_lock_timeout(
        self, target: str, session: Session
    ) -> None:
        writer = session("UPDATE public.orders SET status = 'kept' WHERE id = 1")
        options = replace(IMPATIENT, retries=0)
        listen = after(1, writer.commit)
        result = made.run(target, self.build, options=options, listen=listen)
        assert result["orders_status_index"].status is Status.DONE
        assert result["orders_status_index"].attempts == 1
        assert f"pid {writer.info.backend_pid}" in listen.texts("blocked")[0]

    def test_a_build_blocked_past_the_wait_timeout_is_cancelled_and_leaves_nothing(
        self, target: str, session: Session
    ) -> None:
        reader = session("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1")
        options = replace(PATIENT, wait_timeout=0.3)
        result = made.run(target, self.build, options=options)["orders_status_index"]
        assert (result.status, result.sqlstate) == (Status.FAILED, "57014")
        assert f"pid {reader.info.backend_pid}" in result.message
        assert f"pg_terminate_backend({reader.info.backend_pid})" in result.remedy
        assert made.invalid_indexes(target) == 0

    def test_an_index_that_cannot_be_dropped_is_named_and_replaced_by_the_next_run(
        self, target: str, session: Session
    ) -> None:
        writer = session("UPDATE public.orders SET status = 'kept' WHERE id = 1")
        options = replace(PATIENT, wait_timeout=0.3, lock_timeout=0.1)
        result = made.run(target, self.build, options=options)["orders_status_index"]
        assert result.status is Status.FAILED
        assert "public.orders_status_index is left" in result.message
        assert made.invalid_indexes(target) == 1
        writer.commit()
        done = made.run(target, self.build)["orders_status_index"]
        assert done.status is Status.DONE
        assert made.invalid_indexes(target) == 0


def worker(target: str) -> int:
    """The server process of the run that is at work in the target."""
    query = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name LIKE 'weedgo %%' AND wait_event_type = 'Lock'"
    )
    return int(ask(target, query))


class TestLostConnections:
    def end(self, target: str, holder: psycopg.Connection) -> Heard:
        """End the run's worker when it is blocked, then let the lock go."""

        def act() -> None:
            ask(target, "SELECT pg_terminate_backend(%s)", worker(target))
            holder.rollback()

        return after(1, act)

    def test_a_transaction_is_done_again(self, target: str, session: Session) -> None:
        holder = session("LOCK TABLE public.orders")
        listen = self.end(target, holder)
        options = replace(PATIENT, lock_timeout=600.0, wait_timeout=1200.0)
        result = made.run(target, new_column("orders", "note"), options=options, listen=listen)
        assert result["note"].status is Status.DONE
        assert result["note"].attempts == 2
        assert journalled(target) == {"note": "done"}

    def test_an_index_build_is_done_again(self, target: str, session: Session) -> None:
        holder = session("UPDATE public.orders SET status = 'lost' WHERE id = 1")
        listen = self.end(target, holder)
        result = made.run(target, new_index("orders", "status"), listen=listen)
        assert result["orders_status_index"].status is Status.DONE
        assert made.invalid_indexes(target) == 0

    def test_what_cannot_be_known_is_told(self, target: str, session: Session) -> None:
        holder = session("LOCK TABLE public.orders")
        vacuum = on("orders", "VACUUM public.orders", transactional=False)
        listen = self.end(target, holder)
        result = made.run(target, step(table("orders"), vacuum), listen=listen)["orders"]
        assert result.status is Status.FAILED
        assert result.message.startswith("connection lost")
        assert journalled(target) == {"orders": "failed"}


@pytest.mark.parametrize("retries", [0, 3])
def test_attempts_are_the_first_and_the_retries(
    target: str, session: Session, retries: int
) -> None:
    session("LOCK TABLE public.orders")
    options = replace(IMPATIENT, retries=retries)
    result = made.run(target, new_column("orders", "note"), options=options)["note"]
    assert result.attempts == retries + 1


class TestSeveralTables:
    def test_a_partitioned_table_is_locked_with_its_partitions(
        self, target: str, session: Session
    ) -> None:
        do(
            target,
            "CREATE TABLE public.visits (id integer) PARTITION BY LIST (id)",
            "CREATE TABLE public.visits_1 PARTITION OF public.visits FOR VALUES IN (1)",
            "CREATE TABLE public.visits_2 PARTITION OF public.visits FOR VALUES IN (2)",
        )
        holder = session("LOCK TABLE public.visits_2 IN ROW EXCLUSIVE MODE")
        failed = made.run(target, new_column("visits", "note"), options=IMPATIENT)["note"]
        assert (failed.status, failed.sqlstate) == (Status.FAILED, "55P03")
        holder.rollback()
        assert made.run(target, new_column("visits", "note"))["note"].status is Status.DONE
        query = "SELECT count(*) FROM pg_attribute WHERE attname = 'note'"
        assert ask(target, query) == 3

    def test_an_owner_who_may_not_lock_may_still_alter(self, target: str, pg18: Server) -> None:
        role = f"keeper_{uuid.uuid4().hex[:8]}"
        do(target, f"CREATE ROLE {role} LOGIN")
        database = conninfo_to_dict(target)["dbname"]
        do(
            target,
            f"GRANT CREATE ON DATABASE {database} TO {role}",
            f"GRANT CREATE ON SCHEMA public TO {role}",
            f"ALTER TABLE public.orders OWNER TO {role}",
            f"ALTER TABLE public.stores OWNER TO {role}",
            f"REVOKE ALL ON public.orders, public.stores FROM {role}",
        )
        both = step(
            table("orders"),
            on("orders", "ALTER TABLE public.orders ADD COLUMN a integer"),
            on("stores", "ALTER TABLE public.stores ADD COLUMN a integer"),
        )
        try:
            result = made.run(make_conninfo(target, user=role), both)["orders"]
            assert result.status is Status.DONE
        finally:
            do(target, f"DROP OWNED BY {role} CASCADE")
            pg18.drop_role(role)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "name"), [("result", "orders_id_index"), ("step", "note"), ("result", "note")]
)
def test_a_server_that_crashes_and_comes_back_does_not_stop_the_run(what: str, name: str) -> None:
    with private_server("18") as server:
        do(server.url, "CREATE TABLE public.orders (id integer)")
        crashes = iter([True])

        def crash(event: Event) -> None:
            meant = event.what == what and event.step and event.step.main.id.name == name
            if meant and next(crashes, False):
                cluster = server.cluster
                cluster._pg_ctl("restart", "-w", "-m", "immediate", "-l", cluster._log())

        results = made.run(
            server.url,
            new_table("first"),
            new_index("orders", "id"),
            new_column("orders", "note"),
            new_table("last"),
            listen=crash,
        )
        assert {r.status for r in results.values()} == {Status.DONE}
        assert set(journalled(server.url).values()) == {"done"}
        assert made.invalid_indexes(server.url) == 0
        for relation in ("first", "last", "orders_id_index"):
            assert ask(server.url, "SELECT to_regclass(%s) IS NOT NULL", f"public.{relation}")
        column = "SELECT count(*) FROM pg_attribute WHERE attname = 'note'"
        assert ask(server.url, column) == 1


def test_nobody_is_queued_behind_a_step_that_lets_a_long_transaction_pass(
    target: str, session: Session
) -> None:
    holder = session("INSERT INTO public.orders VALUES (1000)")
    queued: list[int] = []

    def look() -> None:
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
        queued.append(ask(target, query, "public.orders"))
        # Another's write goes through, with no time to wait for anything.
        do(target, "SET lock_timeout = '1ms'", "UPDATE public.orders SET status = 'x' WHERE id = 2")
        if len(queued) == 3:
            holder.rollback()

    listen = Heard()

    def then(event: Event) -> None:
        # What the watching thread sees may be the moment in which a lock was asked for.
        if event.what == "blocked" and threading.current_thread().name != "weedgo-watch":
            look()

    listen.then = then
    # The transaction is older than a step would queue for.
    options = replace(PATIENT, lock_timeout=0.3)
    ask(target, "SELECT pg_sleep(0.4)")
    result = made.run(target, new_column("orders", "note"), options=options, listen=listen)["note"]
    assert result.status is Status.DONE
    assert queued == [0, 0, 0]
    assert all(f"pid {holder.info.backend_pid}" in t for t in listen.texts("blocked"))
