"""Everything at once: no unit appears or disappears, nothing deadlocks, the ledger adds up."""

from __future__ import annotations

import contextlib
import random
import threading
from uuid import uuid4

from django.db import connection
from django.db.models import Sum

from inventory import services
from inventory.errors import InventoryError
from inventory.factories import LocationFactory, StockFactory
from inventory.models import Drift, Movement, Reservation, Stock
from inventory.services import Line, receive_transfer, send_transfer
from weedgo.store.factories import StoreFactory

WORKERS = 6
STEPS = 20


class Worker(threading.Thread):
    """Does random things in random order; what is refused is no failure."""

    def __init__(self, tenant, seed, places, skus):
        super().__init__()
        self.tenant, self.places, self.skus = tenant, places, skus
        self.random = random.Random(seed)
        self.failure = None

    def run(self):
        connection.set_tenant(self.tenant)
        try:
            for _ in range(STEPS):
                with contextlib.suppress(InventoryError):
                    self.random.choice([self.sell, self.sell, self.adjust, self.transfer])()
        except Exception as error:  # noqa: BLE001 - the test tells it
            self.failure = error
        finally:
            connection.close()

    def sell(self):
        lines = [Line(sku, self.random.randint(1, 3)) for sku in self.skus]
        self.random.shuffle(lines)
        key = uuid4()
        services.reserve(key, self.random.choice(self.places), lines[:2])
        if self.random.random() < 0.6:
            services.commit(key)
        else:
            services.release(key)

    def adjust(self):
        rows = Stock.objects.filter(location__in=self.places).order_by("pk")
        services.adjust(self.random.choice(rows).pk, self.random.choice([-1, 2]), "found")

    def transfer(self):
        origin, destination = self.random.sample(self.places, 2)
        rows = list(Stock.objects.filter(location=origin).order_by("pk"))
        self.random.shuffle(rows)
        receive_transfer(send_transfer(origin, destination, [(row, 1) for row in rows[:2]]))


def test_a_mixed_load_keeps_every_unit(open_shop):
    places = [LocationFactory(), LocationFactory(), LocationFactory(store=StoreFactory())]
    rows = [StockFactory(location=place, quantity_on_hand=40) for place in places[:2]]
    rows += [
        StockFactory(location=place, product=row.product, quantity_on_hand=40)
        for row in rows
        for place in places
    ]
    skus = sorted({row.sku for row in rows})
    workers = [Worker(open_shop, seed, places, skus) for seed in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.failure for worker in workers] == [None] * WORKERS
    stock = Stock.objects.filter(sku__in=skus)
    assert not Drift.objects.filter(stock__in=stock).exists()
    moved = dict(
        Movement.objects.filter(sku__in=skus)
        .values_list("movement_type")
        .annotate(units=Sum("quantity_delta"))
    )
    assert moved["transfer_out"] + moved["transfer_in"] == 0
    assert moved["sale"] < 0
    assert stock.aggregate(units=Sum("quantity_on_hand"))["units"] == sum(moved.values())
    assert stock.aggregate(held=Sum("quantity_reserved"))["held"] == 0
    assert not Reservation.objects.filter(status="active", location__in=places).exists()
