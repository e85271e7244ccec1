"""A provider dies under sixteen workers and comes back.

``python -m tests.integration.payments.outage SCHEMA PATH`` works in a tenant's schema, with a file
of the sandbox's. The workers are processes of their own that charge orders in step with each other;
what happened in each step is printed as JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.integration.payments.fault_run import enter

WORKERS = 16
PRICE = 3384
# How many orders each worker charges in each step.
WELL, DEAD, PROBE, AGAIN, AFTER = 3, 6, 1, 3, 2


def main() -> None:
    """Run all steps and print what each of the two providers did in them."""
    import django

    django.setup()
    from payments import breaker

    # A slow machine must not let a rest pass; the steps end it.
    breaker.REST = timedelta(hours=1)
    sys.stdout.write(json.dumps(run(sys.argv[1], sys.argv[2])))


def run(schema: str, path: str) -> dict[str, Any]:
    """Charge orders in each step; return how many calls each provider got and did in it."""
    from django.db import connection

    enter(schema)
    first, second, orders = _prepared(path)
    connection.close()
    processes = multiprocessing.get_context("fork")
    steps = {"well": WELL, "dead": DEAD, "probe": PROBE, "again": AGAIN, "after": AFTER}
    found: dict[str, Any] = {}
    for step, each in steps.items():
        told = _prepare(schema, step, first)
        before = first.done(), second.done()
        shares = [[orders.pop() for _ in range(each)] for _ in range(WORKERS)]
        barrier = processes.Barrier(WORKERS)
        workers = [
            processes.Process(target=_work, args=(schema, share, barrier)) for share in shares
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        found[step] = {
            "failed": sum(worker.exitcode != 0 for worker in workers),
            "first": len(first.done()) - len(before[0]),
            "second": len(second.done()) - len(before[1]),
            "refused_by_first": told - _told(first),
            "breaker": _breaker(schema, first.provider),
        }
    return found


def _prepared(path: str) -> tuple[Any, Any, list[int]]:
    from payments.models import Provider
    from payments.providers.sandbox import Sandbox
    from weedgo.store.factories import OrderFactory, StoreFactory

    Provider.objects.update(is_active=False)
    wires = []
    for priority in (1, 2):
        code = f"outage-{uuid4().hex[:8]}"
        Provider.objects.create(
            code=code, name="Outage", kind="sandbox", adapter="sandbox", methods=["card"],
            priority=priority, config={"path": path},
        )  # fmt: skip
        wires.append(Sandbox(path, code, deduplicates=True))
    prefix = uuid4().hex[:6]
    store = StoreFactory(code=prefix)
    count = WORKERS * (WELL + DEAD + PROBE + AGAIN + AFTER)
    orders = [
        OrderFactory(store=store, customer=None, order_number=f"O{prefix}-{number}").pk
        for number in range(count)
    ]
    return wires[0], wires[1], orders


def _prepare(schema: str, step: str, first: Any) -> int:
    """Let the provider die, rest or be well again; return how many calls it is told to refuse."""
    from django.db import connection

    from payments.models import Circuit, HealthMetric
    from payments.providers.sandbox import Mode, books

    enter(schema)
    if step == "dead":
        # As if the calls of the step before were long ago: else the other is asked first at once.
        HealthMetric.objects.all().delete()
        first.tell(Mode.REFUSE, 500)
    elif step in ("probe", "again"):
        Circuit.objects.update(retry_at="2000-01-01T00:00Z")
    if step == "again":
        with books.opened(first.path) as file:
            file.execute("DELETE FROM told")
    connection.close()
    return _told(first)


def _told(wire: Any) -> int:
    from payments.providers.sandbox import books

    with books.opened(wire.path) as file:
        return int(file.execute("SELECT count(*) FROM told").fetchone()[0])


def _breaker(schema: str, code: str) -> str:
    from django.db import connection

    from payments.models import Circuit

    enter(schema)
    circuit = Circuit.objects.filter(provider__code=code).first()
    connection.close()
    return circuit.state if circuit else "closed"


def _work(schema: str, orders: list[int], barrier: Any) -> None:
    """A worker: charge its share once all are ready; a charge that does not succeed fails it."""
    from payments import services
    from payments.money import Money
    from weedgo.store.models import Order

    enter(schema)
    barrier.wait()
    for pk in orders:
        operation = services.charge(Order.objects.get(pk=pk), Money(PRICE), "card", "one")
        if operation.status != "succeeded":
            sys.exit(1)


if __name__ == "__main__":
    main()
