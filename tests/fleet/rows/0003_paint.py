"""Rows get a value by Python, then by SQL that needs what Python did."""

from django.db import migrations


def paint(apps, schema_editor):
    apps.get_model("fleet", "Label").objects.filter(colour=None).update(colour="g")


class Migration(migrations.Migration):
    dependencies = [("fleet", "0002_colour")]
    operations = [
        migrations.RunPython(paint, migrations.RunPython.noop),
    ]
