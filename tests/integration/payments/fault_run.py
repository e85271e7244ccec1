"""Charges under faults: `python -m tests.integration.payments.fault_run CONFIG`, as JSON.

Several callers of each order at once, a provider that fails in every way, and processes that are
killed (SIGKILL) before, between and after statements and calls. Prints what became of the money, as
JSON. The same weather can be put on naive protocols, which charge without our operations.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from uuid import uuid4

WEATHER = {"refuse": 0.15, "lose_request": 0.10, "lose_answer": 0.20, "arrive_late": 0.05}
PRICE = 3384


@dataclass(frozen=True)
class Config:
    """A run.

    Attributes:
        schema: of the tenant.
        path: of the sandbox's file.
        orders: how many are placed.
        callers: how many charge each order at once.
        deduplicates: whether the providers do the same key once only.
        crash: the chance that a caller's process is killed in the midst of a charge.
        seed: of the weather and the crashes.
    """

    schema: str
    path: str
    orders: int
    callers: int = 4
    deduplicates: bool = True
    crash: float = 0.05
    seed: int = 1


def main() -> None:
    """Run what the argument says."""
    import django

    django.setup()
    sys.stdout.write(json.dumps(run(Config(**json.loads(sys.argv[1])))))


def run(config: Config) -> dict[str, object]:
    """Make orders and providers, charge them, resolve what is unknown, and count."""
    from django.db import connection

    enter(config.schema)
    orders = prepared(config)
    connection.close()
    crashes = charged(config, orders)
    enter(config.schema)
    resolved()
    return counted(config, orders) | {"crashes": crashes}


def enter(schema: str) -> None:
    """Work in a tenant's schema."""
    from django.db import connection

    from weedgo.tenancy.models import Tenant

    connection.set_tenant(Tenant.objects.get(schema_name=schema))


def prepared(config: Config) -> list[int]:
    """Make the orders, and two providers in bad weather, alone in the shop."""
    from payments.models import Operation, Provider
    from weedgo.store.factories import OrderFactory, StoreFactory

    Operation.objects.filter(next_check_at__isnull=False).update(next_check_at=None, status="sent")
    Provider.objects.update(is_active=False)
    for priority in (1, 2):
        Provider.objects.create(
            code=f"faulty-{uuid4().hex[:8]}", name="Faulty", kind="sandbox", adapter="sandbox",
            methods=["card"], priority=priority, deduplicates=config.deduplicates,
            lookup_is_final=not config.deduplicates,
            config={"path": config.path, "weather": {"seed": config.seed, **WEATHER}},
        )  # fmt: skip
    prefix = uuid4().hex[:6]
    store = StoreFactory(code=prefix)
    return [
        OrderFactory(store=store, customer=None, order_number=f"X{prefix}-{number}").pk
        for number in range(config.orders)
    ]


# --- charging, and being killed -----------------------------------------------------------------


def charged(config: Config, orders: list[int]) -> int:
    """Let all callers charge all orders at once; return how many processes were killed."""
    parents = []
    for caller in range(config.callers):
        reader, writer = os.pipe()
        if (pid := os.fork()) == 0:
            os.close(reader)
            with os.fdopen(writer, "w") as report:
                report.write(str(calling(config, orders, caller)))
            os._exit(0)
        os.close(writer)
        parents.append((pid, reader))
    killed = 0
    for pid, reader in parents:
        with os.fdopen(reader) as report:
            killed += int(report.read() or 0)
        os.waitpid(pid, 0)
    return killed


def calling(config: Config, orders: list[int], caller: int) -> int:
    """Charge the orders one after another in children; a killed one's successor goes on."""
    at, killed = 0, 0
    while at < len(orders):
        reader, writer = os.pipe()
        if (pid := os.fork()) == 0:
            os.close(reader)
            charge_from(config, orders, at, caller, writer)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as progress:
            at += len(progress.read())
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            killed += 1
            at += 1
    return killed


def charge_from(config: Config, orders: list[int], at: int, caller: int, progress: int) -> None:
    """Charge orders, telling the parent of each that is done."""
    from payments import services
    from payments.errors import PaymentError
    from payments.models import Circuit, Operation
    from payments.money import Money
    from weedgo.store.models import Order

    random.seed(f"{config.seed}:{caller}:{at}")
    enter(config.schema)
    with Crashing(config.crash):
        for place in range(at, len(orders)):
            order = Order.objects.get(pk=orders[place])
            # In such weather breakers open at once; here their rest is over at once too.
            Circuit.objects.filter(state="open").update(retry_at="2000-01-01T00:00Z")
            with suppress(PaymentError):
                # Two click twice, two come from another page.
                patiently(order, Money(PRICE), f"key-{caller % 2}")
            if random.random() < 0.3:
                Operation.objects.filter(next_check_at__isnull=False, checks__lt=3).update(
                    next_check_at="2000-01-01T00:00Z"
                )
                services.resolve_due(2)
            os.write(progress, b".")


def patiently(order, money, key: str):
    """Charge; where all providers are left alone, do so once they are not."""
    from payments import services
    from payments.errors import ProvidersDownError
    from payments.models import Circuit

    try:
        return services.charge(order, money, "card", key)
    except ProvidersDownError:
        Circuit.objects.all().delete()
        return services.charge(order, money, "card", key)


class Crashing:
    """Kills this process at a random statement or call, with a chance for each charge."""

    # About so many statements and calls make up a charge.
    PLACES = 14

    def __init__(self, chance: float) -> None:
        self.chance = chance / self.PLACES

    def __enter__(self) -> None:
        from django.db import connection

        from payments.providers.sandbox import Sandbox

        connection.execute_wrappers.append(self.execute)
        call = Sandbox._call

        def killed_about(sandbox, kind, request):
            self.die()
            try:
                return call(sandbox, kind, request)
            finally:
                self.die()

        Sandbox._call = killed_about

    def __exit__(self, *_: object) -> None:
        from django.db import connection

        connection.execute_wrappers.remove(self.execute)

    def execute(self, execute, statement, parameters, many, context):
        self.die()
        result = execute(statement, parameters, many, context)
        self.die()
        return result

    def die(self) -> None:
        if random.random() < self.chance:
            os.kill(os.getpid(), 9)


# --- the end --------------------------------------------------------------------------------------


def resolved() -> None:
    """Let late requests arrive and the lookups come to their ends, as days go by."""
    from datetime import timedelta

    from django.utils import timezone

    from payments import services
    from payments.models import Operation, Provider

    for provider in Provider.objects.filter(is_active=True):
        sandbox(provider).deliver()
    for day in range(30):
        open_ones = Operation.objects.filter(
            status__in=["sent", "unknown"], provider__is_active=True
        )
        if not open_ones.exists():
            return
        now = timezone.now()
        late = now - timedelta(days=2)
        open_ones.filter(provider__deduplicates=True).update(next_check_at=now)
        open_ones.filter(provider__deduplicates=False).update(next_check_at=now, created_at=late)
        services.resolve_due(10_000)
        assert day < 29, "an operation never ends"


def sandbox(provider):
    """A provider's own books."""
    from payments.providers import adapter

    return adapter(provider)


def counted(config: Config, orders: list[int]) -> dict[str, object]:
    """What the provider took, what we know of it, and what the ledger says."""
    from collections import Counter

    from django.db.models import Sum

    from payments import ledger
    from payments.models import LedgerLine, Operation, Provider, Transaction

    providers = Provider.objects.filter(is_active=True)
    operations = Operation.objects.filter(order__in=orders)
    key_of = {str(o.provider_key): o.order_id for o in operations}
    taken: Counter[int] = Counter()
    unknown_to_us = 0
    for provider in providers:
        for key, minor in sandbox(provider).taken():
            unknown_to_us += key not in key_of
            taken[key_of.get(key, 0)] += minor > 0
    receivable = sum(ledger.balance(f"receivable:{p.code}", "CAD").minor for p in providers)
    captured = Transaction.objects.filter(order__in=orders).aggregate(all=Sum("captured_minor"))
    return {
        "orders": len(orders),
        "paid": sum(1 for count in taken.values() if count),
        "charged_twice": sum(1 for count in taken.values() if count > 1),
        "unknown_to_us": unknown_to_us,
        "open": operations.filter(status__in=["pending", "sent", "unknown"]).count(),
        "operations": operations.count(),
        "receivable": receivable,
        "captured": captured["all"] or 0,
        "at_provider": PRICE * sum(taken.values()),
        "ledger": LedgerLine.objects.aggregate(all=Sum("amount_minor"))["all"] or 0,
        **{f"config_{name}": value for name, value in asdict(config).items()},
    }


# --- naive protocols ------------------------------------------------------------------------------


def naive(orders: int, protocol: str, path: str, seed: int = 1) -> dict[str, int]:
    """Charge in the same weather without operations: by a new key on retry, or by failing over.

    Args:
        orders: how many.
        protocol: `new_key` or `failover`.
        path: of the sandbox's file.
        seed: of the weather.
    """
    from payments.money import Money
    from payments.providers import NotSentError, Request, UnknownOutcomeError
    from payments.providers.sandbox import Sandbox

    weather = {"seed": seed, **WEATHER}
    first, second = (
        Sandbox(path, code, deduplicates=True, weather=weather) for code in ("one", "two")
    )
    ways: dict[str, Callable[[int], Sandbox]] = {
        "new_key": lambda attempt: first,
        "failover": lambda attempt: first if attempt == 0 else second,
    }
    twice = paid = 0
    for _ in range(orders):
        keys = []
        for attempt in range(3):
            keys.append(uuid4())
            try:
                ways[protocol](attempt).charge(Request(keys[-1], Money(PRICE), "card"))
                break
            except (NotSentError, UnknownOutcomeError):
                continue
        first.deliver()
        second.deliver()
        taken = sum(len(wire.done(key)) for key in keys for wire in (first, second))
        twice += taken > 1
        paid += taken > 0
    return {"orders": orders, "paid": paid, "charged_twice": twice}


if __name__ == "__main__":
    main()
