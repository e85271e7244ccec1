"""The long forms: a crowd for a hundred units, and processes that are killed at their work."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Count as RowCount
from django.db.models import Sum
from django.utils import timezone

from inventory import services
from inventory.errors import InsufficientStockError
from inventory.factories import LocationFactory, StockFactory
from inventory.models import Count, Drift, Movement, Reservation, ReservationLine, Stock
from inventory.services import Line
from tests.integration.inventory import load
from weedgo.databases import url_of
from weedgo.store.factories import ProductFactory, StoreFactory

ROOT = Path(__file__).parents[3]
UNITS, CLIENTS, TRIES, CONNECTIONS = 100, 200, 5, 16
PROCESSES = int(os.environ.get("SOAK_PROCESSES", "16"))
SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
# Seconds from one kill to the next; a process needs some to start.
PACE = float(os.environ.get("SOAK_PACE", "2"))


@pytest.mark.soak
@pytest.mark.parametrize("run", range(3))
def test_a_crowd_buys_exactly_what_there_is(open_shop, run):
    stock = StockFactory(quantity_on_hand=UNITS)
    seats = threading.Semaphore(CONNECTIONS)
    sold, failures, lock = [], [], threading.Lock()

    def client():
        for _ in range(TRIES):
            with seats:
                try:
                    connection.set_tenant(open_shop)
                    key = uuid4()
                    services.reserve(key, stock.location, [Line(stock.sku, 1)])
                    services.commit(key)
                    with lock:
                        sold.append(key)
                except InsufficientStockError:
                    pass
                except Exception as error:  # noqa: BLE001 - the test tells it
                    failures.append(error)
                finally:
                    connection.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stock.refresh_from_db()
    assert failures == []
    assert len(sold) == len(set(sold)) == UNITS
    assert (stock.quantity_on_hand, stock.quantity_reserved, stock.seq) == (0, 0, 2 * UNITS + 1)


class Workers:
    """Processes at work, each of which is killed sooner or later and followed by another."""

    def __init__(self, schema: str, folder: Path) -> None:
        self.schema, self.folder = schema, folder
        self.random = random.Random(11)
        self.name = f"load-{uuid4().hex[:8]}"
        self.running: list[tuple[Path, subprocess.Popen]] = []
        self.killed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _, process in self.running:
            process.kill()
            process.wait()

    def start(self) -> None:
        number = self.killed + len(self.running)
        file = self.folder / f"{number}.txt"
        with file.open("w") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", load.__name__, self.schema, str(number)],
                cwd=ROOT, stdout=said, stderr=said,
                env={
                    "PATH": os.defpath, "DJANGO_SETTINGS_MODULE": "weedgo.settings",
                    "DATABASE_URL": url_of("default"), "PGAPPNAME": self.name,
                    "SECRET_KEY": "load",
                },
            )  # fmt: skip
        self.running.append((file, process))

    def kill(self) -> None:
        said, victim = self.running.pop(self.random.randrange(len(self.running)))
        victim.kill()
        assert victim.wait() == -9, said.read_text()
        self.killed += 1

    def gone(self) -> bool:
        with connection.cursor() as cursor:
            query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
            cursor.execute(query, [self.name])
            return cursor.fetchone()[0] == 0


@pytest.mark.soak
def test_killed_processes_leave_the_books_in_order(open_shop):
    shops = [StoreFactory(), StoreFactory()]
    places = [LocationFactory(store=shops[n % 2], code=f"LOAD-{uuid4().hex[:8]}") for n in range(3)]
    products = [ProductFactory() for _ in range(6)]
    for product in products:
        for place in places:
            for _ in range(2):
                StockFactory(location=place, product=product, quantity_on_hand=200)
    deadlocks = _deadlocks()
    with (
        tempfile.TemporaryDirectory() as folder,
        Workers(open_shop.schema_name, Path(folder)) as workers,
    ):
        for _ in range(PROCESSES):
            workers.start()
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            time.sleep(PACE)
            workers.kill()
            workers.start()
        while workers.running:
            workers.kill()
        while not workers.gone():
            time.sleep(0.1)
        texts = {path.name: path.read_text() for path in Path(folder).iterdir()}
    assert {name: text for name, text in texts.items() if text} == {}
    assert _deadlocks() == deadlocks
    skus = [product.sku for product in products]
    made = dict(
        Movement.objects.filter(sku__in=skus)
        .values_list("movement_type")
        .annotate(n=RowCount("seq"))
    )
    sys.stderr.write(f"{workers.killed} processes killed; movements: {made}\n")
    _check(Stock.objects.filter(sku__in=skus), skus)
    assert Movement.objects.filter(sku__in=skus, movement_type="sale").exists()


def _check(stock, skus):
    """Every invariant that inventory.md names."""
    for count in Count.objects.filter(status="open", location__code__startswith="LOAD"):
        services.cancel_count(count)
    assert not Drift.objects.filter(stock__in=stock).exists()
    held = ReservationLine.objects.filter(sku__in=skus, reservation__status="active")
    reserved = stock.aggregate(units=Sum("quantity_reserved"))["units"]
    assert (held.aggregate(units=Sum("quantity"))["units"] or 0) == reserved
    moved = Movement.objects.filter(sku__in=skus)
    totals = dict(moved.values_list("movement_type").annotate(units=Sum("quantity_delta")))
    assert totals.get("transfer_out", 0) + totals.get("transfer_in", 0) == 0
    on_hand = stock.aggregate(units=Sum("quantity_on_hand"))["units"]
    assert on_hand == sum(totals.values())
    Reservation.objects.filter(status="active", lines__sku__in=skus).update(
        expires_at=timezone.now()
    )
    while services.expire_due():
        pass
    assert stock.aggregate(units=Sum("quantity_reserved"))["units"] == 0
    assert not Drift.objects.filter(stock__in=stock).exists()


def _deadlocks() -> int:
    with suppress(TypeError), connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]
    return 0
