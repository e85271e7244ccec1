"""The way back: after each stage, in the middle of one, and with rows written meanwhile."""

from __future__ import annotations

import random
from dataclasses import replace

import psycopg
import pytest

from tests.faults import scenario
from tests.faults.conftest import times
from tests.faults.process import running
from tests.faults.scenario import Scenario
from tests.faults.verdict import Rest, back, finish
from weedgo.staged.model import Stage
from weedgo.staged.run import migrate

# Rows that fit both schemas, and none of whose columns is of one of them only.
WRITTEN = """
INSERT INTO customers (id, email, points)
SELECT n, 'late' || n, 1 FROM generate_series(9001, 9009) n;
UPDATE orders SET note = 'late' WHERE id % 50 = 0;
DELETE FROM visits WHERE id % 100 = 0;
INSERT INTO lines VALUES (1, 99, 'late', 3);
"""


def written(of: Scenario, target: str) -> Rest:
    """Write to the tables as an application does; the rows that they hold then."""
    with psycopg.connect(target, autocommit=True) as conn:
        conn.execute(WRITTEN.encode())
    return Rest(scenario.rows(target, scenario.columns(of.original, of.source)))


def check(of: Scenario, target: str) -> None:
    """Write, go back, and look whether the schema is as before and the rows as they are now."""
    kept = written(of, target)
    assert back(of, target) == []
    assert scenario.rows(target, scenario.columns(of.original, of.source)) == kept.rows
    # And forwards again.
    assert finish(of, target, kept) == []


@pytest.mark.parametrize(
    "last",
    [s if s in (3, 7, 9) else pytest.param(s, marks=pytest.mark.soak) for s in range(10)],
)
def test_after_each_stage(of: Scenario, last: int) -> None:
    stages = tuple(s for s in Stage if s <= last)
    with of.target() as target:
        migrate(of.source, target, replace(of.options, stages=stages), backup=False)
        check(of, target)


@pytest.mark.parametrize("number", times(3, 60))
def test_in_the_middle(of: Scenario, chance: random.Random, number: int) -> None:
    with of.target() as target:
        boundary = chance.randrange(8, 95)
        with running(of.source, target, of.options, boundary=boundary) as process:
            process.join()
        check(of, target)


@pytest.mark.parametrize("number", times(2, 40))
def test_at_any_moment(of: Scenario, chance: random.Random, number: int) -> None:
    with of.target() as target:
        with running(of.source, target, of.options) as process:
            process.join(chance.uniform(0.3, 2.0))
        check(of, target)


def test_stage_by_stage(of: Scenario, rest: Rest) -> None:
    with of.target() as target:
        for stage in Stage:
            migrate(of.source, target, replace(of.options, stages=(stage,)), backup=False)
        assert finish(of, target, rest) == []
