"""Tokens that a process may take ahead, and how they go back."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql" / "0004_give_back.sql"
UNDO = "DROP FUNCTION public.agi_rate_limit_give_back(bigint[], bytea[], double precision[])"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ratelimit", "0003_isolation")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="ratelimitrule",
            name="lease",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="tokens that a process may take ahead and give out for a second, for a key that many ask for; 0 for none: then nobody is refused while there are tokens",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratelimitrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lease__gte", 0),
                    ("lease__lte", 10000),
                    models.Q(("lease", 0), ("shards", 1), _connector="OR"),
                ),
                name="agi_rate_limit_rules_shard_lease_check",
                violation_error_message="A lease is 0 to 10,000 tokens, of a rule with one shard.",
            ),
        ),
        SchemaSQL.from_file(SQL, UNDO),
    ]
