"""Payments of two shops that have everything in common but their schema never meet."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.integration.tenancy import two_shops
from tests.integration.tenancy.conftest import SHOPS
from tests.integration.tenancy.two_shops import ORDERS, PRICES
from tests.project import ROOT


def test_each_shop_has_its_own_money(site, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", two_shops.__name__, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {
            "DATABASE_URL": site.application, "DJANGO_SETTINGS_MODULE": "weedgo.settings",
            "MIGRATION_DATABASE_URL": site.owner,
        },
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    for shop, other in zip(SHOPS, reversed(SHOPS), strict=True):
        price = PRICES[shop]
        assert found[shop] == {
            "statuses": ["succeeded"],
            "operations": ORDERS,
            "amounts": [price],
            "transactions": ORDERS,
            "events": ORDERS,
            "receivable": ORDERS * price,
            "taken": [price] * ORDERS,
            "answers": {shop: [200], other: [400]},
        }
