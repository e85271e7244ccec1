"""The latest operations first: the list of the admin."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies: ClassVar = [("payments", "0003_audit")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                F("created_at").desc(), F("id").desc(), name="payment_operation_recent"
            ),
        ),
    ]
