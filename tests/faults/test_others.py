"""Others change the target under the run; and two runs at once."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.cases import harness
from tests.faults import scenario
from tests.faults.conftest import times
from tests.faults.process import running
from tests.faults.scenario import Scenario
from tests.faults.verdict import Rest, finish
from tests.servers import ROOT
from weedgo.staged.lease import hold
from weedgo.staged.model import Event, StagedError
from weedgo.staged.run import migrate, plan

# What others do to the shop, and the rows that it takes with it; the next run makes it good.
MEDDLING = (
    "CREATE INDEX lines_sku ON lines (sku)",
    "CREATE INDEX orders_note ON orders (note)",
    "DROP INDEX IF EXISTS orders_placed",
    "ALTER TABLE orders ADD paid_at timestamptz",
    "ALTER TABLE lines ADD price text",
    "ALTER TABLE stores ALTER name SET NOT NULL",
    "CREATE FUNCTION stamp() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DROP VIEW IF EXISTS paid",
    "CREATE TABLE tickets (id int)",
    "DROP INDEX IF EXISTS orders_customer_state",
    "ALTER TYPE status ADD VALUE IF NOT EXISTS 'packed' BEFORE 'paid'",
    "ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_store",
)


def meddling(target: str, statement: str, when: int) -> Callable[[Event], None]:
    """A listener that runs a statement in another session when it has been told so many times."""
    told = 0

    def listen(event: Event) -> None:
        nonlocal told
        told += event.what in ("step", "result")
        if told == when and event.what in ("step", "result"):
            told += 1
            with psycopg.connect(target, autocommit=True) as other:
                other.execute("SET lock_timeout = '5s'")
                try:
                    other.execute(statement.encode())
                except psycopg.Error:
                    return  # The run was there first.

    return listen


@pytest.mark.parametrize("number", times(2, 80))
def test_others_change_it(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    statement = MEDDLING[number % len(MEDDLING)]
    with of.target() as target:
        when = chance.randrange(1, 90)
        migrate(of.source, target, of.options, backup=False,
                listen=meddling(target, statement, when))  # fmt: skip
        assert finish(of, target, rest) == [], (statement, when)


def test_a_plan_of_what_was_otherwise_is_refused(of: Scenario, tmp_path: Path) -> None:
    with of.target() as target:
        plan(of.source, target, of.options, output=tmp_path / "plan", proof=False)
        harness.load(target, "CREATE TABLE another (id int)")
        before = scenario.columns(target)
        with pytest.raises(StagedError, match="changed"):
            migrate(of.source, target, of.options, backup=False, expected=tmp_path / "plan")
        assert scenario.columns(target) == before


def test_the_second_of_two_runs_names_the_first(of: Scenario, rest: Rest) -> None:
    with of.target() as target:
        with hold(target, "the-first"):
            told = subprocess.run(
                [sys.executable, "manage.py", "migrate_staged", "--source", of.source,
                 "--target", target, "--no-backup", "--json"],
                cwd=ROOT, capture_output=True, text=True, check=False,
            )  # fmt: skip
        assert told.returncode == 2
        said = json.loads(told.stdout)
        assert (said["status"], said["exit"]) == ("error", 2)
        assert "run the-first of" in said["message"]
        assert finish(of, target, rest) == []


def test_two_that_start_together(of: Scenario, rest: Rest) -> None:
    with of.target() as target:
        both = running(of.source, target, of.options), running(of.source, target, of.options)
        with both[0] as one, both[1] as other:
            one.join()
            other.join()
            # The second is turned away, or comes after the first and finds nothing to do.
            assert sorted([one.exitcode, other.exitcode]) in ([0, 0], [0, 2])
        assert finish(of, target, rest) == []
