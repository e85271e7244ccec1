"""Reports as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from inventory.models.periods import FLOWS
from inventory.services.periods import Report, Row

# As the AGCO's monthly federal report names them.
TITLES = {
    "opening": "Opening inventory",
    "purchased": "Quantity purchased from supplier",
    "returned": "Quantity returned from customers",
    "other_additions": "Other additions",
    "transferred_in": "Transferred in from other stores",
    "sold": "Quantity sold",
    "destroyed": "Quantity destroyed",
    "stolen": "Quantity lost or stolen",
    "supplier_returned": "Quantity returned to supplier",
    "other_reductions": "Other reductions",
    "transferred_out": "Transferred out to other stores",
    "closing": "Closing inventory",
}


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def monthly_csv(report: Report) -> Iterator[str]:
    """Yield a month's report: a SKU and UPC a line, units, weight and value of each flow.

    Args:
        report: see `inventory.services.monthly_report`. Weights are net, in kilograms, and empty
            where a unit's is not known; values are at cost, in dollars.
    """
    header = ["Store", "Licence", "Month", "SKU", "UPC"]
    for flow in FLOWS:
        name = TITLES[flow]
        header += [f"{name} (units)", f"{name} (weight, kg)", f"{name} (value, CAD)"]
    writer = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in report.rows:
        yield writer.writerow(_line(report, row))


def _line(report: Report, row: Row) -> list[Any]:
    store = report.store
    line: list[Any] = [
        _plain(store.name), _plain(store.crol_number), f"{report.month:%Y-%m}", row.sku, row.upc,
    ]  # fmt: skip
    for flow in FLOWS:
        grams = row.weight_g(flow)
        line += [
            row.units[flow],
            "" if grams is None else f"{grams / 1000:.6f}",
            f"{row.minor[flow] / 100:.2f}",
        ]
    return line


def _plain(text: str) -> str:
    """A name that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
