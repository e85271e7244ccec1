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


def written(of: Scenario, target: str) -> Rest:
    """Write to the tables as an application does; the rows that they hold then."""
    with psycopg.connect(target, autocommit=True) as conn:
        conn.execute(of.written.encode())
    return Rest(scenario.rows(target, of.columns))


def check(of: Scenario, target: str) -> None:
    """Write, go back, and look whether the schema is as before and the rows as they are now."""
    kept = written(of, target)
    assert back(of, target) == []
    assert scenario.rows(target, of.columns) == kept.rows
    # And forwards again.
    assert finish(of, target, kept) == []


@pytest.mark.parametrize(
    "last",
    [s if s in (3, 8) else pytest.param(s, marks=pytest.mark.soak) for s in range(10)],
)
def test_after_each_stage(of: Scenario, last: int) -> None:
    stages = tuple(s for s in Stage if s <= last)
    with of.target() as target:
        migrate(of.source, target, replace(of.options, stages=stages), backup=False)
        check(of, target)


@pytest.mark.parametrize("number", times(2, 60))
def test_in_the_middle(of: Scenario, chance: random.Random, number: int) -> None:
    with of.target() as target:
        boundary = chance.randrange(8, 95)
        with running(of.source, target, of.options, boundary=boundary) as process:
            process.join()
        check(of, target)


@pytest.mark.parametrize("number", times(1, 40))
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
