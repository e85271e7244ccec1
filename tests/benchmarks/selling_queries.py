"""``python -m tests.benchmarks.selling_queries``: time the selectors' queries of a shared layout.

Run by `selling` in a process of its own, as Django's settings come from the environment. Prints
one JSON document.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterable, Iterator
from statistics import median, quantiles
from typing import Any

import django

SHARED = "shared"
TENANTS = 50
LOOKUPS = 2000
RUNS = 5


def main() -> None:
    """Explain and time with the indexes, drop them, and time again."""
    django.setup()
    from django.db import connection

    from tests.integration.store import test_indexes

    connection.set_schema(SHARED)
    found = [_of_tenant(query) for query in test_indexes.queries()]
    plans = [json.loads(query.explain(format="json")) for query in found]
    used = {name for plan in plans for name in test_indexes.indexes(plan)}
    # What the claim is about: orders and products of one tenant among fifty.
    about = [query for query in found if query.model._meta.db_table in ("orders", "products")]
    document = {
        "sku": _lookups(_skus()),
        "search": _lookups(_searches()),
        "with": [_time(query, RUNS) for query in about],
        "used": sorted(used),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('DROP INDEX %%I.%%I', schemaname, indexname), '; '), count(*)"
            " FROM pg_indexes WHERE schemaname = %s",
            [SHARED],
        )
        drop, document["indexes"] = cursor.fetchone()
        cursor.execute(drop)
    document["without"] = [_time(query, 2) for query in about]
    document["queries"] = [_name(query) for query in about]
    sys.stdout.write(json.dumps(document))


def _of_tenant(query: Any) -> Any:
    """The query of a selector, for the tenant whose rows it finds."""
    low, high = query.query.low_mark, query.query.high_mark
    whole = query.all()
    whole.query.clear_limits()
    row = whole.order_by().values_list("tenant_id", flat=True)[:1]
    tenant = next(iter(row), 18)
    narrowed = whole.filter(tenant_id=tenant)
    narrowed.query.set_limits(low, high)
    return narrowed


def _name(query: Any) -> str:
    return str(query.query).partition(" WHERE ")[2][:90]


def _time(query: Any, runs: int) -> float:
    """Milliseconds of one run, rows fetched; the median."""
    from django.db import connection

    text, parameters = query.query.sql_with_params()
    times = []
    with connection.cursor() as cursor:
        for _ in range(runs + 1):
            began = time.perf_counter()
            cursor.execute(text, parameters)
            cursor.fetchall()
            times.append(1000 * (time.perf_counter() - began))
    return median(times[1:])


def _skus() -> Iterator[Any]:
    from weedgo.store import selectors

    rng = random.Random(1)
    for _ in range(LOOKUPS):
        number = rng.randrange(1, 100_000)
        found = selectors.product_by_sku(f"SKU-{number:06}")
        yield found.filter(tenant_id=number % TENANTS + 1)


def _searches() -> Iterator[Any]:
    from weedgo.store import selectors

    rng = random.Random(2)
    for _ in range(LOOKUPS):
        number = rng.randrange(1, 100_000)
        # Two hundred products have the word; the page shows the best twenty.
        found = selectors.search_products(f"word{number % 500}")
        yield found.filter(tenant_id=number % TENANTS + 1)[:20]


def _lookups(queries: Iterable[Any]) -> dict[str, float]:
    """Milliseconds of one lookup, by the client's clock and by the server's; and of none at all."""
    from django.db import connection

    times: dict[str, list[float]] = {"client": [], "server": [], "nothing": []}
    with connection.cursor() as cursor:
        for query in queries:
            text, parameters = query.query.sql_with_params()
            for name, statement in (("client", text), ("nothing", "SELECT 1")):
                began = time.perf_counter()
                cursor.execute(statement, parameters if name == "client" else None)
                cursor.fetchall()
                times[name].append(1000 * (time.perf_counter() - began))
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}", parameters)
            times["server"].append(cursor.fetchone()[0][0]["Execution Time"])
    found = {}
    for name, values in times.items():
        warm = values[len(values) // 10 :]
        found |= {name: median(warm), f"{name}_p99": quantiles(warm, n=100)[98]}
    return found


if __name__ == "__main__":
    main()
