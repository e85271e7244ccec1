"""A database of some tenants whose one table is to change, copied for each test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.project import ROOT, Project
from tests.servers import Server

MAKE = """
import sys, django
django.setup()
from weedgo.management.models.tenants import NewTenant, create_many
from weedgo.staged.model import Options
names = [f"shop{number:03d}" for number in range(1, int(sys.argv[1]) + 1)]
create_many([NewTenant(name, name.title(), f"{name}.localhost") for name in names], Options())
"""
FLAVOUR = {"DJANGO_SETTINGS_MODULE": "tests.fleet.settings", "FLEET_APPS": "pgtrigger"}


class Fleet(Project):
    """The project's commands on a database of many tenants.

    Args:
        environment: of the commands.
    """

    def as_of(self, stage: str) -> Fleet:
        """The same with the app's migrations of another stage."""
        return Fleet({**self.environment, "FLEET": stage})

    @property
    def url(self) -> str:
        """The database's."""
        return self.environment["DATABASE_URL"]

    def make(self, count: int) -> None:
        """Make tenants `shop001` and so on."""
        subprocess.run(
            [sys.executable, "-c", MAKE, str(count)],
            cwd=ROOT, env={"PATH": os.defpath, **self.environment}, check=True,
        )  # fmt: skip

    def each(self, query: str) -> dict[str, tuple]:
        """The first row of a query in each tenant's schema."""
        with psycopg.connect(self.url, autocommit=True) as conn:
            found = {}
            for schema in self.schemas(conn):
                conn.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(schema)))
                found[schema] = conn.execute(query.encode()).fetchone()
            return found

    @staticmethod
    def schemas(conn: psycopg.Connection) -> list[str]:
        """The tenants' schemas."""
        rows = conn.execute(
            "SELECT schema_name FROM public.tenancy_tenant WHERE schema_name <> 'public' ORDER BY 1"
        )
        return [schema for (schema,) in rows]


@pytest.fixture(scope="session")
def fleets(pg18: Server, tmp_path_factory) -> Iterator[Callable[[int], Fleet]]:
    """Databases of so many tenants, each made once; their tables as they are before the change."""
    made: dict[int, Fleet] = {}

    def make(count: int) -> Fleet:
        if count not in made:
            url = pg18.create_database("fleet")
            output = str(tmp_path_factory.mktemp("fleet") / "runs")
            one = Fleet({**FLAVOUR, "FLEET": "before", "DATABASE_URL": url, "OUTPUT": output})
            one.done("migrate_staged", "--no-backup", "--verbosity", "0", "--output", output)
            one.make(count)
            made[count] = one
        return made[count]

    yield make
    for one in made.values():
        pg18.drop_database(one.url)


@pytest.fixture
def fleet(request, pg18: Server, fleets, tmp_path) -> Iterator[Fleet]:
    """A copy of one of them: 12 tenants, or as many as a test's parameter says."""
    base = fleets(getattr(request, "param", 12))
    url = pg18.create_database("fleet", urlsplit(base.url).path.lstrip("/"))
    yield Fleet({**base.environment, "DATABASE_URL": url, "OUTPUT": str(tmp_path / "runs")})
    pg18.drop_database(url)
