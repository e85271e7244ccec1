"""Sessions of the run are ended, and the network drops its connections."""

from __future__ import annotations

import random

import psycopg
import pytest

from tests.faults.conftest import times
from tests.faults.process import running
from tests.faults.scenario import Scenario
from tests.faults.verdict import Rest, finish
from tests.proxy import proxied

SOON = 2.0
_OURS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'weedgo %' ORDER BY pid
"""


@pytest.mark.parametrize("number", times(2, 60))
def test_a_session_is_ended(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    with of.target() as target, psycopg.connect(target, autocommit=True) as other:
        with running(of.source, target, of.options) as process:
            process.join(chance.uniform(0.1, SOON))
            pids = [pid for (pid,) in other.execute(_OURS)]
            if pids:
                other.execute("SELECT pg_terminate_backend(%s)", [chance.choice(pids)])
            process.join()
            # It goes on by itself, or says what is not done.
            assert process.exitcode in (0, 1, 2)
        assert finish(of, target, rest) == []


@pytest.mark.parametrize("number", times(2, 60))
def test_the_network_breaks(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    with of.target() as target, proxied(target) as proxy:
        with running(of.source, proxy.url(target), of.options) as process:
            process.join(chance.uniform(0.1, SOON))
            proxy.cut()
            process.join()
            assert process.exitcode in (0, 1, 2)
        assert finish(of, target, rest) == []


@pytest.mark.parametrize("number", times(1, 30))
def test_the_network_is_gone(of: Scenario, rest: Rest, chance: random.Random, number: int) -> None:
    with of.target() as target, proxied(target) as proxy:
        with running(of.source, proxy.url(target), of.options) as process:
            process.join(chance.uniform(0.1, SOON))
            proxy.refusing = True
            proxy.cut()
        # Killed while it tries to come back; what it left in the server is ended or waited for.
        assert finish(of, target, rest) == []
