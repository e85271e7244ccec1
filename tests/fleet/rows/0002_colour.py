"""One more column and an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial")]
    operations = [
        migrations.AddField("Label", "colour", models.CharField(max_length=20, null=True)),
        migrations.AddIndex(
            "Label", models.Index(fields=["colour", "printed_at"], name="labels_colour_idx")
        ),
    ]
