"""A new tenant gets its role and rights without a look at all others'."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql" / "0008_isolate_one.sql"
UNDO = """
DROP FUNCTION public.weedgo_isolate_tenant(text, text);
DROP FUNCTION public.weedgo_close_functions_of(text);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenancy", "0007_names")]

    operations: ClassVar = [SchemaSQL.from_file(SQL, UNDO)]
