"""Clients that reserve stock, each a process of its own, through Django as a shop's code does.

What the peers do is written here from how their documentation and behaviour are described, on an
ordinary connection of Django's: saleor locks the stock rows of an order, sums the allocations that
stand, compares, adds allocations, and counts; oscar reads, compares and adds to a count.
"""

from __future__ import annotations

import functools
import os
import random
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

Reserve = Callable[[list[str]], bool]


def prepare(url: str, schema: str, location: int, barrier: Any) -> None:
    """Set a client's process up; it waits for the others at the barrier."""
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "weedgo.settings"}
    os.environ |= {"SECRET_KEY": "bench"}
    import django
    from django.conf import settings

    settings.DATABASES["peer"] = {
        **settings.DATABASES["default"],
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {"options": f"-c search_path={schema},public"},
    }
    django.setup()
    globals().update(_schema=schema, _location=location, _barrier=barrier)


def count(kind: str, skus: list[str], seconds: float) -> int:
    """Reserve for so long when all clients are there; how many reservations were made."""
    reserve = _ways()[kind]()
    rng = random.Random(os.getpid())
    reserve([skus[-1]])
    globals()["_barrier"].wait()
    ends, made = time.perf_counter() + seconds, 0
    while time.perf_counter() < ends:
        # In SKU order, or oscar's way would deadlock with itself.
        made += reserve(sorted(rng.sample(skus, min(3, len(skus)))))
    return made


def _ways() -> dict[str, Callable[[], Reserve]]:
    return {"ours": _ours, "saleor's": _saleor, "oscar's": _oscar}


def _ours() -> Reserve:
    from django.db import connection

    from inventory.errors import InsufficientStockError
    from inventory.models import Location
    from inventory.services.reservations import Line, reserve
    from weedgo.tenancy.models import Tenant

    connection.set_tenant(Tenant.objects.get(schema_name=globals()["_schema"]))
    location = Location.objects.get(pk=globals()["_location"])

    def ours(skus: list[str]) -> bool:
        try:
            reserve(uuid4(), location, [Line(sku, 1) for sku in skus])
        except InsufficientStockError:
            return False
        return True

    return ours


@functools.cache
def _models() -> tuple[Any, Any]:
    """The peers' tables as models."""
    from django.db import models

    class Stock(models.Model):  # noqa: DJ008
        sku = models.TextField(unique=True)
        quantity = models.IntegerField()
        quantity_allocated = models.IntegerField(default=0)

        class Meta:
            app_label = "peer"
            db_table = "peer_stock"
            managed = False

    class Allocation(models.Model):  # noqa: DJ008
        order_line = models.UUIDField()
        stock = models.ForeignKey(Stock, on_delete=models.CASCADE)
        quantity_allocated = models.IntegerField()

        class Meta:
            app_label = "peer"
            db_table = "peer_allocation"
            managed = False

    return Stock, Allocation


def _saleor() -> Reserve:
    from django.db import transaction
    from django.db.models import F, Sum

    stock, allocation = _models()

    def saleor(skus: list[str]) -> bool:
        with transaction.atomic(using="peer"):
            rows = list(
                stock.objects.using("peer").select_for_update().filter(sku__in=skus).order_by("pk")
            )
            standing = dict(
                allocation.objects.using("peer").filter(stock__in=[row.pk for row in rows])
                .values_list("stock").annotate(Sum("quantity_allocated"))
            )  # fmt: skip
            if any(row.quantity - standing.get(row.pk, 0) < 1 for row in rows):
                return False
            allocation.objects.using("peer").bulk_create(
                allocation(order_line=uuid4(), stock=row, quantity_allocated=1) for row in rows
            )
            stock.objects.using("peer").filter(pk__in=[row.pk for row in rows]).update(
                quantity_allocated=F("quantity_allocated") + 1
            )
        return True

    return saleor


def _oscar() -> Reserve:
    from django.db import transaction
    from django.db.models import F

    stock, _ = _models()

    def oscar(skus: list[str]) -> bool:
        with transaction.atomic(using="peer"):
            for sku in skus:
                row = stock.objects.using("peer").get(sku=sku)
                if row.quantity - row.quantity_allocated < 1:
                    return False
                stock.objects.using("peer").filter(pk=row.pk).update(
                    quantity_allocated=F("quantity_allocated") + 1
                )
        return True

    return oscar
