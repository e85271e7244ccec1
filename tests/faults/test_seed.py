"""The seed's migration, of 1,100 steps: killed, and its server stopped, somewhere in the middle."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.faults import scenario
from tests.faults.conftest import times
from tests.faults.process import KILLED, flag, running
from tests.faults.scenario import Scenario
from tests.faults.test_server import Fragile, copy, fragile, moved
from tests.faults.verdict import Rest, finish
from tests.proxy import proxied
from tests.servers import Server

pytestmark = pytest.mark.slow
# How often a run says that a step begins or has ended.
BOUNDARIES = 1700
# Seconds after a boundary within which the step that begins there is at work.
MOMENT = 0.03


@pytest.fixture(scope="module")
def seed(pg18: Server) -> Iterator[Scenario]:
    with scenario.loaded(scenario.SMALL_SEED, pg18) as found:
        yield found


@pytest.fixture(scope="module")
def its_rows(seed: Scenario) -> Rest:
    return Rest.of(seed)


@pytest.fixture(scope="module")
def fragile_seed() -> Iterator[Fragile]:
    with fragile(scenario.SMALL_SEED) as found:
        yield found


@pytest.mark.parametrize("number", times(1, 300))
def test_killed(seed: Scenario, its_rows: Rest, chance: random.Random, number: int) -> None:
    boundary, after = chance.randrange(1, BOUNDARIES), chance.uniform(0.0, MOMENT)
    options = replace(seed.options, jobs=1 + number % 3)
    with seed.target() as target:
        with running(seed.source, target, options, boundary=boundary, after=after) as process:
            process.join()
            assert process.exitcode == KILLED
        assert finish(seed, target, its_rows) == []


@pytest.mark.parametrize("number", times(0, 20))
def test_again_and_again(
    seed: Scenario, its_rows: Rest, chance: random.Random, number: int
) -> None:
    with seed.target() as target:
        for _ in range(10):
            boundary = chance.randrange(1, BOUNDARIES // 5)
            with running(
                seed.source, target, seed.options, boundary=boundary, after=MOMENT
            ) as process:
                process.join()
        assert finish(seed, target, its_rows) == []


# The short form is test_server.py's, on smaller schemas.
@pytest.mark.parametrize("number", times(0, 100))
def test_its_server_stopped(fragile_seed: Fragile, chance: random.Random, number: int) -> None:
    server, reached = fragile_seed.server, flag()
    of = fragile_seed.of
    target = copy(of)
    with (
        proxied(target) as proxy,
        proxied(of.source) as wanted,
        running(
            wanted.url(of.source), proxy.url(target), replace(of.options, jobs=1 + number % 3),
            boundary=chance.randrange(1, BOUNDARIES), by=0, reached=reached,
        ) as process,
    ):  # fmt: skip
        assert reached.wait(300)
        process.join(chance.uniform(0.0, MOMENT))
        server.cluster.stop("immediate")
        server.cluster.start()
        proxy.upstream = wanted.upstream = urlsplit(fragile_seed.of.source).port or 0
        process.join()
        assert process.exitcode in (0, 1)
    try:
        assert fragile_seed.finish(target) == []
    finally:
        fragile_seed.of.server.drop_database(moved(target, server))
