"""Whatever fails and whoever is killed: at most one charge for each order, every cent known."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from tests.integration.payments import fault_run, processes
from tests.integration.payments.fault_run import Config, naive


def faults(config):
    """Run the harness in processes of its own, which it may kill."""
    return json.loads(processes.run(fault_run, json.dumps(asdict(config))))


def check(found):
    assert found["charged_twice"] == 0, found
    assert found["unknown_to_us"] == 0, found
    assert found["open"] == 0, found
    assert found["ledger"] == 0, found
    assert found["receivable"] == found["at_provider"] == found["captured"], found


@pytest.mark.parametrize("deduplicates", [True, False], ids=["deduplicates", "forgets"])
@pytest.mark.parametrize(
    "orders", [25, pytest.param(2000, marks=pytest.mark.soak)], ids=["short", "long"]
)
def test_at_most_one_charge(open_shop, tmp_path, record_property, orders, deduplicates):
    config = Config(
        open_shop.schema_name, str(tmp_path / "sandbox"), orders, deduplicates=deduplicates
    )
    found = faults(config)
    record_property("found", json.dumps(found))
    check(found)
    assert found["paid"] > orders * 0.5
    assert found["crashes"] > 0


@pytest.mark.parametrize("protocol", ["new_key", "failover"])
def test_naive_protocols_charge_twice_in_the_same_weather(tmp_path, record_property, protocol):
    found = naive(200, protocol, str(tmp_path / "sandbox"))
    record_property("found", json.dumps(found))
    assert found["charged_twice"] > 10
