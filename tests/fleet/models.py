"""A tenant's table that changes, to measure and to try what a change of all tenants does."""

from django.db import models


class Label(models.Model):
    """What sticks on a jar."""

    text = models.CharField(max_length=40)
    colour = models.CharField(max_length=20, null=True)
    printed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "labels"
        indexes = [models.Index(fields=["colour", "printed_at"], name="labels_colour_idx")]

    def __str__(self) -> str:
        return self.text
