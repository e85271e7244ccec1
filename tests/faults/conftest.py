"""Scenarios on servers, and how often each fault is tried."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from tests.faults import scenario
from tests.faults.scenario import Scenario
from tests.faults.verdict import Rest
from tests.servers import Server

# A failure is tried again by the number that it names.
CHANCE = int(os.environ.get("FAULTS_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


def pytest_report_header() -> str:
    """What brings the same faults again."""
    return f"FAULTS_SEED={CHANCE}"


def times(short: int, long: int) -> list[object]:
    """Numbers of tries: a few always, the rest in the soak, as many as FAULTS says."""
    long = int(os.environ.get("FAULTS", long))
    return [
        *range(short),
        *(pytest.param(n, marks=pytest.mark.soak) for n in range(short, long)),
    ]  # fmt: skip


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """What is random in a test, by its name and the session's number."""
    return random.Random(f"{CHANCE} {request.node.name}")


@pytest.fixture(scope="session", params=scenario.NAMES)
def of(request: pytest.FixtureRequest, pg18: Server) -> Iterator[Scenario]:
    """Each of the small scenarios."""
    with scenario.loaded(request.param, pg18) as found:
        yield found


@pytest.fixture(scope="session")
def rest(of: Scenario) -> Rest:
    """The rows of the scenario."""
    return Rest.of(of)
