"""Roles, rights and what row-level security asks: who may see whose rows."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql"
UNDO_ISOLATION = """
DROP FUNCTION public.weedgo_resolve(text, text);
DROP FUNCTION public.weedgo_active_schema(text);
DROP FUNCTION public.weedgo_active_tenant();
DROP FUNCTION public.weedgo_is_platform();
DROP FUNCTION public.weedgo_is_owner();
DROP FUNCTION public.weedgo_role_of(bigint);
DROP FUNCTION public.weedgo_make_role(text);
"""
UNDO_GRANTS = """
DROP FUNCTION public.weedgo_isolate(text);
DROP FUNCTION public.weedgo_admit(text);
DROP FUNCTION public.weedgo_tenants_lacking_rights();
DROP FUNCTION public.weedgo_open_tenant(bigint, text);
DROP FUNCTION public.weedgo_open_platform();
DROP FUNCTION public.weedgo_close_functions();
DROP FUNCTION public.weedgo_grant(text, text);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenancy", "0004_partitions")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="tenant",
            name="state",
            field=models.CharField(
                choices=[
                    ("active", "Active"),
                    ("suspended", "Suspended"),
                    ("retired", "Retired"),
                ],
                db_default="active",
                default="active",
                help_text="The site of a tenant that is not active is closed; its data is kept.",
                max_length=16,
            ),
        ),
        SchemaSQL.from_file(SQL / "0005_isolation.sql", UNDO_ISOLATION),
        SchemaSQL.from_file(SQL / "0005_grants.sql", UNDO_GRANTS),
    ]
