"""Names that tenants' schemas have had: nobody else may come to bear them."""

from pathlib import Path
from typing import ClassVar

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import weedgo.tenancy.triggers
from weedgo.tenancy.operations import SchemaSQL, share_table

SQL = Path(__file__).parent.parent / "sql" / "0007_names.sql"
UNDO = "DROP FUNCTION public.weedgo_keep_name(), public.weedgo_refuse_former_name();"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenancy", "0006_shared_tables")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="FormerName",
            fields=[
                ("schema_name", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("tenant_id", models.BigIntegerField(help_text="The tenant may be gone.")),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "tenancy_former_name",
                "ordering": ["schema_name"],
            },
        ),
        share_table("tenancy_former_name", "false", (), platform=("SELECT",)),
        SchemaSQL.from_file(SQL, UNDO),
        pgtrigger.migrations.AddTrigger(
            model_name="tenant",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_name",
                sql=weedgo.tenancy.triggers.SharedTriggerSql(
                    execute="public.weedgo_keep_name()",
                    func="-- stands already",
                    hash="8f64b8e599bdf59898f263dd73b9d3bde06000be",
                    operation='UPDATE OF "schema_name" OR DELETE',
                    pgid="pgtrigger_keep_name_2b683",
                    table="tenancy_tenant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tenant",
            trigger=pgtrigger.compiler.Trigger(
                name="refuse_former_name",
                sql=weedgo.tenancy.triggers.SharedTriggerSql(
                    execute="public.weedgo_refuse_former_name()",
                    func="-- stands already",
                    hash="877d94e2d24228fb22a0e80b24e6b4fde7cf2946",
                    operation='INSERT OR UPDATE OF "schema_name"',
                    pgid="pgtrigger_refuse_former_name_4389b",
                    table="tenancy_tenant",
                    when="BEFORE",
                ),
            ),
        ),
    ]
