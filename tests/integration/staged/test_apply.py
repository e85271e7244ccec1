"""Applying plans to a real database: outcomes, order, guards, groups, permissions."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

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
from tests.servers import Server
from weedgo.staged.model import Guard, ObjectId, Stage, Statement, Status, Step

Session = Callable[..., psycopg.Connection]
FOREIGN = ObjectId("constraint", "public", "orders_store_fkey", "orders")


def foreign_key() -> Step:
    add = (
        "ALTER TABLE public.orders ADD CONSTRAINT orders_store_fkey"
        " FOREIGN KEY (store) REFERENCES public.stores(id) NOT VALID"
    )
    check = "ALTER TABLE public.orders VALIDATE CONSTRAINT orders_store_fkey"
    return step(
        FOREIGN,
        on("orders", add, "SHARE ROW EXCLUSIVE"),
        on("orders", check, "SHARE UPDATE EXCLUSIVE", scans=True, phase=1),
        undo=(on("orders", "ALTER TABLE public.orders DROP CONSTRAINT orders_store_fkey"),),
        stage=Stage.CONSTRAINTS,
    )


def test_every_step_is_done_and_recorded(target: str) -> None:
    listen = Heard()
    results = made.run(
        target,
        new_table("a"),
        new_table("b"),
        new_column("orders", "note"),
        new_index("orders", "status"),
        listen=listen,
    )
    assert {r.status for r in results.values()} == {Status.DONE}
    assert all(r.attempts == 1 and r.elapsed > 0 for r in results.values())
    assert set(journalled(target).values()) == {"done"}
    assert ask(target, "SELECT to_regclass('public.b') IS NOT NULL")
    ended = [e.step.main.id.name for e in listen.events if e.what == "result" and e.step]
    assert ended == ["a", "b", "note", "orders_status_index"]


def test_what_needs_a_failed_step_waits_and_the_rest_goes_on(target: str) -> None:
    broken = step(table("broken"), "CREATE TABLE public.broken (id nonsense)")
    second = new_table("second", needs=(broken,))
    third = new_table("third", needs=(second,))
    results = made.run(target, new_table("first"), broken, second, third, new_table("other"))
    assert results["broken"].status is Status.FAILED
    assert results["broken"].sqlstate == "42704"
    assert "nonsense" in results["broken"].message
    assert results["second"].status is results["third"].status is Status.WAITING
    assert "broken (failed)" in results["second"].message
    assert "second (waiting)" in results["third"].message
    assert results["first"].status is results["other"].status is Status.DONE
    assert journalled(target) == {
        "first": "done", "broken": "failed", "second": "waiting", "third": "waiting",
        "other": "done",
    }  # fmt: skip


def test_steps_on_new_tables_share_a_transaction_until_one_fails(target: str) -> None:
    together = made.run(target, new_table("a"), new_table("b"))
    assert {r.status for r in together.values()} == {Status.DONE}
    query = "SELECT count(DISTINCT xmin::text) FROM pg_class WHERE relname = ANY(%s)"
    assert ask(target, query, ["a", "b"]) == 1
    again = made.run(target, new_table("c"), new_table("a"), new_table("d"))
    assert again["a"].status is Status.FAILED
    assert again["a"].sqlstate == "42P07"
    assert "in the way" in again["a"].remedy
    assert again["c"].status is again["d"].status is Status.DONE
    assert ask(target, query, ["c", "d"]) == 2


def test_short_steps_on_one_table_in_use_share_its_lock_until_one_fails(target: str) -> None:
    made.run(
        target, new_column("orders", "a"), new_column("orders", "b"), new_column("stores", "c")
    )
    query = "SELECT count(DISTINCT xmin::text) FROM pg_attribute WHERE attname = ANY(%s)"
    assert ask(target, query, ["a", "b"]) == 1
    assert ask(target, query, ["a", "c"]) == 2
    again = made.run(
        target, new_column("orders", "d"), new_column("orders", "a"), new_column("orders", "e")
    )
    assert again["a"].sqlstate == "42701"
    assert again["d"].status is again["e"].status is Status.DONE
    assert ask(target, query, ["d", "e"]) == 2


def test_stages_not_asked_for_are_skipped_and_what_needs_them_waits(target: str) -> None:
    first = new_column("orders", "note")
    second = new_index("orders", "note", needs=(first,))
    options = replace(PATIENT, stages=(Stage.INDEXES,))
    results = made.run(target, first, second, options=options)
    assert results["note"].status is Status.SKIPPED
    assert results["orders_note_index"].status is Status.WAITING
    assert "stage 3" in results["orders_note_index"].remedy


def test_a_refusal_runs_nothing(target: str) -> None:
    refused = new_table("never", refusal="this server cannot hold it")
    results = made.run(target, refused)
    assert results["never"].status is Status.REFUSED
    assert results["never"].message == "this server cannot hold it"
    assert not ask(target, "SELECT to_regclass('public.never') IS NOT NULL")


class TestGuards:
    guard = Guard(
        "SELECT count(*) FROM public.orders WHERE status IS NULL",
        "{count} rows hold NULL",
        "fill them first",
    )

    def require(self) -> Step:
        id = ObjectId("column", "public", "status", "orders")
        alter = on("orders", "ALTER TABLE public.orders ALTER COLUMN status SET NOT NULL")
        return step(id, alter, guards=(self.guard,))

    def test_rows_in_the_way_refuse_the_step_with_their_count(self, target: str) -> None:
        do(target, "UPDATE public.orders SET status = NULL WHERE id <= 7")
        result = made.run(target, self.require())["status"]
        assert result.status is Status.REFUSED
        assert (result.message, result.remedy) == ("7 rows hold NULL", "fill them first")
        assert journalled(target) == {"status": "refused"}

    def test_without_such_rows_the_step_is_done(self, target: str) -> None:
        assert made.run(target, self.require())["status"].status is Status.DONE

    def test_a_guard_waits_behind_nobody(self, target: str, session: Session) -> None:
        session("LOCK TABLE public.orders")
        result = made.run(target, self.require(), options=IMPATIENT)["status"]
        assert (result.status, result.sqlstate) == (Status.FAILED, "55P03")
        assert "till" in result.message


class TestPhases:
    def test_each_phase_commits_and_all_are_recorded(self, target: str) -> None:
        do(target, "INSERT INTO public.stores VALUES (2, 'two')")
        results = made.run(target, foreign_key())
        assert results[FOREIGN.name].status is Status.DONE
        assert ask(
            target, "SELECT convalidated FROM pg_constraint WHERE conname = %s", FOREIGN.name
        )

    def test_a_late_phase_that_fails_takes_the_constraint_back(self, target: str) -> None:
        result = made.run(target, foreign_key())[FOREIGN.name]
        assert (result.status, result.sqlstate) == (Status.FAILED, "23503")
        assert (
            ask(target, "SELECT count(*) FROM pg_constraint WHERE conname = %s", FOREIGN.name) == 0
        )

    def test_the_remedy_finds_the_rows(self, target: str) -> None:
        result = made.run(target, foreign_key())[FOREIGN.name]
        query = result.remedy.partition("find the rows with: ")[2].partition("; mend")[0]
        with psycopg.connect(target) as conn:
            rows = conn.execute(query.encode()).fetchall()
        assert len(rows) == ask(target, "SELECT count(*) FROM public.orders WHERE store = 2")


class TestRemedies:
    def test_a_check_that_rows_violate(self, target: str) -> None:
        id = ObjectId("constraint", "public", "small", "orders")
        add = on("orders", "ALTER TABLE public.orders ADD CONSTRAINT small CHECK ((id < 50))")
        result = made.run(target, step(id, add))["small"]
        assert result.sqlstate == "23514"
        assert 'SELECT * FROM "public"."orders" WHERE NOT ((id < 50))' in result.remedy

    def test_rows_that_are_doubled_are_counted_and_not_shown(self, target: str) -> None:
        result = made.run(target, new_index("orders", "store", unique=True))["orders_store_index"]
        assert result.sqlstate == "23505"
        assert "GROUP BY store HAVING count(*) > 1" in result.remedy
        assert "(store)=(" not in result.message

    def test_a_statement_that_takes_too_long(self, target: str) -> None:
        slow = step(table("slow"), "CREATE TABLE public.slow AS SELECT 1 FROM pg_sleep(600)")
        result = made.run(target, slow, options=made.with_timeout(PATIENT, 0.1))["slow"]
        assert (result.status, result.sqlstate) == (Status.FAILED, "57014")
        assert "--statement-timeout" in result.remedy


class TestPermission:
    @pytest.fixture
    def guest(self, target: str, pg18: Server) -> Iterator[str]:
        """URL of the target for a role that may create but owns nothing."""
        role = f"guest_{uuid.uuid4().hex[:8]}"
        name = sql.Identifier(role)
        with psycopg.connect(target, autocommit=True) as conn:
            conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
            database = sql.Identifier(conn.info.dbname)
            conn.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(database, name))
            conn.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(name))
        yield psycopg.conninfo.make_conninfo(target, user=role)
        do(target, f"DROP OWNED BY {role}")
        pg18.drop_role(role)

    def test_a_missing_right_is_told_with_the_role(self, target: str, guest: str) -> None:
        results = made.run(guest, new_column("orders", "note"), new_table("mine"))
        role = psycopg.conninfo.conninfo_to_dict(guest)["user"]
        assert (results["note"].status, results["note"].sqlstate) == (Status.FAILED, "42501")
        assert str(role) in results["note"].remedy
        assert results["mine"].status is Status.DONE

    def test_a_guard_does_not_overlook_rows_that_a_policy_hides(
        self, target: str, guest: str
    ) -> None:
        role = psycopg.conninfo.conninfo_to_dict(guest)["user"]
        do(
            target,
            f"GRANT SELECT ON public.orders TO {role}",
            "ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY",
        )
        guard = Guard("SELECT count(*) FROM public.orders", "{count} rows", "empty it")
        results = made.run(guest, new_table("mine", guards=(guard,)))
        assert (results["mine"].status, results["mine"].sqlstate) == (Status.FAILED, "42501")


def test_an_index_build_on_doubled_rows_leaves_no_index(target: str) -> None:
    results = made.run(target, new_index("orders", "store", unique=True))
    assert results["orders_store_index"].status is Status.FAILED
    assert made.invalid_indexes(target) == 0


def test_an_invalid_index_of_a_crashed_build_is_built_again(target: str) -> None:
    build = new_index("orders", "store", unique=True)
    with psycopg.connect(target, autocommit=True) as conn, pytest.raises(psycopg.Error):
        conn.execute(build.statements[0].sql.encode())
    assert made.invalid_indexes(target) == 1
    do(target, "DELETE FROM public.orders WHERE id > 3")
    results = made.run(target, build)
    assert results["orders_store_index"].status is Status.DONE
    assert made.invalid_indexes(target) == 0


def test_functions_may_come_before_what_their_bodies_name(target: str) -> None:
    body = "CREATE FUNCTION public.f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM x.y'"
    results = made.run(target, step(ObjectId("function", "public", "f()"), body))
    assert results["f()"].status is Status.DONE


def test_an_empty_step_is_done(target: str) -> None:
    assert made.run(target, step(table("nothing")))["nothing"].status is Status.DONE
    assert journalled(target) == {"nothing": "done"}


def test_a_statement_outside_transactions_is_done_alone(target: str) -> None:
    vacuum = Statement("VACUUM public.orders", "SHARE UPDATE EXCLUSIVE", table("orders"),
                       transactional=False)  # fmt: skip
    assert made.run(target, step(table("orders"), vacuum))["orders"].status is Status.DONE
