"""The models as a source: `migrate_staged` with nothing configured, and what Django then finds."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.conftest import Database
from tests.project import ROOT, Project
from tests.servers import Server
from weedgo.staged import scratch

pytestmark = pytest.mark.acceptance


LEGACY = ROOT / "weedgo" / "legacy" / "legacy.sql"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
ROWS = """
SELECT count(*), sum(hashtextextended(to_jsonb(l)::text, 0))
  FROM (SELECT id, occurred_at, event_type, severity FROM agi_audit_logs WHERE id <= 400) l
"""
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Project]:
    """The project as it is cloned, nothing configured; its embedded server is empty."""
    folder = Path(f"/tmp/weedgo-models-{os.getpid()}")
    yield Project({"WEEDGO_POSTGRES_FOLDER": str(folder), "OUTPUT": str(tmp_path)})
    with (folder / "18.watcher").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    shutil.rmtree(folder)


def test_an_empty_embedded_database_becomes_what_the_models_declare(embedded):
    document = embedded.migrate()
    assert document["status"] == "equal"
    assert document["parity"]["different"] == []
    assert any("auth.0011" in line for line in document["facts"]["migrations_run_by_django"])

    assert "No migrations to apply" in embedded.done("migrate_schemas")
    embedded.done("migrate", "--check")
    embedded.done("makemigrations", "--check")
    assert set(embedded.triggers("public")["public"]) == {"INSTALLED"}
    permission = "from django.contrib.auth.models import Permission as P; print(P.objects.count())"
    assert int(embedded.done("shell", "-v", "0", "-c", permission)) > 20

    again = embedded.migrate()
    assert again["status"] == "equal"
    assert again["counts"] == {}


def test_the_seeds_tables_become_the_models_with_every_row(pg18, database, tmp_path):
    """The current database after the seed's migration, which brought the plain tables."""
    url = database(pg18, "seed")
    scratch.load_sql(url, LEGACY, psql=pg18.psql)
    project = Project({"DATABASE_URL": url, "OUTPUT": str(tmp_path)})
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO agi_audit_logs (occurred_at, event_type, severity)"
            " SELECT now() - n * interval '1 day', 'order.placed', 'info'"
            " FROM generate_series(1, 400) n"
        )
        tables = set(connection.execute(TABLES).fetchall())
        sums = connection.execute(ROWS).fetchall()
        assert project.migrate()["status"] == "equal"
        assert connection.execute(ROWS).fetchall() == sums
        assert connection.execute(
            "SELECT relkind::text FROM pg_class WHERE oid = 'agi_audit_logs'::regclass"
        ).fetchall() == [("p",)]
        assert tables <= set(connection.execute(TABLES).fetchall())
        assert project.migrate()["counts"] == {}

        # Time brings partitions that no template knows; they get what the models get.
        connection.execute("SELECT weedgo_make_partitions('agi_audit_logs', 'month', 5)")
        assert project.migrate()["counts"] == {}
        connection.execute("DROP INDEX agi_audit_logs_xid_idx")
        assert project.migrate("--drop", "drop")["status"] == "equal"
        assert connection.execute(INVALID).fetchall() == []
        assert connection.execute(ROWS).fetchall() == sums
        new = "INSERT INTO agi_audit_logs (event_type) VALUES ('order.paid') RETURNING id > 400"
        assert connection.execute(new).fetchall() == [(True,)]


# --- a project that grows ---------------------------------------------------------------------

SETTINGS = """
from pathlib import Path
from weedgo.settings import *
SHARED_APPS = [app for app in SHARED_APPS if app not in ("audit", "ratelimit", "weedgo.tracked")]
TENANT_APPS = ["pgtrigger", "grown"]
INSTALLED_APPS = [*SHARED_APPS, "grown"]
VAR = Path(__file__).parent / "var"
ROOT_URLCONF = "grown.urls"
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith(("audit.", "ratelimit."))]
"""
FIRST = """
from django.db import models
from weedgo.tenancy.base import TenantOwned

class Plant(TenantOwned):
    name = models.CharField(max_length=20)
"""
SECOND = """
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from weedgo.tenancy.base import TenantOwned, Timestamped

class Plant(TenantOwned, Timestamped):
    title = models.CharField(max_length=20)
    height = models.IntegerField(default=7)
    tags = ArrayField(models.CharField(max_length=9), default=list)
    note = models.TextField(null=True)

    class Meta:
        indexes = [models.Index(fields=["title"], name="plant_title")]
        constraints = [models.CheckConstraint(condition=models.Q(height__gte=0), name="grows_up")]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]
"""
RENAME = """
from django.db import migrations

def shout(apps, schema_editor):
    Plant = apps.get_model("grown", "Plant")
    for plant in Plant.objects.all():
        plant.title = plant.title.upper()
        plant.save()

class Migration(migrations.Migration):
    dependencies = [("grown", "0001_initial")]
    operations = [
        migrations.RenameField("plant", "name", "title"),
        migrations.RunPython(shout, migrations.RunPython.noop),
    ]
"""


@dataclass(frozen=True)
class Grown(Project):
    """A project with an app whose models change, and the database's URL."""

    folder: Path
    url: str

    def models(self, text: str) -> None:
        """Change the models and make their migration."""
        (self.folder / "grown" / "models.py").write_text(text)
        self.done("makemigrations", "grown")

    def run(self, query: Any, schema: str = "public") -> list[tuple[Any, ...]]:
        """Run SQL in a schema and return its rows, if it has any."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("SET search_path TO {}, public").format(sql.Identifier(schema))
            )
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def tenant(self, name: str) -> None:
        """Register a tenant; its schema is not made."""
        self.run(
            sql.SQL(
                "INSERT INTO tenancy_tenant (schema_name, name, created_at)"
                " VALUES ({0}, {0}, now())"
            ).format(name)
        )


@pytest.fixture
def grown(pg18: Server, database: Database, tmp_path: Path) -> Grown:
    """A small project in a folder of its own, on an empty database, its first migration made."""
    app = tmp_path / "grown"
    (app / "migrations").mkdir(parents=True)
    for module in ("__init__.py", "migrations/__init__.py"):
        (app / module).touch()
    (tmp_path / "grown_settings.py").write_text(SETTINGS)
    (app / "urls.py").write_text("urlpatterns = []\n")
    url = database(pg18, "grown")
    environment = {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "grown_settings",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "OUTPUT": str(tmp_path / "runs"),
    }
    made = Grown(environment, tmp_path, url)
    made.models(FIRST)
    return made


def places(document: Any, *status: str) -> set[str]:
    """The schemas of a document's objects, of those with some status."""
    found = (o for o in document["objects"] if not status or o["status"] in status)
    return {o["schema"] or o["name"] for o in found}


def test_tenants_follow_the_models(grown):
    grown.migrate()
    for name in ("north", "South-1"):
        grown.tenant(name)
    first = grown.migrate()
    assert places(first) == {"north", "South-1"}
    for name in ("north", "South-1"):
        grown.run("INSERT INTO grown_plant (name) VALUES ('fern')", name)

    (grown.folder / "grown" / "migrations" / "0002_rename.py").write_text(RENAME)
    grown.models(SECOND)
    planned = grown.migrate("--plan")
    assert planned["status"] == "planned"
    assert (
        "then Django runs grown.0002_rename (RunPython, RenameField) in South-1, north"
        in (planned["message"])
    )
    assert grown.run("SELECT name FROM north.grown_plant") == [("fern",)]

    changed = grown.migrate()
    assert changed["status"] == "equal", changed
    assert len(changed["facts"]["migrations_run_by_django"]) == 2
    for name in ("north", "South-1"):
        rows = grown.run("SELECT title, height, tags, note FROM grown_plant", name)
        assert rows == [("FERN", 7, [], None)]
    assert grown.run(
        "SELECT count(*) FROM information_schema.columns WHERE table_name = 'grown_plant'"
        " AND column_name IN ('height', 'tags') AND column_default IS NOT NULL"
    ) == [(0,)]
    with pytest.raises(psycopg.errors.RaiseException, match="Cannot delete"):
        grown.run("DELETE FROM north.grown_plant")
    assert grown.triggers("north", "South-1") == {
        "north": {"INSTALLED": 3},
        "South-1": {"INSTALLED": 3},
    }
    assert grown.done("migrate_schemas").count("No migrations to apply") == 3
    grown.done("makemigrations", "--check")
    assert grown.migrate()["counts"] == {}


RECORDED = "SELECT name FROM django_migrations WHERE app = 'grown' ORDER BY id"


def test_a_rollback_forgets_what_the_run_recorded(grown):
    grown.migrate()
    grown.tenant("north")
    grown.migrate()
    grown.models(f"{FIRST}    height = models.IntegerField(default=7)\n")
    grown.migrate()
    assert len(grown.run(RECORDED, "north")) == 2
    assert "Rolled back" in grown.done("rollback_staged")
    assert grown.run(RECORDED, "north") == [("0001_initial",)]
    assert len(grown.run(RECORDED, "public")) == 1
    assert "height" in grown.done("migrate_staged", "--plan", "--no-prove", "--json")
    grown.migrate()
    assert "No migrations to apply" in grown.done("migrate_schemas")


def test_what_django_ran_stays_when_the_rest_of_its_run_is_rolled_back(grown):
    grown.migrate()
    grown.tenant("north")
    grown.migrate()
    grown.run("INSERT INTO grown_plant (name) VALUES ('fern')", "north")
    (grown.folder / "grown" / "migrations" / "0002_rename.py").write_text(RENAME)
    grown.models(SECOND)
    grown.migrate()
    assert "Rolled back" in grown.done("rollback_staged")
    assert grown.run(RECORDED, "north") == [("0001_initial",), ("0002_rename",)]
    assert grown.run("SELECT title FROM grown_plant", "north") == [("FERN",)]

    # What came before waits until Django has reversed what it ran.
    refused = grown("rollback_staged")
    assert refused.returncode == 1
    assert "Django ran grown.0002_rename in north, which only Django can reverse" in refused.stdout
    assert grown.run("SELECT title FROM grown_plant", "north") == [("FERN",)]
    grown.done("migrate_schemas", "grown", "0001", "--schema", "north")
    assert grown.run("SELECT name FROM grown_plant", "north") == [("FERN",)]
    assert "Rolled back" in grown.done("rollback_staged")
    assert grown.run(RECORDED, "north") == [("0001_initial",)]
    # And then the run before it, that made the tenant's tables.
    assert "Rolled back" in grown.done("rollback_staged")
    assert grown.run("SELECT to_regclass('north.grown_plant') IS NULL") == [(True,)]


def test_a_tenant_that_fails_stops_no_other(grown):
    grown.migrate()
    for name in ("north", "south"):
        grown.tenant(name)
    grown.migrate()
    # A row that the new constraint refuses, in one of them.
    grown.run("ALTER TABLE south.grown_plant ADD height integer NOT NULL DEFAULT -1")
    grown.run("INSERT INTO grown_plant (name) VALUES ('fern')", "south")
    (grown.folder / "grown" / "migrations" / "0002_rename.py").write_text(RENAME)
    grown.models(SECOND)
    failed = grown.migrate(status=1)
    assert places(failed, "failed", "refused") == {"south"}
    assert grown.run("SELECT count(*) FROM south.django_migrations WHERE app = 'grown'") == [(2,)]
    assert grown.run("SELECT count(*) FROM north.django_migrations WHERE app = 'grown'") == [(3,)]
    grown.run("UPDATE south.grown_plant SET height = 1")
    assert grown.migrate()["status"] == "equal"
    assert grown.run("SELECT count(*) FROM south.django_migrations WHERE app = 'grown'") == [(3,)]


def test_schemas_can_be_chosen(grown):
    assert grown.migrate("--shared")["status"] == "equal"
    for name in ("north", "south"):
        grown.tenant(name)
    # Proved with tables that are new, whose owner no model tells.
    assert grown.migrate("--plan", "--prove", "--tenants", "north")["status"] == "planned"
    only = grown.migrate("--tenants", "north")
    assert places(only) == {"north"}
    assert grown.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'south'") == [(0,)]
    unknown = grown("migrate_staged", "--tenants", "west")
    assert unknown.returncode == 2
    assert unknown.stderr == (
        f"migrate_staged: --tenants: there is no tenant west in {grown.url.rpartition('/')[2]}; "
        "there are: north, south\n"
    )


def test_what_stands_beside_the_models_stays(grown):
    """Tables of others in public, whatever --drop says; columns of the models' tables go by it."""
    grown.migrate()
    grown.run("CREATE TABLE legacy (id int); INSERT INTO legacy VALUES (1)")
    grown.run("ALTER TABLE tenancy_domain ADD note text")
    grown.run("CREATE SCHEMA other; CREATE TABLE other.things (id int)")
    assert grown.migrate()["counts"] == {}
    dropped = grown.migrate("--drop", "drop")
    assert [o["name"] for o in dropped["objects"]] == ["note"]
    assert grown.run("SELECT * FROM legacy") == [(1,)]
    assert grown.run("SELECT * FROM other.things") == []


def test_a_failing_migration_is_one_line(grown):
    (grown.folder / "grown" / "migrations" / "0002_broken.py").write_text(
        RENAME.replace('"name", "title"', '"nmae", "title"')
    )
    ended = grown("migrate_staged")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "migration grown.0002_broken fails in a scratch database" in ended.stderr
