"""Rolling runs back: backwards, step by step, and only what nothing else still needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

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
from weedgo.staged.journal import Journal
from weedgo.staged.lease import hold
from weedgo.staged.model import ObjectId, Options, Result, Stage, StagedError, Status, Step
from weedgo.staged.undo import UndoJournal, rollback, way_back

Session = Callable[..., psycopg.Connection]


def undo(
    url: str,
    *,
    run: str = "",
    stages: tuple[Stage, ...] = tuple(Stage),
    options: Options = PATIENT,
) -> dict[str, Result]:
    """Roll back; results by the name of the step's object, in the order in which they ran."""
    with hold(url, "undoing") as target:
        results = rollback(
            target, Journal(target.control), options, Heard(), run=run, stages=stages
        )
    return {r.step.main.id.name: r for r in results}


def plan() -> tuple[Step, ...]:
    """Steps of three stages that need each other."""
    first = new_table("first")
    column = new_column("orders", "note")
    return first, column, new_index("orders", "note", needs=(column,))


def last(url: str) -> str:
    """Id of the last run."""
    return str(ask(url, "SELECT id FROM weedgo_migration.run ORDER BY started DESC LIMIT 1"))


def exists(url: str) -> list[bool]:
    """Whether table, column and index of the plan are there."""
    queries = (
        "SELECT to_regclass('public.first') IS NOT NULL",
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'note' AND NOT attisdropped)",
        "SELECT to_regclass('public.orders_note_index') IS NOT NULL",
    )
    return [ask(url, query) for query in queries]


def test_a_run_is_undone_backwards(target: str) -> None:
    made.run(target, *plan())
    results = undo(target)
    assert list(results) == ["orders_note_index", "note", "first"]
    assert {r.status for r in results.values()} == {Status.UNDONE}
    assert exists(target) == [False, False, False]
    assert set(journalled(target).values()) == {"undone"}
    assert ask(target, "SELECT status FROM weedgo_migration.run") == "undone"
    with pytest.raises(StagedError, match="no run in the journal has a step left"):
        undo(target)


def test_an_undone_run_can_be_done_again_and_undone_again(target: str) -> None:
    for _ in range(2):
        made.run(target, *plan())
        assert exists(target) == [True, True, True]
        undo(target)
        assert exists(target) == [False, False, False]


def test_a_stage_is_undone_alone(target: str) -> None:
    made.run(target, *plan())
    results = undo(target, stages=(Stage.INDEXES,))
    assert list(results) == ["orders_note_index"]
    assert exists(target) == [True, True, False]
    assert ask(target, "SELECT status FROM weedgo_migration.run") == "incomplete"
    assert list(undo(target, stages=(Stage.COLUMNS,))) == ["note"]


def test_a_stage_that_a_later_one_needs_is_refused_with_its_name(target: str) -> None:
    made.run(target, *plan())
    results = undo(target, stages=(Stage.COLUMNS, Stage.TABLES))
    assert results["note"].status is Status.REFUSED
    assert results["note"].message == (
        "stage 7 still needs it (index public.orders.orders_note_index); roll that stage back first"
    )
    assert results["first"].status is Status.UNDONE
    assert journalled(target) == {"first": "undone", "note": "done", "orders_note_index": "done"}


def test_what_cannot_be_undone_is_reported_and_so_is_what_it_needs(target: str) -> None:
    first = new_table("first")
    fill = step(
        ObjectId("sequence", "public", "rows"),
        "INSERT INTO public.first VALUES (1)",
        needs=(first,),
        no_undo="its rows may have been read",
    )
    made.run(target, first, fill, new_table("other"))
    results = undo(target)
    assert results["rows"].status is Status.REFUSED
    assert "its rows may have been read" in results["rows"].message
    assert results["first"].status is Status.WAITING
    assert results["other"].status is Status.UNDONE
    assert journalled(target)["rows"] == "done"


def test_a_run_that_carried_another_on_is_undone_with_it(target: str) -> None:
    broken = step(table("broken"), "CREATE TABLE public.broken (id nonsense)")
    made.run(target, new_table("first"), broken)
    mended = new_table("broken")
    made.run(target, mended, continues=last(target))
    results = undo(target)
    assert list(results) == ["broken", "first"]
    statuses = "SELECT array_agg(DISTINCT status) FROM weedgo_migration.run"
    assert ask(target, statuses) == ["undone"]


def test_an_older_run_is_undone_after_the_younger(target: str) -> None:
    made.run(target, new_table("first"))
    older = last(target)
    made.run(target, new_table("second"))
    with pytest.raises(StagedError, match=f"came after run {older}"):
        undo(target, run=older)
    assert list(undo(target)) == ["second"]
    assert list(undo(target)) == ["first"]


def test_a_run_that_is_not_there(target: str) -> None:
    with pytest.raises(StagedError, match="no journal"):
        undo(target)
    made.run(target, new_table("first"))
    with pytest.raises(StagedError, match="has no run nonsense"):
        undo(target, run="nonsense")
    with pytest.raises(StagedError, match="no step to undo in the stages"):
        undo(target, stages=(Stage.ACCESS,))


def test_a_lock_in_the_way_fails_that_step_and_the_next_rollback_goes_on(
    target: str, session: Session
) -> None:
    made.run(target, *plan())
    holder = session("LOCK TABLE public.orders IN ACCESS SHARE MODE")
    results = undo(target, options=replace(IMPATIENT, wait_timeout=0.3))
    assert results["note"].status in (Status.FAILED, Status.WAITING)
    assert results["first"].status is Status.UNDONE
    assert journalled(target)["note"] == "done"
    assert ask(target, "SELECT status FROM weedgo_migration.run") == "incomplete"
    holder.rollback()
    assert {r.status for r in undo(target).values()} == {Status.UNDONE}
    assert exists(target) == [False, False, False]


@pytest.mark.parametrize("gone", [False, True])
def test_a_rollback_that_was_killed_is_settled_from_the_catalog(target: str, gone: bool) -> None:
    made.run(target, *plan())
    with hold(target, "killed") as held:
        journal = Journal(held.control)
        way = way_back(journal)
        UndoJournal(journal, way).intent(way.steps[0])
    if gone:
        do(target, "DROP INDEX public.orders_note_index")
    with hold(target, "next") as held:
        journal = Journal(held.control)
        (settled,) = journal.reconcile(lambda record: not gone)
        assert settled.status == ("undone" if gone else "done")
    assert list(undo(target)) == ["orders_note_index", "note", "first"][gone:]
    assert exists(target) == [False, False, False]


def test_rows_written_since_are_kept(target: str) -> None:
    made.run(target, new_column("orders", "note"))
    do(target, "INSERT INTO public.orders VALUES (1000, 'late', 1, 5)")
    undo(target)
    assert ask(target, "SELECT count(*) FROM public.orders") == 101


def test_steps_in_phases_are_undone(target: str) -> None:
    do(target, "INSERT INTO public.stores VALUES (2, 'two')")
    name = ObjectId("constraint", "public", "positive", "orders")
    add = "ALTER TABLE public.orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID"
    check = "ALTER TABLE public.orders VALIDATE CONSTRAINT positive"
    away = "ALTER TABLE public.orders DROP CONSTRAINT positive"
    made.run(
        target,
        step(name, on("orders", add), on("orders", check, phase=1), undo=(on("orders", away),)),
    )
    assert undo(target)["positive"].status is Status.UNDONE
    assert ask(target, "SELECT count(*) FROM pg_constraint WHERE conname = 'positive'") == 0
