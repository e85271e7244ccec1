"""A tenant's tables with triggers, to see what triggers do to migrations and to rows."""

import pgtrigger
from django.db import models

from weedgo.tenancy.base import TenantOwned, Timestamped


class Shelf(models.Model):
    """A row whose deletion a trigger refuses."""

    name = models.CharField(max_length=20)

    class Meta:
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


class Basket(TenantOwned, Timestamped):
    """A row that belongs to a tenant; its own Meta takes nothing from the abstract models'."""

    content = models.CharField(max_length=20)

    class Meta:
        db_table = "baskets"

    def __str__(self) -> str:
        return self.content
