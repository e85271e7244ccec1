"""What was painted before is named once more each time this runs."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("fleet", "0003_paint")]
    operations = [
        migrations.RunSQL("UPDATE labels SET text = text || ' ' || colour", migrations.RunSQL.noop),
    ]
