"""The view of recent log-ins."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql" / "0002_recent_login_activity.sql"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("store", "0001_initial")]

    operations: ClassVar = [SchemaSQL.from_file(SQL, "DROP VIEW recent_login_activity")]
