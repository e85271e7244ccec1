"""The server fails when all is done and only compared afresh."""

from __future__ import annotations

import psycopg

from tests.faults.scenario import Scenario
from tests.faults.verdict import Rest, finish
from weedgo.staged.model import Event
from weedgo.staged.run import migrate

_OURS = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
 WHERE datname = current_database() AND application_name LIKE 'weedgo %'
"""


def test_the_lease_is_lost_while_verifying(of: Scenario, rest: Rest) -> None:
    with of.target() as target, psycopg.connect(target, autocommit=True) as other:
        left = [1]

        def listen(event: Event) -> None:
            if event.what == "phase" and event.text.startswith("verifying") and left[0]:
                left[0] -= 1
                other.execute(_OURS)

        report = migrate(of.source, target, of.options, backup=False, listen=listen)
        assert (report.status, report.exit) == ("equal", 0)
        assert finish(of, target, rest) == []
