"""Ctrl-C: the step in progress is ended or undone, and the next run goes on from there."""

from __future__ import annotations

import os
import random
import signal

import psycopg
import pytest

from tests.faults.conftest import times
from tests.faults.process import running
from tests.faults.scenario import Scenario
from tests.faults.verdict import Rest, back, finish

SOON = 2.0
# More than a small scenario has.
BOUNDARIES = 200
_INVALID = """
SELECT 'invalid index ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE c.relkind = 'i' AND NOT (i.indisvalid AND i.indisready)
"""
_LEFT = """
SELECT 'run ' || id || ' is ' || status FROM weedgo_migration.run
 WHERE status NOT IN ('interrupted', 'equal')
UNION ALL
SELECT 'step ' || id || ' is running' FROM weedgo_migration.step WHERE status = 'running'
UNION ALL
SELECT 'session ' || pid || ' is left' FROM pg_stat_activity
 WHERE datname = current_database() AND application_name LIKE 'weedgo %'
"""


def stands(target: str) -> list[str]:
    """What a run that was interrupted should not have left."""
    with psycopg.connect(target) as conn:
        # That of a partitioned table waits for those of its partitions.
        found = [str(r[0]) for r in conn.execute(_INVALID)]
        row = conn.execute("SELECT to_regclass('weedgo_migration.step')").fetchone()
        if row and row[0]:
            found += [str(r[0]) for r in conn.execute(_LEFT.encode())]
    return found


@pytest.mark.parametrize("number", times(2, 60))
def test_at_any_moment(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    with of.target() as target:
        with running(of.source, target, of.options) as process:
            process.join(chance.uniform(0.3, SOON))
            if process.pid and process.is_alive():
                os.kill(process.pid, signal.SIGINT)
            process.join()
            assert process.exitcode in (130, 0)
        assert stands(target) == []
        assert finish(of, target, rest) == []


@pytest.mark.parametrize(
    "boundary",
    [n if n % 50 == 7 else pytest.param(n, marks=pytest.mark.soak) for n in range(1, BOUNDARIES)],
)
def test_at_a_boundary(of: Scenario, rest: Rest, boundary: int) -> None:
    with of.target() as target:
        with running(of.source, target, of.options, boundary=boundary, by=signal.SIGINT) as process:
            process.join()
            assert process.exitcode in (130, 0)
        assert stands(target) == []
        assert finish(of, target, rest) == []


@pytest.mark.parametrize("number", times(1, 30))
def test_on_the_way_back(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    with of.target() as target:
        with running(of.source, target, of.options) as process:
            process.join()
        boundary = chance.randrange(3, 60)
        with running(
            of.source, target, of.options, boundary=boundary, back=True, by=signal.SIGINT
        ) as process:
            process.join()
            assert process.exitcode in (130, 0)
        assert back(of, target) == []
        assert finish(of, target, rest) == []
