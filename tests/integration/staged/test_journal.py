"""The journal: what it keeps, who may read it back, and how it settles killed runs."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.integration.staged import made
from tests.integration.staged.made import (
    PATIENT,
    ask,
    do,
    new_column,
    new_index,
    new_table,
    on,
    step,
    table,
)
from weedgo.staged.journal import Journal
from weedgo.staged.lease import hold
from weedgo.staged.model import Options, Plan, Stage, StagedError, Statement, Step
from weedgo.staged.records import StepRecord, decode, encode

URL = "postgresql://joe:hidden@db.example/legacy?password=hidden"


def rich() -> Step:
    """A step with something in every field."""
    first = new_table("first")
    odd = step(
        table('we"ird'),
        on('we"ird', 'SELECT \'{"json": "\\\\ and \t tab"}\'', scans=True, phase=1),
        Statement("SELECT 2", rewrites=True, transactional=False),
        undo=("SELECT 3",),
        needs=(first,),
        hazards=("it is slow", "и так"),
        no_undo="rows are lost",
    )
    return replace(odd.at(Stage.FUNCTIONS, "it calls f()", odd.needs), own=1)


def test_a_database_without_a_journal_has_no_runs(target: str) -> None:
    with psycopg.connect(target, autocommit=True) as conn:
        journal = Journal(conn)
        assert not journal.exists()
        assert journal.runs() == []
        assert journal.steps("any") == []
        assert journal.last() is None
        assert journal.continued() is None
        assert journal.get("any") is None
        assert journal.reconcile(lambda record: True) == []


def test_steps_come_back_as_they_were_planned(target: str) -> None:
    planned = rich()
    with made.started(target, new_table("first"), planned) as (_, journal, _plan):
        first, record = journal.steps(journal.run)
    back = record.step()
    assert (first.seq, record.seq) == (1, 2)
    assert replace(back, guards=planned.guards) == planned
    assert record.object == planned.main.id
    assert (record.status, record.attempts, record.started) == ("planned", 0, None)


@pytest.mark.parametrize("statement", rich().statements)
def test_statements_are_the_same_after_json(statement: Statement) -> None:
    assert decode(encode(statement)) == statement


def test_a_run_is_kept_with_its_address_and_without_secrets(target: str) -> None:
    options = replace(PATIENT, scratch_url=URL, role_map={"a": "b"})
    with hold(target, "r1") as held:
        journal = Journal(held.control)
        journal.ensure()
        journal.start("r1", source=URL, target=URL, plan=Plan("s", "t", ()), options=options)
        run = journal.get("r1")
    assert run is not None
    assert (run.status, run.source_fingerprint, run.target_fingerprint) == ("running", "s", "t")
    assert run.options["role_map"] == {"a": "b"}
    assert run.source == run.target == "postgresql://joe@db.example/legacy"
    row = ask(target, "SELECT string_agg(r::text, '') FROM weedgo_migration.run r")
    assert "hidden" not in row


def test_the_secret_of_a_statement_is_sent_and_never_kept(target: str) -> None:
    shown = "CREATE TABLE public.shown (password text DEFAULT '***')"
    sent = "CREATE TABLE public.shown (password text DEFAULT 'hidden')"
    made.run(target, step(table("shown"), Statement(shown, secret=sent)))
    default = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = %s::regclass"
    assert "hidden" in ask(target, default, "public.shown")
    rows = ask(target, "SELECT string_agg(s::text, '') FROM weedgo_migration.step s")
    assert "'***'" in rows
    assert "hidden" not in rows


def test_a_step_in_a_transaction_is_recorded_in_it(target: str) -> None:
    """The row of the journal and the object have the same transaction."""
    made.run(target, new_column("orders", "note"))
    journal = "SELECT xmin::text FROM weedgo_migration.step"
    column = "SELECT xmin::text FROM pg_attribute WHERE attname = 'note'"
    assert ask(target, journal) == ask(target, column)


def test_a_second_ensure_changes_nothing(target: str) -> None:
    made.run(target, new_table("a"))
    with hold(target, "again") as held:
        Journal(held.control).ensure()
    assert ask(target, "SELECT count(*) FROM weedgo_migration.run") == 1


def test_a_journal_that_cannot_be_made_is_told(target: str) -> None:
    do(target, "CREATE SCHEMA weedgo_migration")
    with hold(target, "r1") as held, pytest.raises(StagedError, match="already exists"):
        Journal(held.control).ensure()


def test_an_unfinished_run_is_carried_on(target: str) -> None:
    with made.started(target, new_table("a")) as (_, journal, _plan):
        first = journal.run
        assert journal.continued() == first
    with made.started(target, new_table("a"), continues=first) as (_, journal, _plan):
        before = journal.get(first)
        assert before is not None
        assert before.status == "incomplete"
        journal.finish("equal")
        assert journal.continued() is None


class TestReconcile:
    @pytest.fixture
    def killed(self, target: str) -> str:
        """A run that ended in the middle of two builds."""
        steps = (new_table("a"), new_index("orders", "status"), new_index("orders", "store"))
        with made.started(target, *steps) as (_, journal, plan):
            for begun in plan.steps[1:]:
                journal.intent(begun)
            return journal.run

    def test_the_catalog_decides(self, target: str, killed: str) -> None:
        def stands(record: StepRecord) -> bool:
            return record.name == "orders_status_index"

        with hold(target, "next") as held:
            journal = Journal(held.control)
            settled = journal.reconcile(stands)
            assert [s.status for s in journal.steps(killed)] == ["planned", "done", "interrupted"]
            assert {s.name for s in settled} == {"orders_status_index", "orders_store_index"}
            run = journal.get(killed)
            assert run is not None
            assert run.status == "interrupted"
            assert journal.reconcile(stands) == []


def test_steps_that_share_a_transaction_are_timed_one_after_another(target: str) -> None:
    made.run(target, new_table("a"), new_table("b"), new_table("c"))
    with psycopg.connect(target, autocommit=True) as conn:
        journal = Journal(conn)
        last = journal.last()
        assert last is not None
        a, b, c = journal.steps(last.id)
    assert a.finished == b.started
    assert b.finished == c.started
    assert c.started is not None
    assert c.finished is not None
    assert c.elapsed == pytest.approx((c.finished - c.started).total_seconds(), abs=0.01)


def test_options_of_any_type_are_kept(target: str) -> None:
    with made.started(target, new_table("a"), options=Options()) as (_, journal, _plan):
        run = journal.get(journal.run)
    assert run is not None
    assert run.options["drop"] == "keep"
    assert conninfo_to_dict(run.target)["dbname"] == conninfo_to_dict(target)["dbname"]
