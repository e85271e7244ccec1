"""What joins Django, django-tenants, django-pgtrigger and Unfold, and where that goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand
from pgtrigger.compiler import UpsertTriggerSql
from pgtrigger.migrations import MigrationAutodetectorMixin
from psycopg import sql

from weedgo.databases import url_of
from weedgo.tenancy.backend.base import END_OF_FUNCTION, SHARED_FUNCTION
from weedgo.tenancy.migrations import __path__ as migrations_path
from weedgo.tenancy.models import Domain, Tenant, User

ROOT = Path(__file__).parent.parent.parent
TENANTS = [f"shop{number}" for number in range(2)]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py in an environment of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_checks_pass_and_start_no_server(tmp_path):
    folder = tmp_path / "servers"
    done = manage("check", WEEDGO_POSTGRES_FOLDER=str(folder))
    assert done.returncode == 0, done.stderr
    assert not folder.exists()


def test_checks_for_deployment_pass_behind_tls(tmp_path):
    done = manage(
        "check", "--deploy", "--fail-level", "WARNING",
        HTTPS="1", SECURE_HSTS_SECONDS="31536000", SECRET_KEY="k3y!" * 20 + "abcdefgh",
        WEEDGO_POSTGRES_FOLDER=str(tmp_path / "servers"),
    )  # fmt: skip
    warned = [line for line in done.stderr.splitlines() if "security." in line]
    # Which subdomains and browsers to bind is the operator's decision.
    assert [line for line in warned if "W005" not in line and "W021" not in line] == []


def test_an_unreachable_server_is_one_line():
    done = manage("migrate", DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/shop")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "127.0.0.1" in done.stderr
    assert "hunter2" not in done.stderr


def test_migrating_leaves_nothing_to_migrate(pg18, database):
    url = database(pg18)
    done = manage("migrate_schemas", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    for again in (["makemigrations", "--check"], ["migrate", "--check"]):
        done = manage(*again, DATABASE_URL=url)
        assert done.returncode == 0, done.stdout + done.stderr
    assert rows(url, "SELECT count(*) FROM tenancy_user") == [(0,)]


def test_the_embedded_server_takes_the_migrations(tmp_path):
    folder = f"/tmp/weedgo-wiring-{os.getpid()}"
    try:
        done = manage("migrate_schemas", "--shared", WEEDGO_POSTGRES_FOLDER=folder)
        assert done.returncode == 0, done.stderr
        done = manage("migrate", "--check", WEEDGO_POSTGRES_FOLDER=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        _stop_embedded(Path(folder))


def _stop_embedded(folder: Path) -> None:
    import fcntl
    import shutil

    with (folder / "18.watcher").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    shutil.rmtree(folder)


def test_migrations_run_as_the_owner(pg18, database):
    url = database(pg18)
    role = f"{url.rpartition('/')[2]}_app"
    with psycopg.connect(pg18.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    try:
        application = url.replace("postgres@", f"{role}@")
        done = manage("migrate", DATABASE_URL=application, MIGRATION_DATABASE_URL=url)
        assert done.returncode == 0, done.stderr
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        assert rows(url, owners) == [("postgres",)]
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
        pg18.drop_role(role)


def test_django_tenants_migrate_sees_triggers():
    assert issubclass(MigrateSchemasCommand.autodetector, MigrationAutodetectorMixin)


def test_apps_stand_in_the_order_that_works():
    apps = settings.SHARED_APPS
    assert apps[0] == "unfold"
    assert apps.index("pgtrigger") < apps.index("weedgo")
    assert apps.index("weedgo.tenancy") < apps.index("django_tenants")
    assert apps.index("unfold") < apps.index("django.contrib.admin")


def test_tenants_are_not_cloned():
    """A clone loses the comments where pgtrigger keeps its hashes."""
    assert not getattr(settings, "TENANT_CREATION_FAKES_MIGRATIONS", False)


def test_the_shared_function_is_pgtriggers_own():
    stock = str(UpsertTriggerSql(pgid="p", func="f", table="t", when="BEFORE", operation="DELETE"))
    assert stock.lstrip().startswith(SHARED_FUNCTION)
    first = stock.partition(END_OF_FUNCTION)[0]
    ours = (Path(migrations_path[0]) / "0002_trigger_function.py").read_text()
    assert (
        first.split()
        == ours.partition('"""\n')[2].partition('"""')[2].partition(END_OF_FUNCTION)[0].split()
    )


def test_tenants_with_triggers_migrate_side_by_side(pg18, database):
    url = database(pg18)
    environment = {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.testapp.settings",
    }
    done = manage("migrate_schemas", "--shared", **environment)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(url) as connection:
        for name in TENANTS:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
            connection.execute(
                "INSERT INTO tenancy_tenant (schema_name, name, created_at) VALUES (%s, %s, now())",
                [name, name],
            )
    made = "SELECT oid, xmin::text FROM pg_proc WHERE proname = '_pgtrigger_should_ignore'"
    before = rows(url, made)
    done = manage("migrate_schemas", "--executor", "multiprocessing", **environment)
    assert done.returncode == 0, done.stderr
    triggers = rows(
        url,
        "SELECT relnamespace::regnamespace::text, obj_description(t.oid, 'pg_trigger') "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid "
        "WHERE tgname = 'pgtrigger_keep_d6654' ORDER BY 1",
    )
    assert [schema for schema, _ in triggers] == TENANTS
    assert all(comment for _, comment in triggers)
    assert rows(url, made) == before


@pytest.fixture
def platform(db: None) -> Client:
    """A superuser's browser on the platform's host."""
    User.objects.create_superuser("boss", "boss@example.org", "pass")
    public = Tenant.objects.create(schema_name="public", name="Platform")
    Domain.objects.create(domain="localhost", tenant=public, is_primary=True)
    # No page that is asked for here reads the tenant's own tables.
    shop = Tenant(schema_name="shop", name="Shop")
    shop.auto_create_schema = False
    shop.save()
    Domain.objects.create(domain="shop.localhost", tenant=shop, is_primary=True)
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get())
    return client


@pytest.mark.parametrize("page", ["", "tenancy/user/", "tenancy/tenant/", "tenancy/domain/add/"])
def test_the_platforms_admin_shows_platform_models(platform, page):
    shown = platform.get(f"/admin/{page}")
    assert shown.status_code == 200
    assert "unfold" in shown.text


def test_a_user_can_be_added_and_changed(platform):
    new = {"username": "clerk", "usable_password": "true"}
    new |= {"password1": "b3tter-Than-m0st", "password2": "b3tter-Than-m0st"}
    shown = platform.get("/admin/tenancy/user/add/").text
    assert all(f'name="{field}"' in shown for field in new)
    made = platform.post("/admin/tenancy/user/add/", new, follow=True)
    assert made.status_code == 200
    clerk = User.objects.get(username="clerk")
    assert clerk.check_password("b3tter-Than-m0st")
    changed = platform.get(f"/admin/tenancy/user/{clerk.pk}/change/").text
    assert 'name="is_staff"' in changed


@pytest.mark.parametrize("page", ["tenancy/user/", "tenancy/tenant/", "auth/group/add/"])
def test_a_tenants_superuser_meets_no_platform_model(platform, page):
    host = {"headers": {"host": "shop.localhost"}}
    assert "tenancy" not in platform.get("/admin/", **host).text
    assert platform.get(f"/admin/{page}", **host).status_code == 403


def test_a_host_that_nobody_registered_is_not_found(platform):
    assert platform.get("/admin/", headers={"host": "other.localhost"}).status_code == 404


def test_the_new_tenant_has_its_schema_and_migrations(db):
    from django.db import connection

    Tenant.objects.create(schema_name="shop", name="Shop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'")
        assert cursor.fetchone() == (1,)
        cursor.execute(
            "SELECT to_regclass('shop.tenancy_user'), to_regclass('shop.django_migrations')"
        )
        assert cursor.fetchone() == (None, "shop.django_migrations")


def test_both_aliases_lead_to_the_tests_database(db):
    assert url_of("owner") == url_of("default")
    assert Permission.objects.filter(content_type__app_label="tenancy").exists()


def test_a_pair_of_urls_needs_none_of_djangos_databases(pg18, database, tmp_path):
    source, target = database(pg18), database(pg18)
    with psycopg.connect(source) as connection:
        connection.execute("CREATE TABLE shelf (id int PRIMARY KEY)")
    folder = tmp_path / "servers"
    done = manage(
        "migrate_staged", "--source", source, "--target", target, "--no-backup",
        "--output", str(tmp_path / "run"),
        WEEDGO_POSTGRES_FOLDER=str(folder),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(target, "SELECT count(*) FROM shelf") == [(0,)]
    assert not folder.exists()
    # Nor do system checks ask a database that does not answer.
    done = manage(
        "migrate_staged", "--source", source, "--target", target, "--no-backup",
        "--output", str(tmp_path / "again"),
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
