"""The shared schema by migrations, on each version of PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from audit.models import AuditLog
from ratelimit.models import RateLimitViolation
from weedgo.legacy.integration import audit, limits

ROOT = Path(__file__).parent.parent.parent.parent
SHARED = ("audit", "ratelimit", "tenancy")


def manage(url: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.defpath, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_migrations_make_it_and_the_seeds_checks_hold(any_server, database):
    url = database(any_server)
    manage(url, "migrate_schemas", "--shared")
    triggers = [
        f"{model._meta.label}:{trigger.name}"
        for app in SHARED
        for model in apps.get_app_config(app).get_models()
        for trigger in getattr(model._meta, "triggers", ())
    ]
    assert triggers
    listed = manage(url, "pgtrigger", "ls", *triggers)
    assert listed.count("mINSTALLED") == listed.count("mENABLED") == len(triggers), listed
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = public")
        checks = {**audit.CHECKS, **limits.CHECKS}
        for check in checks.values():
            with connection.transaction(force_rollback=True):
                check(connection)


def test_migrations_of_tenants_are_noted_and_make_nothing_in_public(pg18, database):
    url = database(pg18)
    manage(url, "migrate_schemas", "--shared")
    with psycopg.connect(url) as connection:
        noted = connection.execute("SELECT app, name FROM django_migrations").fetchall()
        tables = connection.execute("SELECT tablename FROM pg_tables").fetchall()
    assert set(noted) == set(MigrationLoader(None).graph.nodes)
    of_tenants = {
        model._meta.db_table
        for app in apps.get_app_configs()
        if app.name in settings.TENANT_APPS
        for model in app.get_models()
    }
    assert of_tenants
    assert of_tenants.isdisjoint(name for (name,) in tables)
    manage(url, "migrate", "--check")


def test_migrations_can_be_taken_back(pg18, database):
    url = database(pg18)
    manage(url, "migrate_schemas", "--shared")
    for app in ("ratelimit", "audit"):
        manage(url, "migrate", app, "zero", "--schema", "public")
    with psycopg.connect(url) as connection:
        left = connection.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'agi%'"
            " UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^(agi|rate)_'"
        ).fetchall()
    assert left == []
    manage(url, "migrate_schemas", "--shared")


COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid),
           attidentity
      FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
     ORDER BY attname
"""


@pytest.mark.django_db
@pytest.mark.parametrize("model", [AuditLog, RateLimitViolation])
def test_a_partitioned_table_is_what_django_would_make(model):
    """Its SQL is not Django's, so nothing else would tell when they part."""
    state = ModelState.from_model(model)
    state.options = {"db_table": "twin"}
    project = ProjectState.from_apps(apps)
    project.models[model._meta.app_label, model._meta.model_name] = state
    twin = project.apps.get_model(model._meta.app_label, model._meta.model_name)
    with connection.schema_editor() as editor:
        editor.create_model(twin)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [model._meta.db_table])
        ours = cursor.fetchall()
        cursor.execute(COLUMNS, ["twin"])
        assert ours == cursor.fetchall()
