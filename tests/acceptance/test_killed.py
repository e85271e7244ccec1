"""Issue 2: killed in the middle of a stage, the next run finishes the job all the same."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import pgdump
from tests.acceptance.conftest import OPTIONS, Copy
from tests.acceptance.test_seed_migration import FIGURES, assert_parity, done, only
from tests.servers import ROOT
from weedgo import staged
from weedgo.staged.model import Report, Stage, Step

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

# Steps of a stage are at work: some are done, and one waits for a certain session.
HELD_UP = """
SELECT count(*) FILTER (WHERE status = 'done') > 0 AND count(*) FILTER (WHERE status <> 'done') > 0
       AND EXISTS (SELECT FROM pg_stat_activity a
                    WHERE a.datname = current_database() AND %s = ANY(pg_blocking_pids(a.pid)))
  FROM weedgo_migration.step
 WHERE stage = %s AND run = (SELECT id FROM weedgo_migration.run ORDER BY started DESC LIMIT 1)
"""
HAS_JOURNAL = "SELECT to_regclass('weedgo_migration.step') IS NOT NULL"
INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid OR NOT indisready"
PATIENCE = 120.0


def wait_until(question: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def table_in_the_middle(planned: Report, stage: Stage) -> str:
    """A table of which a stage first needs a lock when half of its steps are done."""
    assert planned.plan is not None
    steps = planned.plan.stage(stage)
    first: dict[str, int] = {}
    for position, step in enumerate(steps):
        for table in tables(step):
            first.setdefault(table, position)
    return min(first, key=lambda table: abs(first[table] - len(steps) // 2))


def tables(step: Step) -> set[str]:
    return {statement.table.name for statement in step.statements if statement.table}


@contextmanager
def held(url: str, table: str) -> Iterator[int]:
    """Somebody's open transaction that has written to a table; yields the session's process id."""
    with psycopg.connect(url) as connection:
        lock = sql.SQL("LOCK TABLE {} IN ROW EXCLUSIVE MODE").format(sql.Identifier(table))
        connection.execute(lock)
        yield connection.info.backend_pid
        connection.rollback()


def kill_in(stage: Stage, legacy: str, target: str, folder: Path, holder: int) -> None:
    """Start the command, and kill -9 it when a step of the stage waits for the holder."""
    process = subprocess.Popen(
        [
            sys.executable, "manage.py", "migrate_staged", "--source", legacy, "--target", target,
            "--output", str(folder), "--no-backup",
        ],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with psycopg.connect(target, autocommit=True) as watch:

            def held_up() -> bool:
                assert process.poll() is None, "the run ended by itself"
                return one(watch, HAS_JOURNAL) and one(watch, HELD_UP, holder, int(stage))

            wait_until(held_up, f"the middle of stage {stage}")
    finally:
        process.kill()
        process.wait()


def one(connection: psycopg.Connection, query: str, *arguments: object):
    row = connection.execute(query.encode(), arguments or None).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param(Stage.COLUMNS, marks=pytest.mark.soak),
        Stage.INDEXES,
        pytest.param(Stage.CONSTRAINTS, marks=pytest.mark.soak),
    ],
)
def test_killed_in_the_middle_of_a_stage(
    legacy: str, copy: Copy, tmp_path: Path, stage: Stage
) -> None:
    target = copy()
    before = pgdump.dump(target)
    if stage > Stage.COLUMNS:
        staged.migrate(legacy, target, only(*range(stage)))
    table = table_in_the_middle(staged.plan(legacy, target, OPTIONS), stage)

    with held(target, table) as holder:
        kill_in(stage, legacy, target, tmp_path / "killed", holder)
        if stage is Stage.INDEXES:
            with psycopg.connect(target) as connection:
                assert one(connection, INVALID) == 1

    second = staged.migrate(legacy, target, OPTIONS)

    assert (second.status, second.exit) == ("equal", 0)
    label = {3: "columns", 7: "indexes", 8: "constraints"}[stage]
    assert 0 < done(second)[label] < FIGURES[label]
    assert_parity(legacy, before, target)
    with psycopg.connect(target) as connection:
        assert one(connection, INVALID) == 0
    assert staged.migrate(legacy, target, OPTIONS).results == ()
