"""A site on a Citus cluster; see tests/cluster.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.cluster import CITUS, Cluster, url
from tests.project import Project

SHOPS = ("ash", "birch")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.citus)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster, or the test is skipped."""
    if not url():
        pytest.skip(f"{CITUS} names no cluster")
    return Cluster(url())


@pytest.fixture(scope="session")
def site(cluster, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A database with two tenants, each with a word of its own, its owner's URL and a log-in's."""
    owner = cluster.create("site")
    login = f"{conninfo_to_dict(owner)['dbname']}_app"
    with psycopg.connect(owner, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(login)))
    application = make_conninfo(owner, user=login)
    folder = tmp_path_factory.mktemp("citus")
    project = Project(
        {
            "DATABASE_URL": application,
            "MIGRATION_DATABASE_URL": owner,
            "OUTPUT": str(folder / "runs"),
        }
    )
    project.done("migrate_staged", "--no-backup", "--output", str(folder / "first"))
    for shop in SHOPS:
        project.done("create_tenant", shop, "--domain", f"{shop}.localhost")
    with psycopg.connect(owner, autocommit=True) as conn:
        _tell(conn)
        conn.execute("SELECT public.weedgo_isolate(%s)", [login])
    yield SimpleNamespace(
        owner=owner, application=application, login=login, project=project, cluster=cluster
    )
    cluster.drop(owner)


def _tell(conn: psycopg.Connection) -> None:
    """A word in each tenant, functions that run as their owner, and a shared table."""
    for shop in SHOPS:
        table = sql.Identifier(shop, "words")
        conn.execute(sql.SQL("CREATE TABLE {} (word text)").format(table))
        conn.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(table, shop))
        definer = sql.SQL("CREATE FUNCTION {}() RETURNS text SECURITY DEFINER LANGUAGE sql AS {}")
        read = sql.SQL("SELECT word FROM {}").format(table).as_string(None)
        for name in ((shop, "told"), ("public", f"told_by_{shop}")):
            conn.execute(definer.format(sql.Identifier(*name), sql.Literal(read)))
    conn.execute("CREATE TABLE public.prices AS SELECT 1 AS price")
