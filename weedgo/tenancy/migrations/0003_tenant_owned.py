"""What tables that belong to a tenant stand on: the active tenant, the guard, the clock."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql" / "0003_tenant_owned.sql"
UNDO = """
DROP FUNCTION public.weedgo_touch();
DROP FUNCTION public.weedgo_guard_tenant();
DROP FUNCTION public.weedgo_current_tenant(text);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenancy", "0002_trigger_function")]

    operations: ClassVar = [SchemaSQL.from_file(SQL, UNDO)]
