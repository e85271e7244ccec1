"""A site of two tenants, whose log-in is not the owner."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import psycopg
import pytest
from psycopg import sql

from tests.project import Project

SHOPS = ("ash", "birch")
LEFT = "SELECT rolname FROM pg_roles WHERE rolname LIKE %s"


@pytest.fixture(scope="session")
def site(pg18, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A database with two tenants, each with a word of its own, its owner's URL and a log-in's."""
    owner = pg18.create_database("isolation")
    login = f"{owner.rpartition('/')[2]}_app"
    with psycopg.connect(pg18.url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(login)))
    application = owner.replace("postgres@", f"{login}@")
    folder = tmp_path_factory.mktemp("isolation")
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
        for shop in SHOPS:
            words = sql.SQL("CREATE TABLE {} AS SELECT {}::text AS word")
            conn.execute(words.format(sql.Identifier(shop, "words"), shop))
            definer = sql.SQL(
                "CREATE FUNCTION {}() RETURNS text SECURITY DEFINER LANGUAGE sql AS {}"
            )
            read = sql.SQL("SELECT word FROM {}").format(sql.Identifier(shop, "words"))
            for name in ((shop, "told"), ("public", f"told_by_{shop}")):
                body = sql.Literal(read.as_string(None))
                conn.execute(definer.format(sql.Identifier(*name), body))
        conn.execute("CREATE TABLE public.prices AS SELECT 1 AS price")
        conn.execute("SELECT public.weedgo_isolate(%s)", [login])
    yield SimpleNamespace(owner=owner, application=application, login=login, project=project)
    with psycopg.connect(owner) as conn:
        (number,) = conn.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    pg18.drop_database(owner)
    with psycopg.connect(pg18.url, autocommit=True) as conn:
        for (role,) in conn.execute(LEFT, [f"weedgo_{number}_tenant_%"]).fetchall():
            conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
        conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(login)))
