"""Tenants see their own buckets and violations, and change none; rules are the platform's."""

from typing import ClassVar

from django.db import migrations

from weedgo.tenancy.operations import OWN_SCHEMA, SchemaSQL, share_table

BUCKETS = ("agi_rate_limit_buckets", "agi_rate_limit_buckets_logged")


def unforced(table: str) -> SchemaSQL:
    """Let the owner go past its own policy, which would be asked anew for every token."""
    name = f"public.{table}"
    return SchemaSQL(
        f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ratelimit", "0002_limits"), ("tenancy", "0005_isolation")]

    operations: ClassVar = [
        share_table("agi_rate_limit_violations", OWN_SCHEMA, ("SELECT",)),
        share_table("agi_rate_limit_rules", "false", ()),
        unforced("agi_rate_limit_rules"),
        *(share_table(table, OWN_SCHEMA, ("SELECT",)) for table in BUCKETS),
        *(unforced(table) for table in BUCKETS),
    ]
