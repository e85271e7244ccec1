"""What proves the log, erases persons from it and captures rows into it."""

from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import weedgo.tenancy.indexes
import weedgo.tenancy.triggers
from weedgo.tenancy.operations import OWN_SCHEMA, SchemaSQL, share_function, share_table

SQL = Path(__file__).parent.parent / "sql"
UNDO = {
    "columns": """
        ALTER TABLE public.agi_audit_logs
            ALTER COLUMN epoch SET DEFAULT 0, DROP COLUMN who_salt, DROP COLUMN what_salt,
            DROP COLUMN who_digest, DROP COLUMN what_digest, DROP COLUMN erasure_id;
        DROP FUNCTION public.agi_audit_epoch();
        DROP TABLE public.agi_audit_epochs;
    """,
    "capture": """
        DROP FUNCTION public.agi_audit_capture();
        DROP FUNCTION public.agi_audit_bulk_insert(text, regclass, text[], text[]);
        DROP FUNCTION public.agi_audit_entry(text, text, text);
        DROP FUNCTION public.agi_audit_prepare(jsonb, text[]);
        DROP FUNCTION public.agi_audit_mask(text);
        DROP TABLE public.agi_audit_keys;
    """,
    "erasure": """
        DROP FUNCTION public.agi_audit_drop_partition(text, jsonb);
        DROP FUNCTION public.agi_audit_erase_person(text, jsonb, text);
        DROP FUNCTION public.agi_audit_what_digest(public.agi_audit_logs);
        DROP FUNCTION public.agi_audit_who_digest(public.agi_audit_logs);
    """,
}


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("tenancy", "0006_shared_tables"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="auditlog",
            name="agi_audit_logs_tenant_time_idx",
        ),
        migrations.RemoveIndex(
            model_name="auditlog",
            name="agi_audit_logs_actor_time_idx",
        ),
        migrations.RemoveIndex(
            model_name="auditlog",
            name="agi_audit_logs_target_idx",
        ),
        migrations.RemoveIndex(
            model_name="auditlog",
            name="agi_audit_logs_request_idx",
        ),
        migrations.RemoveIndex(
            model_name="auditlog",
            name="agi_audit_logs_xid_idx",
        ),
        migrations.RemoveIndex(
            model_name="auditlog",
            name="agi_audit_logs_severe_idx",
        ),
        SchemaSQL.from_file(
            SQL / "0002_columns.sql",
            UNDO["columns"],
            state_operations=[
                migrations.AddField(
                    model_name="auditlog",
                    name="erasure_id",
                    field=models.BigIntegerField(
                        help_text="the entry of the erasure that blanked fields of this one",
                        null=True,
                        verbose_name="erasure",
                    ),
                ),
                migrations.AddField(
                    model_name="auditlog",
                    name="what_digest",
                    field=models.BinaryField(null=True),
                ),
                migrations.AddField(
                    model_name="auditlog",
                    name="what_salt",
                    field=models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        editable=False,
                        null=True,
                    ),
                ),
                migrations.AddField(
                    model_name="auditlog",
                    name="who_digest",
                    field=models.BinaryField(null=True),
                ),
                migrations.AddField(
                    model_name="auditlog",
                    name="who_salt",
                    field=models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        editable=False,
                        null=True,
                    ),
                ),
                migrations.AlterField(
                    model_name="auditlog",
                    name="epoch",
                    field=models.IntegerField(
                        db_default=models.Func(function="public.agi_audit_epoch"),
                        help_text="counts restores of the database",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditCursor",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("epoch", models.IntegerField()),
                ("xid", models.BigIntegerField()),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "verbose_name": "cursor",
                "db_table": "agi_audit_cursors",
                "db_table_comment": "How far the periodic jobs have read the audit log.",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditLeaves",
            fields=[
                ("seal", models.BigIntegerField(primary_key=True, serialize=False)),
                ("leaves", models.BinaryField()),
            ],
            options={
                "verbose_name": "leaves of a seal",
                "verbose_name_plural": "leaves of seals",
                "db_table": "agi_audit_leaves",
                "db_table_comment": "The hashes that the roots of seals are made of.",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("epoch", models.IntegerField()),
                ("from_xid", models.BigIntegerField()),
                ("from_id", models.BigIntegerField()),
                ("to_xid", models.BigIntegerField()),
                ("to_id", models.BigIntegerField()),
                (
                    "next_xid",
                    models.BigIntegerField(
                        help_text="transactions from this one on began after the seal"
                    ),
                ),
                ("rows", models.BigIntegerField()),
                ("root", models.BinaryField(help_text="Merkle tree hash of RFC 6962")),
                ("previous", models.BinaryField(help_text="hash of the seal before")),
                ("hash", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "seal",
                "db_table": "agi_audit_seals",
                "db_table_comment": "Proofs of the audit log, each chained to the one before.",
                "ordering": ["-number"],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddField(
            model_name="auditalert",
            name="notified_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="auditaggregate",
            name="histogram",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_default=[],
                help_text="events by fourth roots of two of milliseconds",
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(("tenant__isnull", False)),
                fields=["tenant", "-occurred_at"],
                name="agi_audit_logs_tenant_time_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(("actor_id__isnull", False)),
                fields=["actor_id", "-occurred_at"],
                name="agi_audit_logs_actor_time_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(("actor_label__isnull", False)),
                fields=["actor_label", "-occurred_at"],
                name="agi_audit_logs_label_time_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(("ip__isnull", False)),
                fields=["ip", "-occurred_at"],
                name="agi_audit_logs_ip_time_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(("target_pk__isnull", False)),
                fields=["target_pk", "target_table", "-occurred_at"],
                name="agi_audit_logs_target_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(("request_id__isnull", False)),
                fields=["request_id"],
                name="agi_audit_logs_request_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                fields=["epoch", "xid", "id"], name="agi_audit_logs_xid_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(
                    ("severity__in", ["debug", "notice", "warning", "error", "critical"])
                ),
                fields=["severity", "-occurred_at"],
                name="agi_audit_logs_severe_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(("outcome__in", ["failure", "denied"])),
                fields=["outcome", "-occurred_at"],
                name="agi_audit_logs_outcome_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=weedgo.tenancy.indexes.Index(
                condition=models.Q(
                    ("category__in", ["access", "security", "request", "system", "business"])
                ),
                fields=["category", "-occurred_at"],
                name="agi_audit_logs_category_idx",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="auditseal",
            trigger=pgtrigger.compiler.Trigger(
                name="refuse_change",
                sql=weedgo.tenancy.triggers.SharedTriggerSql(
                    execute="public.agi_audit_refuse()",
                    func="-- stands already",
                    hash="399f4edf2305071fd1ac5a70d284fc048d00b042",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_refuse_change_1d301",
                    table="agi_audit_seals",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="auditseal",
            trigger=pgtrigger.compiler.Trigger(
                name="refuse_truncate",
                sql=weedgo.tenancy.triggers.SharedTriggerSql(
                    execute="public.agi_audit_refuse()",
                    func="-- stands already",
                    hash="5e33f08802d57afadfe27d0aec127d1119b6bb57",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_refuse_truncate_e0cab",
                    table="agi_audit_seals",
                    when="BEFORE",
                ),
            ),
        ),
        SchemaSQL.from_file(SQL / "0002_capture.sql", UNDO["capture"]),
        SchemaSQL.from_file(SQL / "0002_record.sql", migrations.RunSQL.noop),
        SchemaSQL.from_file(SQL / "0002_erasure.sql", UNDO["erasure"]),
        # Rows enter by functions that run with the owner's rights; nobody else writes them.
        share_table("agi_audit_logs", OWN_SCHEMA, ("SELECT",), platform=("SELECT",)),
        share_table("agi_audit_aggregates", OWN_SCHEMA, ("SELECT",), platform=("SELECT",)),
        share_table("agi_audit_alerts", OWN_SCHEMA, ("SELECT",), platform=("SELECT", "UPDATE")),
        share_table("agi_audit_seals", "false", (), platform=("SELECT",)),
        share_table("agi_audit_leaves", "false", (), platform=("SELECT",)),
        share_table("agi_audit_cursors", "false", (), platform=("SELECT",)),
        share_table("agi_audit_epochs", "false", (), platform=("SELECT",)),
        share_table("agi_audit_keys", "false", (), platform=()),
        share_function("public.agi_audit_record(jsonb, name)"),
    ]
