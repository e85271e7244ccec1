"""What is audited: a row of the log for each change, whoever makes it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import audit.triggers


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0002_views_and_keys"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="count",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_counts', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="97d5bd63a79991e561e001ba3ff0ee9363a7845d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_910c1",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="inventory_counts",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="count",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_counts', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="10aa7bfdc2c3b8e28285d9bf517d2a26183dc9e6",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_5f1f3",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="inventory_counts",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="count",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_counts', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="b137335959f9810b66de0b6c7988364841ad7972",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_1ffd9",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="inventory_counts",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="count",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_counts', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="e9697acade8fad16369d8d27f8152df1bcfc4c49",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_aa22d",
                    table="inventory_counts",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="destruction",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_destructions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="d35ef70b247728ae68e14388dc32a1f4883fc407",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_a208f",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="inventory_destructions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="destruction",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_destructions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="662dbab8b405c36a1cc1955a97deafde8a9e4a39",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_bf0e3",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="inventory_destructions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="destruction",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_destructions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="eb0e1e3cf67606bbab4f6828b76b3694d3dfd487",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_b1a5f",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="inventory_destructions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="destruction",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_destructions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="8e843a967a7d711e47a56fb2f41733cf952bce22",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_54d86",
                    table="inventory_destructions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="location",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_locations', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="004b4a422dff464b0b8895b188a63de718239a27",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_ffded",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="inventory_locations",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="location",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_locations', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="7009c58100d2cd750ee8e2c743633c8a017a5195",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_03b29",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="inventory_locations",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="location",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_locations', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="096e680a59095a8c179a9de499a694ced21e05fc",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_21dc6",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="inventory_locations",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="location",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_locations', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="ee35ef8d52453c548800a00a74910253dbc8bab4",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_8636f",
                    table="inventory_locations",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recall",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_recalls', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="4f2d2adea4f4428a450bd2cb407b16cdb18d7954",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_0ce72",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="inventory_recalls",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recall",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_recalls', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="bc51fe610877626ae121f64ddbf09c0524b1cc2a",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_bfa4c",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="inventory_recalls",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recall",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_recalls', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="d5234ba6537cfe12b05a281ce6f2dd753e359732",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_b7009",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="inventory_recalls",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recall",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('inventory_recalls', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="3089de25fdb70da2d930392d436af41b9721af5f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_69a28",
                    table="inventory_recalls",
                    when="AFTER",
                ),
            ),
        ),
    ]
