"""The same table: not audited, audited in three ways, and with triggers that say what one costs."""

import pghistory
from auditlog.registry import auditlog
from django.db import models


class Item(models.Model):
    """As much as a product has."""

    sku = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, db_index=True)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    brand = models.IntegerField(db_index=True)
    category = models.IntegerField(db_index=True)
    description = models.TextField()
    weight = models.DecimalField(max_digits=8, decimal_places=3, default=1)
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.sku


class Plain(Item):
    """Not audited."""


class Ours(Item):
    """By our triggers, which the benchmark puts on."""


class Signals(Item):
    """By django-auditlog."""


class Idle(Item):
    """With a trigger that does nothing."""


class Constant(Item):
    """With a trigger that writes always the same."""


@pghistory.track()
class Events(Item):
    """By django-pghistory."""


auditlog.register(Signals)
