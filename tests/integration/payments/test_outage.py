"""A provider dies under sixteen processes: the other takes over, one probe brings it back."""

from __future__ import annotations

import json

from payments import health
from tests.integration.payments import outage
from tests.integration.payments.outage import AFTER, AGAIN, DEAD, PROBE, WELL, WORKERS
from tests.integration.payments.processes import run


def test_traffic_moves_to_the_other_and_back(open_shop, tmp_path):
    found = json.loads(run(outage, open_shop.schema_name, str(tmp_path / "sandbox")))
    assert [step["failed"] for step in found.values()] == [0] * 5, found
    charged = {step: seen["first"] + seen["second"] for step, seen in found.items()}
    assert charged == {
        step: WORKERS * each
        for step, each in zip(charged, (WELL, DEAD, PROBE, AGAIN, AFTER), strict=True)
    }, "each order is charged once"
    assert found["well"]["first"] == WORKERS * WELL
    dead = found["dead"]
    assert (dead["first"], dead["breaker"]) == (0, "open")
    # What opens the breaker, and the calls that were under way then.
    assert health.AT_LEAST <= dead["refused_by_first"] < health.AT_LEAST + WORKERS
    assert found["probe"]["refused_by_first"] == 1, "of sixteen one is the probe"
    assert (found["probe"]["first"], found["probe"]["breaker"]) == (0, "open")
    assert (found["again"]["first"] > 0, found["again"]["breaker"]) == (True, "closed")
    assert found["after"]["first"] == WORKERS * AFTER
