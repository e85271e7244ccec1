"""Tenants made by commands, and the data of demo tenants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.project import Project
from tests.servers import Server

URL = "DATABASE_URL"


@pytest.fixture(scope="module")
def project(pg18: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project on a database with the shared schema, without tenants."""
    url = pg18.create_database("new_tenants")
    made = Project({URL: url, "OUTPUT": str(tmp_path_factory.mktemp("runs"))})
    made.migrate()
    yield made
    pg18.drop_database(url)


def rows(project: Project, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(project.environment[URL]) as connection:
        return connection.execute(query.encode()).fetchall()


def test_a_tenant_is_made_as_the_models_want_it(project):
    told = project.done("create_tenant", "green_shop", "--domain", "Green.example.org")
    assert told.strip().startswith("Green Shop stands: schema green_shop, domain green.example.org")
    assert rows(project, "SELECT domain FROM tenancy_domain") == [("green.example.org",)]
    assert project.migrate()["counts"] == {}
    assert "No migrations to apply" in project.done("migrate_schemas", "--tenant")
    assert set(project.triggers("green_shop")["green_shop"]) == {"INSTALLED"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("taken", "--domain", "other.example.org"), "Tenant with this Schema name already exists"),
        (("fresh", "--domain", "taken.example.org"), "Domain with this Domain already exists"),
        (("stands", "--domain", "stands.example.org"), "there is a schema stands already"),
        (("Fresh", "--domain", "fresh.example.org"), "'Fresh' is no name for a tenant"),
        (("public", "--domain", "fresh.example.org"), "'public' is no name for a tenant"),
        (("fresh", "--domain", "no host"), "'no host' is no host name"),
        (("fresh",), "--domain"),
    ],
)
def test_a_tenant_that_cannot_be_made_leaves_nothing(project, arguments, reason):
    with psycopg.connect(project.environment[URL]) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS stands")
        connection.execute(
            "INSERT INTO tenancy_tenant (schema_name, name, created_at)"
            " VALUES ('taken', 'Taken', now()) ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO tenancy_domain (domain, is_primary, tenant_id)"
            " SELECT 'taken.example.org', true, id FROM tenancy_tenant WHERE schema_name = 'taken'"
            " ON CONFLICT DO NOTHING"
        )
    ended = project("create_tenant", *arguments)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert reason in ended.stderr
    left = "SELECT count(*) FROM tenancy_tenant WHERE schema_name IN ('fresh', 'stands')"
    assert rows(project, left) == [(0,)]
    assert rows(project, "SELECT to_regnamespace('fresh')") == [(None,)]


def test_demo_tenants_are_filled_once(project):
    environment = {**project.environment, "DEMO_PASSWORD": "s3cret-of-tests"}
    demo = Project(environment)
    made = json.loads(demo.done("seed_demo", "--tenants", "1", "--orders", "8", "--json"))
    assert made["operator_made"] is True
    assert made["tenants"]["green_leaf"]["orders"] == 8
    again = json.loads(demo.done("seed_demo", "--tenants", "1", "--orders", "8", "--json"))
    assert again["tenants"] == made["tenants"]
    assert again["operator_made"] is False
    paid = "SELECT count(*) FROM green_leaf.orders WHERE payment_status = 'paid'"
    assert rows(demo, paid) == [(8,)]
    told = demo.done("seed_demo", "--if-empty")
    assert "There are tenants already." in told
    assert "s3cret" not in told


def test_what_the_models_bring_works_together(project):
    """In a tenant with rows, and in one without any."""
    project.done("create_tenant", "young_shop", "--domain", "young.example.org")
    told = project.done("check_integration", "--tenants", "young_shop", "green_leaf", "--shared")
    assert "100.0 % of the integration checks hold" in told
    with psycopg.connect(project.environment[URL], autocommit=True) as connection:
        connection.execute("ALTER TABLE young_shop.orders DISABLE TRIGGER USER")
    ended = project("check_integration", "--tenants", "young_shop")
    with psycopg.connect(project.environment[URL], autocommit=True) as connection:
        connection.execute("ALTER TABLE young_shop.orders ENABLE TRIGGER USER")
    assert ended.returncode == 1
    assert "young_shop: orders: no trigger guards tenant_id" in ended.stdout
    assert rows(project, "SELECT count(*) FROM young_shop.ocs_inventory") == [(0,)]


def test_without_debug_there_is_no_password_by_default(project):
    ended = project("seed_demo")
    assert ended.returncode == 2
    assert "set DEMO_PASSWORD" in ended.stderr


def test_an_empty_database_is_named(pg18: Server, database, tmp_path: Path):
    empty = Project({URL: database(pg18), "DEMO_PASSWORD": "x", "OUTPUT": str(tmp_path)})
    for command in (("seed_demo",), ("create_tenant", "shop", "--domain", "shop.localhost")):
        ended = empty(*command)
        assert ended.returncode == 2
        assert ended.stderr.endswith("run manage.py migrate_staged first\n")
        assert ended.stderr.count("\n") == 1
