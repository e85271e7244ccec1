"""Fixtures of the audit log's tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from audit import aggregates, seals
from tests.integration.audit.log import run

OTHERS = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname <> current_database() AND backend_xid IS NOT NULL
       AND age(backend_xid) >= age(%s::xid)
"""


@pytest.fixture(autouse=True)
def no_horizon_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seal and sum up past the transactions of other tests, on other databases of the server.

    The horizon is the server's; what these tests are about are transactions of their own.
    """
    monkeypatch.setattr(seals, "seal", partial(_past_others, seals.seal))
    monkeypatch.setattr(aggregates, "roll_up", partial(_past_others, aggregates.roll_up))


def _past_others(job: Callable[[], Any]) -> Any:
    if not connection.in_atomic_block:
        [(now,)] = run("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        give_up = time.monotonic() + 300
        while run(OTHERS, now) != [(0,)] and time.monotonic() < give_up:
            time.sleep(0.05)
    return job()
