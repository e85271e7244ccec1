"""Several rules at once, shards, costs, tenants' buckets, and what workers ask for."""

from pathlib import Path
from typing import ClassVar

import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models

import ratelimit.validators
from weedgo.tenancy.operations import SchemaSQL

SQL = Path(__file__).parent.parent / "sql"
TABLES = {"": "agi_rate_limit_buckets", "_logged": "agi_rate_limit_buckets_logged"}

DRAW_UNDO = """
DROP FUNCTION public.agi_rate_limit_peek{suffix}(bigint, bytea, double precision, double precision, double precision, integer);
DROP FUNCTION public.agi_rate_limit_draw{suffix}(bigint, integer, bytea, double precision, double precision, double precision, text, boolean);
DROP FUNCTION public.agi_rate_limit_gather{suffix}(bigint, bytea, double precision, double precision, double precision, integer, text);
DROP FUNCTION public.agi_rate_limit_clean{suffix}(bigint, integer);
"""
TAKE_UNDO = """
DROP FUNCTION public.agi_rate_limit_take_all(bigint[], bytea[], double precision[], text[], boolean);
DROP FUNCTION public.agi_rate_limit_asked(bigint[], bytea[], double precision[], text[]);
DROP FUNCTION public.agi_rate_limit_put_back(bigint, bytea);
DROP FUNCTION public.agi_rate_limit_spread(public.agi_rate_limit_rules, bytea, double precision, text, integer);
DROP FUNCTION public.agi_rate_limit_one(public.agi_rate_limit_rules, bytea, double precision, text, boolean);
DROP FUNCTION public.rate_limit_take(text, text, double precision);
DROP FUNCTION public.agi_rate_limit_take(text, text, double precision);
""" + (SQL / "0001_take.sql").read_text(encoding="utf-8")
SERVICE_UNDO = """
DROP FUNCTION public.agi_rate_limit_version();
DROP FUNCTION public.agi_rate_limit_active_rules();
DROP FUNCTION public.agi_rate_limit_record(jsonb);
DROP FUNCTION public.agi_rate_limit_drop_old(integer);
"""


def for_table(text: str, suffix: str) -> str:
    """Return the SQL for one of the two tables of buckets."""
    return text.replace("{suffix}", suffix).replace("{buckets}", TABLES[suffix])


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ratelimit", "0001_initial")]

    operations: ClassVar = [
        migrations.RemoveConstraint(
            model_name="ratelimitrule",
            name="agi_rate_limit_rules_cost_check",
        ),
        migrations.RemoveConstraint(
            model_name="ratelimitrule",
            name="agi_rate_limit_rules_fail_policy_check",
        ),
        migrations.AddField(
            model_name="durablebucket",
            name="tenant",
            field=models.CharField(
                help_text="the schema; none: all share it", max_length=63, null=True
            ),
        ),
        migrations.AddField(
            model_name="ratelimitbucket",
            name="tenant",
            field=models.CharField(
                help_text="the schema; none: all share it", max_length=63, null=True
            ),
        ),
        migrations.AddField(
            model_name="ratelimitviolation",
            name="sample_key",
            field=models.CharField(
                help_text="if a request's", max_length=200, null=True, verbose_name="key"
            ),
        ),
        migrations.AddField(
            model_name="ratelimitviolation",
            name="shadow_hits",
            field=models.IntegerField(db_default=0, verbose_name="of these only counted"),
        ),
        migrations.AlterField(
            model_name="ratelimitrule",
            name="cost_map",
            field=models.JSONField(
                blank=True,
                db_default={},
                default=dict,
                help_text='tokens by method, path or both: {"POST": 5, "/export/*": 20, "GET /feed": 0}',
                validators=[ratelimit.validators.validate_costs],
            ),
        ),
        migrations.AlterField(
            model_name="ratelimitrule",
            name="fail_policy",
            field=models.CharField(
                choices=[
                    ("open", "Open: they pass"),
                    ("closed", "Closed: they are refused"),
                    ("local", "Local: each process counts for itself"),
                ],
                db_default="open",
                default="open",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="ratelimitrule",
            name="key_template",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="what makes up a key, such as {user}:{route}; empty: as the scope says",
                max_length=120,
                validators=[ratelimit.validators.validate_template],
            ),
        ),
        migrations.AlterField(
            model_name="ratelimitrule",
            name="methods",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                blank=True,
                db_default=[],
                default=list,
                help_text="empty: all",
                size=None,
                validators=[ratelimit.validators.validate_methods],
            ),
        ),
        migrations.AlterField(
            model_name="ratelimitrule",
            name="replaces",
            field=models.CharField(
                blank=True,
                help_text="rule that yields where this applies",
                max_length=80,
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="ratelimitrule",
            name="route_glob",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="paths, such as /api/*; empty: no request, only code that asks by name",
                max_length=200,
                verbose_name="route",
            ),
        ),
        migrations.AlterField(
            model_name="ratelimitrule",
            name="shards",
            field=models.SmallIntegerField(
                db_default=1,
                default=1,
                help_text="rows that a bucket is split into; more than one for a rule that all share",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(64),
                ],
            ),
        ),
        migrations.AddConstraint(
            model_name="ratelimitrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("default_cost__gte", 0),
                    ("default_cost__lt", 1000000),
                    ("shards__gte", 1),
                    ("shards__lte", 64),
                ),
                name="agi_rate_limit_rules_cost_check",
                violation_error_message="A cost is not below zero, and shards are 1 to 64.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratelimitrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "key_template__regex",
                        "^([^{}]|\\{(tenant|user|ip|key|method|route|path)\\})*$",
                    )
                ),
                name="agi_rate_limit_rules_key_template_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratelimitrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scope__in", ["global", "tenant", "user", "key", "ip", "endpoint"])
                ),
                name="agi_rate_limit_rules_scope_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratelimitrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("fail_policy__in", ["open", "closed", "local"])),
                name="agi_rate_limit_rules_fail_policy_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratelimitviolation",
            constraint=models.CheckConstraint(
                condition=models.Q(("shadow_hits__gte", 0), ("shadow_hits__lte", models.F("hits"))),
                name="agi_rate_limit_violations_shadow_check",
            ),
        ),
        SchemaSQL.from_file(
            SQL / "0002_share.sql",
            "DROP FUNCTION public.agi_rate_limit_share(double precision, integer, integer)",
        ),
        *(
            SchemaSQL(
                for_table((SQL / "0002_draw.sql").read_text(encoding="utf-8"), suffix),
                for_table(DRAW_UNDO, suffix),
            )
            for suffix in TABLES
        ),
        SchemaSQL.from_file(SQL / "0002_take.sql", TAKE_UNDO),
        SchemaSQL.from_file(SQL / "0002_service.sql", SERVICE_UNDO),
    ]
