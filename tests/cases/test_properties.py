"""Schemas drawn at random: equal by pg_dump, rows kept, undone, planned twice to the same bytes."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from tests.cases import harness
from tests.cases.drawn import Pair, pairs
from tests.servers import Server
from weedgo.staged import catalog, diff, planning
from weedgo.staged.model import DropMode, Options, Plan

QUIET = settings(
    deadline=None, derandomize=True, max_examples=5, database=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def _holds(pair: Pair, server: Server) -> None:
    note(f"{pair.old}\n--\n{pair.new}\n--\n{pair.seed}")
    outcome = harness.run(server, server, pair.old, pair.new, pair.seed)
    assert not outcome.problems, "\n".join(outcome.problems)
    assert not outcome.refused


@QUIET
@given(pairs())
def test_any_pair_migrates_and_goes_back(pg18: Server, pair: Pair) -> None:
    _holds(pair, pg18)


@pytest.mark.soak
@settings(QUIET, derandomize=False, max_examples=120, print_blob=True)
@given(pairs())
def test_many_pairs_migrate_and_go_back(pg18: Server, pair: Pair) -> None:
    _holds(pair, pg18)


def _plan(source: str, target: str) -> Plan:
    options = Options(drop=DropMode.DROP)
    with (
        psycopg.connect(source, autocommit=True) as there,
        psycopg.connect(target, autocommit=True) as here,
    ):
        wanted, standing = catalog.read(there), catalog.read(here)
    return planning.make(wanted, standing, diff.compare(wanted, standing, options), options)


@settings(QUIET, max_examples=3)
@given(pairs())
def test_the_same_difference_gives_the_same_plan(pg18: Server, pair: Pair) -> None:
    source, target = pg18.create_database("drawn_new"), pg18.create_database("drawn_old")
    try:
        harness.load(source, pair.new)
        harness.load(target, pair.old)
        first, second = (repr(_plan(source, target)) for _ in range(2))
        assert first == second
    finally:
        for url in (source, target):
            pg18.drop_database(url)
