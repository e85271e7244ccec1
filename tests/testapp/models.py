"""A tenant's table with a trigger, to see what triggers do to migrations."""

import pgtrigger
from django.db import models


class Shelf(models.Model):
    """A row whose deletion a trigger refuses."""

    name = models.CharField(max_length=20)

    class Meta:
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name
