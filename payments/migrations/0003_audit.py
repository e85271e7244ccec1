"""What is audited: a row of the log for each change, whoever makes it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import audit.triggers


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_whole"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="dispute",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_disputes', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="b250f8fa1beb6b30caa88ba13ff4c52b37ec7a54",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_afc50",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="payment_disputes",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dispute",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_disputes', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="fa0046b86ee97eadbee900a7e0460c0d782f5f7b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_c93b2",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="payment_disputes",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dispute",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_disputes', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="d8b43ecce8692e66ac9b90f8a03dddedcead6cdf",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_00d05",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="payment_disputes",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dispute",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_disputes', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="e47b6d562d3c8638f886973011dd880c7f02e037",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_54158",
                    table="payment_disputes",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="provider",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_providers', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="29d8708a6e9f32a4c4481535e62bccfd56364525",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_aec65",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="payment_providers",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="provider",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_providers', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="3087acdbb0b423e971d4852108d7a1b37cef53c1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_d4f8b",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="payment_providers",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="provider",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_providers', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="e106aea1de720ac9eb5791e9f6a519655e644cbd",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_94b19",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="payment_providers",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="provider",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_providers', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="59cc7dfd096bf0ce19e34664dbf8e76da6142198",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_baf1e",
                    table="payment_providers",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="settlement",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_settlements', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="f2e72f8d83617e5f500342241615d84c74e45e15",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_64064",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="payment_settlements",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="settlement",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_settlements', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="33754bf4d8090406e6c14fcb3c91c23c0781d1de",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_c0501",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="payment_settlements",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="settlement",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_settlements', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="162469b3bebbd20605ea2ca34d20f4c380ae07c4",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_273bb",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="payment_settlements",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="settlement",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_settlements', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="b1dc07026c42d8da0a6ac27b56ca2eddd6770df5",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_9915f",
                    table="payment_settlements",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transaction",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_transactions', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="6c36e18519ac434a42fb7ceb612fbf34d371bb6b",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_8723e",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="payment_transactions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transaction",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_transactions', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="a8217805535e699cd851082aa730edff6c117c50",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_50e89",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="payment_transactions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transaction",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_transactions', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="3c0fb5c3c29cfad073cabd6bb84c39373279f4d6",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_30953",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="payment_transactions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transaction",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_transactions', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="490ff46e2127958443dc1752b8f88708413dc21d",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_e0838",
                    table="payment_transactions",
                    when="AFTER",
                ),
            ),
        ),
    ]
