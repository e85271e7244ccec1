"""Whatever fails and whoever is killed: at most one charge for each order, every cent known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from django.db import connection

from tests.integration.payments import fault_run
from tests.integration.payments.fault_run import Config, naive

ROOT = Path(__file__).parents[3]


def faults(config):
    """Run the harness in processes of its own, which it may kill."""
    where = connection.settings_dict
    url = f"postgresql://{where['USER']}@/{where['NAME']}?host={where['HOST']}&port={where['PORT']}"
    if not where["HOST"].startswith("/"):
        url = f"postgresql://{where['USER']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "weedgo.settings"}
    environment.pop("MIGRATION_DATABASE_URL", None)
    ended = subprocess.run(
        [sys.executable, "-m", fault_run.__name__, json.dumps(asdict(config))],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


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
