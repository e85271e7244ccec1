"""The process is killed: at any moment, and wherever a step begins or ends."""

from __future__ import annotations

import random

import pytest

from tests.faults.conftest import times
from tests.faults.process import KILLED, running
from tests.faults.scenario import Scenario
from tests.faults.verdict import Rest, back, finish

# Within so many seconds a run of a small scenario is in the middle.
SOON = 2.0
# More than a small scenario has.
BOUNDARIES = 160


@pytest.mark.parametrize("number", times(4, 250))
def test_at_any_moment(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    with of.target() as target:
        with running(of.source, target, of.options) as process:
            process.join(chance.uniform(0.1, SOON))
        assert finish(of, target, rest) == []


@pytest.mark.parametrize("number", times(1, 20))
def test_again_and_again(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    with of.target() as target:
        for _ in range(15 if number else 5):
            with running(of.source, target, of.options) as process:
                process.join(chance.uniform(0.1, SOON))
        assert finish(of, target, rest) == []


@pytest.mark.parametrize(
    "boundary",
    [n if n % 40 == 3 else pytest.param(n, marks=pytest.mark.soak) for n in range(1, BOUNDARIES)],
)
def test_at_a_boundary(of: Scenario, rest: Rest, boundary: int) -> None:
    with of.target() as target:
        with running(of.source, target, of.options, boundary=boundary) as process:
            process.join()
            assert process.exitcode in (KILLED, 0)
        assert finish(of, target, rest) == []


@pytest.mark.parametrize("number", times(2, 40))
def test_on_the_way_back(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    with of.target() as target:
        with running(of.source, target, of.options) as process:
            process.join()
        with running(of.source, target, of.options, back=True) as process:
            process.join(chance.uniform(0.1, SOON / 2))
        assert back(of, target) == []
        assert finish(of, target, rest) == []
