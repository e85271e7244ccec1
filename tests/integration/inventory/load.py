"""``python -m tests.integration.inventory.load SCHEMA SEED``: works at stock until it is killed.

What the shop refuses is no failure; any other error ends the process with its traceback.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import django


def main(schema: str, seed: int) -> None:
    """Do random things in random order, for ever."""
    django.setup()
    from django.db import connection

    from inventory.errors import InventoryError
    from weedgo.tenancy.models import Tenant

    connection.set_tenant(Tenant.objects.get(schema_name=schema))
    rng = random.Random(seed)
    work = Work(rng)
    while True:
        with suppress(InventoryError):
            rng.choice(work.deeds)()


class Work:
    """What happens to stock; the locations whose code begins with LOAD are its own."""

    def __init__(self, rng: random.Random) -> None:
        from inventory.models import Location, Stock

        self.random = rng
        self.places = list(Location.objects.filter(code__startswith="LOAD").order_by("pk"))
        self.rows = Stock.objects.filter(location__in=self.places).order_by("pk")
        self.skus = sorted(set(self.rows.values_list("sku", flat=True)))
        often = [self.sell] * 8
        rare = [self.adjust, self.transfer, self.expire, self.hold, self.lift, self.offline]
        self.deeds = [*often, *rare * 2, self.recall, self.count]

    def row(self):
        """A row of stock."""
        return self.random.choice(list(self.rows))

    def sell(self):
        """Some lines in any order; then sold, let go, or forgotten."""
        from inventory import services

        chosen = self.random.sample(self.skus, self.random.randint(1, 4))
        lines = [services.Line(sku, self.random.randint(1, 3)) for sku in chosen]
        key = uuid4()
        ttl = timedelta(milliseconds=self.random.choice((1, 50, 60_000)))
        services.reserve(key, self.random.choice(self.places), lines, ttl)
        end = self.random.random()
        if end < 0.6:
            services.commit(key, services.Reference("order", str(key)))
        elif end < 0.8:
            services.release(key)

    def adjust(self):
        """Found or lost."""
        from inventory import services

        services.adjust(self.row().pk, self.random.choice((-2, -1, 4, 5)), "load")

    def transfer(self):
        """Two lots to another place, in any order."""
        from inventory import services

        origin, destination = self.random.sample(self.places, 2)
        rows = list(self.rows.filter(location=origin))
        chosen = self.random.sample(rows, 2)
        services.transfer(origin, destination, [(row, self.random.randint(1, 3)) for row in chosen])

    def expire(self):
        """The sweeper."""
        from inventory import services

        services.expire_due(10)

    def hold(self):
        """Quarantine."""
        from inventory import services

        row = self.row()
        services.quarantine(row.sku, row.batch_lot)

    def lift(self):
        """The end of quarantines."""
        from inventory import services

        for row in self.rows.filter(lot_status="quarantine")[:2]:
            services.lift_quarantine(row.sku, row.batch_lot)

    def recall(self):
        """A recall; a new lot comes in its stead."""
        from inventory import services
        from inventory.factories import StockFactory

        row = self.row()
        if row.lot_status == "sellable":
            services.recall(row.sku, row.batch_lot)
            StockFactory(
                location=row.location, product=row.product, batch_lot=uuid4().hex[:12],
                quantity_on_hand=40,
            )  # fmt: skip

    def count(self):
        """A count, with a loss."""
        from inventory import services

        count = services.start_count(self.random.choice(self.places))
        found = {
            line.inventory_id: max(0, line.book_quantity - 1) for line in count.lines.all()[:2]
        }
        services.enter_count(count, found)
        services.post_count(count)

    def offline(self):
        """A till that was away."""
        from django.utils import timezone

        from inventory import services

        lines = [services.Line(self.random.choice(self.skus), 2)]
        services.sell_offline(uuid4(), self.random.choice(self.places), lines, timezone.now())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
