"""A database that knew no tenants: its tables become the first one's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.integration.fleet.conftest import FLAVOUR, Fleet

OLD = """
CREATE TABLE public.labels (id serial PRIMARY KEY, text varchar(40), tenant_id int);
CREATE TABLE public.jars (
    id int PRIMARY KEY, label int REFERENCES public.labels, tenant_id bigint);
CREATE VIEW public.few AS SELECT id FROM public.labels;
CREATE SEQUENCE public.numbers;
INSERT INTO public.labels (text, tenant_id) SELECT 'jar ' || n, 7 FROM generate_series(1, 500) n;
INSERT INTO public.jars SELECT id, id, NULL FROM public.labels;
"""
ADOPT = ("adopt_tenant", "first", "--from", "public", "--domain", "first.localhost")


@pytest.fixture(scope="module")
def migrated(pg18, tmp_path_factory) -> Iterator[Fleet]:
    """A database with the shared schema."""
    url = pg18.create_database("adopt")
    output = str(tmp_path_factory.mktemp("adopt"))
    made = Fleet({**FLAVOUR, "FLEET": "after", "DATABASE_URL": url, "OUTPUT": output})
    made.done("migrate_staged", "--shared", "--no-backup", "--output", f"{output}/first")
    yield made
    pg18.drop_database(url)


@pytest.fixture
def project(migrated, pg18, tmp_path: Path) -> Iterator[Fleet]:
    """The same with the tables of one retailer beside it."""
    url = pg18.create_database("adopt", migrated.url.rpartition("/")[2])
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(OLD)
    yield Fleet({**migrated.environment, "DATABASE_URL": url, "OUTPUT": str(tmp_path / "runs")})
    pg18.drop_database(url)


def rows(project: Fleet, query: str) -> list[tuple]:
    with psycopg.connect(project.url) as conn:
        return conn.execute(query).fetchall()


def test_a_dry_run_tells_and_changes_nothing(project):
    told = json.loads(project.done(*ADOPT, "--dry-run", "--json"))
    assert told["status"] == "planned"
    assert told["moving"] == ["few", "jars", "labels", "numbers"]
    assert "tenancy_tenant" in told["staying"]
    assert told["tenant_ids"] == [7]
    assert rows(project, "SELECT to_regnamespace('first'), count(*) FROM tenancy_tenant") == [
        (None, 0)
    ]


def test_the_tables_move_with_all_rows_and_follow_the_models(project):
    before = rows(project, "SELECT id, text FROM labels ORDER BY id")
    told = json.loads(project.done(*ADOPT, "--json"))
    assert (told["status"], told["not_done"]) == ("adopted", [])
    assert rows(project, "SELECT id, text FROM first.labels ORDER BY id") == before
    assert rows(project, "SELECT id, schema_name FROM tenancy_tenant") == [(7, "first")]
    assert rows(project, "SELECT DISTINCT tenant_id FROM first.jars") == [(7,)]
    assert rows(project, "SELECT count(*) FROM first.few") == [(500,)]
    assert rows(project, "SELECT to_regclass('public.labels'), to_regclass('public.jars')") == [
        (None, None)
    ]
    assert rows(project, "SELECT count(colour) FROM first.labels") == [(0,)]
    assert project.migrate("--no-backup")["counts"] == {}
    assert "No migrations to apply" in project.done("migrate_schemas")
    project.done("create_tenant", "second", "--domain", "second.localhost")
    assert rows(project, "SELECT id > 7 FROM tenancy_tenant WHERE schema_name = 'second'") == [
        (True,)
    ]


def test_what_must_have_a_value_gets_its_default_or_is_named(project):
    with psycopg.connect(project.url, autocommit=True) as conn:
        conn.execute("UPDATE labels SET text = NULL WHERE id = 3")
    ended = project(*ADOPT)
    assert ended.returncode == 1
    assert "first.labels.text" in ended.stdout
    assert "migrate_staged --tenants first" in ended.stdout
    (back,) = (line for line in ended.stdout.splitlines() if "manage.py rollback_staged" in line)
    assert "--target" not in back, "the project's own database is the target"
    fill = Path(project.environment["OUTPUT"]).with_name("fill.toml")
    fill.write_text("first.labels.text = \"'none'\"\n")
    project.migrate("--no-backup", "--tenants", "first", "--backfill", str(fill))
    assert rows(project, "SELECT text FROM first.labels WHERE id = 3") == [("none",)]


@pytest.mark.parametrize(
    ("before", "arguments", "reason"),
    [
        ("UPDATE jars SET tenant_id = 8", (), "rows of public name 2 tenants in tenant_id"),
        ("", ("--from", "nowhere"), "there is nothing to adopt in nowhere"),
        ("", ("--from", "first"), "--from and NAME are one schema"),
        ("CREATE SCHEMA first", (), "there is a schema first already"),
    ],
)
def test_what_cannot_be_adopted_is_refused_and_stays(project, before, arguments, reason):
    with psycopg.connect(project.url, autocommit=True) as conn:
        conn.execute(before or "SELECT 1")
    ended = project(*ADOPT, *arguments)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert reason in ended.stderr
    assert rows(project, "SELECT count(*) FROM tenancy_tenant") == [(0,)]
    assert rows(project, "SELECT count(*) FROM public.labels") == [(500,)]


def test_several_tenants_are_merged_if_that_is_wanted(project):
    with psycopg.connect(project.url, autocommit=True) as conn:
        conn.execute("UPDATE jars SET tenant_id = 8")
    project.done(*ADOPT, "--merge")
    whose = "SELECT DISTINCT l.tenant_id = t.id FROM first.labels l, tenancy_tenant t"
    assert rows(project, whose) == [(True,)]
