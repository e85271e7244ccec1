"""The function that makes partitions ahead of time."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql" / "0004_partitions.sql"
UNDO = "DROP FUNCTION public.weedgo_make_partitions(regclass, text, integer);"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenancy", "0003_tenant_owned")]

    operations: ClassVar = [SchemaSQL.from_file(SQL, UNDO)]
