"""Authorizations, routing, disputes, settlements and what a person has to see."""

from datetime import timedelta
from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import payments.scrubbing
import weedgo.tenancy.base
import weedgo.tenancy.triggers
from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0001_initial"),
        ("store", "0002_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        SchemaSQL.from_file(
            SQL / "0002_card_numbers.sql",
            undo="DROP FUNCTION payment_has_card_number(text), payment_luhn_is_valid(text);",
        ),
        migrations.CreateModel(
            name="BankLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tenant_id",
                    models.BigIntegerField(
                        db_default=weedgo.tenancy.base.CurrentTenant(), editable=False
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        db_comment="The bank's own: a line is imported once.",
                        max_length=80,
                        unique=True,
                    ),
                ),
                ("booked_on", models.DateField()),
                (
                    "amount_minor",
                    models.BigIntegerField(db_comment="In cents; negative where the bank paid."),
                ),
                ("currency", models.CharField(db_default="CAD", max_length=3)),
                ("reference", models.CharField(blank=True, db_default="", max_length=140)),
            ],
            options={
                "db_table": "payment_bank_lines",
                "db_table_comment": "Lines of the bank's statement.",
                "ordering": ["-booked_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Discrepancy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tenant_id",
                    models.BigIntegerField(
                        db_default=weedgo.tenancy.base.CurrentTenant(), editable=False
                    ),
                ),
                (
                    "key",
                    models.CharField(db_comment="What it is about; open once only.", max_length=80),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unknown_reference", "Unknown Reference"),
                            ("amount_differs", "Amount Differs"),
                            ("currency_differs", "Currency Differs"),
                            ("not_succeeded", "Not Succeeded"),
                            ("settled_twice", "Settled Twice"),
                            ("not_settled", "Not Settled"),
                            ("adjustment", "Adjustment"),
                            ("payout_sum", "Payout Sum"),
                            ("bank_amount", "Bank Amount"),
                            ("bank_unknown", "Bank Unknown"),
                            ("late_success", "Late Success"),
                            ("no_outcome", "No Outcome"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(
                        db_comment="In cents; how much is in question.", db_default=0
                    ),
                ),
                ("currency", models.CharField(db_default="CAD", max_length=3)),
                ("detail", models.CharField(blank=True, db_default="", max_length=300)),
                (
                    "opened_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("resolution", models.CharField(blank=True, db_default="", max_length=300)),
            ],
            options={
                "verbose_name": "exception",
                "db_table": "payment_exceptions",
                "db_table_comment": "What does not agree about money, with its owner and age.",
                "ordering": ["opened_at", "id"],
            },
        ),
        migrations.AlterModelTableComment(
            name="settlementline",
            table_comment="The movements of money in a provider's payout.",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="operation",
            name="keep_request",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="operation",
            name="transitions",
        ),
        migrations.RemoveConstraint(
            model_name="operation",
            name="payment_operation_status_check",
        ),
        migrations.RemoveConstraint(
            model_name="operation",
            name="payment_operation_no_card_check",
        ),
        migrations.RemoveConstraint(
            model_name="settlementline",
            name="payment_settlement_lines_operation_check",
        ),
        migrations.RemoveConstraint(
            model_name="transaction",
            name="payment_transactions_refunds_check",
        ),
        migrations.RemoveIndex(
            model_name="webhookevent",
            name="payment_webhook_events_pending",
        ),
        migrations.RemoveField(
            model_name="settlementline",
            name="note",
        ),
        migrations.RemoveField(
            model_name="settlementline",
            name="owner",
        ),
        migrations.AddField(
            model_name="circuit",
            name="closed_at",
            field=models.DateTimeField(
                blank=True, db_comment="What was counted before says nothing any more.", null=True
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="charge_reference",
            field=models.CharField(
                blank=True,
                db_comment="What the provider calls the disputed charge.",
                db_default="",
                max_length=80,
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="fee_minor",
            field=models.BigIntegerField(
                db_comment="In cents; what the provider takes for it.", db_default=0
            ),
        ),
        migrations.AddField(
            model_name="operation",
            name="may_fail_over",
            field=models.BooleanField(
                db_comment="It certainly took nothing: another provider may be asked.",
                db_default=False,
            ),
        ),
        migrations.AddField(
            model_name="operation",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_comment="What is captured, voided or given back.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="followers",
                to="payments.operation",
            ),
        ),
        migrations.AddField(
            model_name="operation",
            name="source",
            field=models.CharField(
                blank=True,
                db_comment="The provider's token of what is charged; never a card's number.",
                db_default="",
                max_length=80,
            ),
        ),
        migrations.AddField(
            model_name="provider",
            name="lookup_is_final",
            field=models.BooleanField(
                db_comment="What it does not know after the settle window was never done; otherwise a person says.",
                db_default=False,
            ),
        ),
        migrations.AddField(
            model_name="provider",
            name="secret_ref",
            field=models.CharField(
                blank=True,
                db_comment="Name of the environment variable of its API key, not the key.",
                db_default="",
                max_length=120,
            ),
        ),
        migrations.AddField(
            model_name="provider",
            name="settle_window",
            field=models.DurationField(
                db_comment="After so long nothing that was sent can still arrive there.",
                db_default=timedelta(days=1),
            ),
        ),
        migrations.AddField(
            model_name="settlementline",
            name="dispute",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="payments.dispute",
            ),
        ),
        migrations.AddField(
            model_name="settlementline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("charge", "Charge"),
                    ("refund", "Refund"),
                    ("dispute", "Dispute"),
                    ("dispute_reversal", "Dispute Reversal"),
                    ("fee", "Fee"),
                    ("adjustment", "Adjustment"),
                ],
                db_default="charge",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="settlementline",
            name="original_currency",
            field=models.CharField(blank=True, db_default="", max_length=3),
        ),
        migrations.AddField(
            model_name="settlementline",
            name="original_minor",
            field=models.BigIntegerField(
                blank=True,
                db_comment="In cents of the original currency; what the customer paid.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="settlementline",
            name="provider_key",
            field=models.UUIDField(
                blank=True, db_comment="Ours, where the provider says it back.", null=True
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="capture_pending_minor",
            field=models.BigIntegerField(
                db_comment="In cents; what is asked to come in of an authorization and may have come.",
                db_default=0,
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="retry_at",
            field=models.DateTimeField(
                db_comment="Not looked at before; later after each failure.",
                db_default=django.db.models.functions.datetime.Now(),
            ),
        ),
        migrations.AlterField(
            model_name="operation",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("sent", "Sent"),
                    ("unknown", "Unknown"),
                    ("succeeded", "Succeeded"),
                    ("declined", "Declined"),
                    ("not_sent", "Not Sent"),
                    ("late", "Late"),
                ],
                db_default="pending",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="provider",
            name="webhook_secret_ref",
            field=models.CharField(
                blank=True,
                db_comment="Name of the environment variable of the signing secrets, not the secrets.",
                db_default="",
                max_length=120,
            ),
        ),
        migrations.AlterField(
            model_name="settlement",
            name="bank_reference",
            field=models.CharField(blank=True, db_default="", max_length=140),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                models.F("provider"),
                models.F("charge_reference"),
                condition=models.Q(("operation__isnull", True)),
                name="payment_disputes_unlinked_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                models.F("retry_at"),
                condition=models.Q(("processed_at__isnull", True)),
                name="payment_webhook_events_pending",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="operation",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_request",
                sql=weedgo.tenancy.triggers.PinnedTriggerSql(
                    func="\n        IF TG_OP = 'UPDATE' AND ROW(NEW.id, NEW.transaction_id, NEW.order_id, NEW.kind, NEW.provider_id, NEW.provider_key,\n                NEW.request_key, NEW.amount_minor, NEW.currency, NEW.parent_id)\n            IS NOT DISTINCT FROM ROW(OLD.id, OLD.transaction_id, OLD.order_id, OLD.kind, OLD.provider_id, OLD.provider_key,\n                OLD.request_key, OLD.amount_minor, OLD.currency, OLD.parent_id)\n           AND (OLD.provider_reference = '' OR NEW.provider_reference = OLD.provider_reference) THEN\n            RETURN NEW;\n        END IF;\n        RAISE EXCEPTION 'payment operation %: what was asked of the provider is never changed or deleted', OLD.id\n            USING ERRCODE = 'restrict_violation', HINT = 'Make another operation.';\n    ",
                    hash="157b2a870aa5f3b90ae810982da3d13e85b13fd7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keep_request_ed2e1",
                    table="payment_operation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="operation",
            trigger=pgtrigger.compiler.Trigger(
                name="transitions",
                sql=weedgo.tenancy.triggers.PinnedTriggerSql(
                    condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                    func="\n                IF OLD.status || '>' || NEW.status NOT IN ('pending>sent', 'pending>not_sent', 'sent>succeeded', 'sent>declined', 'sent>unknown', 'sent>not_sent', 'unknown>sent', 'unknown>succeeded', 'unknown>declined', 'unknown>not_sent', 'not_sent>late', 'declined>late') THEN\n                    RAISE EXCEPTION '%.%: status % is not followed by %',\n                            TG_TABLE_SCHEMA, TG_TABLE_NAME, OLD.status, NEW.status\n                        USING ERRCODE = 'check_violation';\n                END IF;\n                RETURN NEW;\n            ",
                    hash="31c66e0230fd16d54cee70d10ff65dfde1affdc5",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_transitions_b4827",
                    table="payment_operation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "evidence", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_disputes_no_card_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "reason", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_disputes_no_card_reason_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["pending", "sent", "unknown", "succeeded", "declined", "not_sent", "late"],
                    )
                ),
                name="payment_operation_status_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True),
                    ("kind__in", ["capture", "void", "refund"]),
                    _connector="OR",
                ),
                name="payment_operation_parent_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "error_message", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_operation_no_card_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "provider_reference", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_operation_no_card_reference_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "source", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_operation_no_card_source_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "request_key", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_operation_no_card_key_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["charge", "refund", "dispute", "dispute_reversal", "fee", "adjustment"],
                    )
                ),
                name="payment_settlement_lines_kind_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("match_status", "matched"), _negated=True),
                    ("operation__isnull", False),
                    ("dispute__isnull", False),
                    ("kind", "fee"),
                    _connector="OR",
                ),
                name="payment_settlement_lines_operation_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("original_minor__isnull", True),
                    models.Q(("original_currency", ""), _negated=True),
                    _connector="OR",
                ),
                name="payment_settlement_lines_original_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("match_status", "matched")),
                fields=("dispute", "kind"),
                name="payment_settlement_lines_one_dispute",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("captured_minor__gte", 0),
                    ("capture_pending_minor__gte", 0),
                    (
                        "amount_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("captured_minor"), "+", models.F("capture_pending_minor")
                        ),
                    ),
                    ("refunded_minor__gte", 0),
                    ("refund_pending_minor__gte", 0),
                    (
                        "captured_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("refunded_minor"), "+", models.F("refund_pending_minor")
                        ),
                    ),
                ),
                name="payment_transactions_refunds_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "payload", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_webhook_events_no_card_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "last_error", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_webhook_events_no_card_error_check",
            ),
        ),
        migrations.AddField(
            model_name="bankline",
            name="settlement",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="bank_line",
                to="payments.settlement",
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="bank_line",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                to="payments.bankline",
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="line",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                to="payments.settlementline",
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="operation",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                to="payments.operation",
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_column="owner_id",
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="resolved_by",
            field=models.ForeignKey(
                blank=True,
                db_column="resolved_by",
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="discrepancy",
            name="settlement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="discrepancies",
                to="payments.settlement",
            ),
        ),
        migrations.AddIndex(
            model_name="bankline",
            index=models.Index(
                models.F("booked_on"),
                condition=models.Q(("settlement__isnull", True)),
                name="payment_bank_lines_open_idx",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "reference", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_bank_lines_no_card_check",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bankline",
            trigger=pgtrigger.compiler.Trigger(
                name="guard_tenant",
                sql=weedgo.tenancy.triggers.SharedTriggerSql(
                    execute="public.weedgo_guard_tenant()",
                    func="-- stands already",
                    hash="991810011027affc04cfb95aa32205498d954d43",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_guard_tenant_52145",
                    table="payment_bank_lines",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bankline",
            trigger=pgtrigger.compiler.Trigger(
                name="touch",
                sql=weedgo.tenancy.triggers.SharedTriggerSql(
                    execute="public.weedgo_touch()",
                    func="-- stands already",
                    hash="e91629c6acd5f93c56b57fd6a602b7bfe6d486c8",
                    operation="UPDATE",
                    pgid="pgtrigger_touch_5b6e9",
                    table="payment_bank_lines",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="discrepancy",
            index=models.Index(
                models.F("opened_at"),
                condition=models.Q(("resolved_at__isnull", True)),
                name="payment_exceptions_open_idx",
            ),
        ),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "unknown_reference",
                            "amount_differs",
                            "currency_differs",
                            "not_succeeded",
                            "settled_twice",
                            "not_settled",
                            "adjustment",
                            "payout_sum",
                            "bank_amount",
                            "bank_unknown",
                            "late_success",
                            "no_outcome",
                        ],
                    )
                ),
                name="payment_exceptions_kind_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resolved_at__isnull", True),
                    models.Q(("resolution", ""), _negated=True),
                    _connector="OR",
                ),
                name="payment_exceptions_resolution_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    payments.scrubbing.HasCardNumber(
                        django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.Cast(
                                "detail", models.TextField()
                            ),
                            models.Value(""),
                        )
                    ),
                    _negated=True,
                ),
                name="payment_exceptions_no_card_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="discrepancy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resolved_at__isnull", True)),
                fields=("key", "kind"),
                name="payment_exceptions_open_key",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="discrepancy",
            trigger=pgtrigger.compiler.Trigger(
                name="guard_tenant",
                sql=weedgo.tenancy.triggers.SharedTriggerSql(
                    execute="public.weedgo_guard_tenant()",
                    func="-- stands already",
                    hash="85dea5a5d4862bad60e0eb3d7256852c63f9e502",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_guard_tenant_846cf",
                    table="payment_exceptions",
                    when="BEFORE",
                ),
            ),
        ),
    ]
