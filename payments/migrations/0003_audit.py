"""Charges, disputes, settlements and providers are tracked by the audit log."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import audit.triggers


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_track_platform"),
        ("payments", "0002_whole"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="dispute",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('payment_disputes', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="f5df95403a22e3e5c184b1bb540b54c4e792f705",
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
                    execute="public.agi_audit_capture('payment_disputes', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="4bfde8e38201a75051ed4590a8ea24b26a101e54",
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
                    execute="public.agi_audit_capture('payment_disputes', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="1f18bd53918b786c6164ce6edaa7e9f3a16ddb7e",
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
                    execute="public.agi_audit_capture('payment_disputes', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="1c6e3fe2762ef48389e19f3eb4f9b4a8545b8e65",
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
                    execute="public.agi_audit_capture('payment_providers', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="b4c917bf657f4d6cdc1e67a4848cb642265a7f44",
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
                    execute="public.agi_audit_capture('payment_providers', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="5340c91971b3f11421a9fc078819b74b63d92ad6",
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
                    execute="public.agi_audit_capture('payment_providers', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="37a2a487ef2533f4357237906ff4d28d27061290",
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
                    execute="public.agi_audit_capture('payment_providers', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="ac5f985cb769159d0e906c1e51eaf2d23fcbbe1e",
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
                    execute="public.agi_audit_capture('payment_settlements', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="6809350522475ce9f6df6b3766d9c8f9c4277e83",
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
                    execute="public.agi_audit_capture('payment_settlements', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="241520010c6603202ec4c1e9f8a7ebfe733f34d2",
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
                    execute="public.agi_audit_capture('payment_settlements', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="f1eafc1d049c1cc378c3e85ea0f93b8fc3fa2a2c",
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
                    execute="public.agi_audit_capture('payment_settlements', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="9073ca543a33e4efad0a3c5e784020e4e8cc120d",
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
                    execute="public.agi_audit_capture('payment_transactions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="23a48ada718adce33b9fbc057b5ab3a6c8138c88",
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
                    execute="public.agi_audit_capture('payment_transactions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="11ce2552f80e32623a959e52f412ec39ea5f6d77",
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
                    execute="public.agi_audit_capture('payment_transactions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="ccd15f317246e9d45d5fab493dad7893991a4ee8",
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
                    execute="public.agi_audit_capture('payment_transactions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="513c3536831e49cf38c927ec602b6a49a03e65f2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_e0838",
                    table="payment_transactions",
                    when="AFTER",
                ),
            ),
        ),
    ]
