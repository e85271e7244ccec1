"""A tenant's life where the owner is no superuser, as the how-to for many tenants has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.project import Project
from tests.servers import Server

ROLES = ("weedgo_tenant", "weedgo_platform")


@pytest.fixture
def project(pg18: Server, tmp_path: Path) -> Iterator[Project]:
    """A site whose owner may make roles and databases, and no more."""
    url = pg18.create_database("owned")
    owner, login = (f"{url.rpartition('/')[2]}_{name}" for name in ("owner", "app"))
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in (
            "CREATE ROLE {owner} LOGIN CREATEROLE CREATEDB",
            "CREATE ROLE {login} LOGIN NOINHERIT",
            "ALTER DATABASE {database} OWNER TO {owner}",
            "ALTER SCHEMA public OWNER TO {owner}",
        ):
            names = {"owner": owner, "login": login, "database": url.rpartition("/")[2]}
            conn.execute(
                sql.SQL(statement).format(**{k: sql.Identifier(v) for k, v in names.items()})
            )
        # Other databases of this server have made them.
        for role in ROLES:
            if not conn.execute("SELECT to_regrole(%s)", [role]).fetchone()[0]:
                conn.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            conn.execute(
                sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(
                    sql.Identifier(role), sql.Identifier(owner)
                )
            )
    yield Project(
        {
            "DATABASE_URL": url.replace("postgres@", f"{login}@"),
            "MIGRATION_DATABASE_URL": url.replace("postgres@", f"{owner}@"),
            "OUTPUT": str(tmp_path / "runs"),
        }
    )
    with psycopg.connect(url, autocommit=True) as conn:
        for role in (owner, login):
            conn.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
        (number,) = conn.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    pg18.drop_database(url)
    with psycopg.connect(pg18.url, autocommit=True) as conn:
        made = conn.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"weedgo_{number}_tenant_%"]
        ).fetchall()
        for role in (*(r for (r,) in made), owner, login):
            conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_a_tenant_is_made_closed_and_deleted(project: Project) -> None:
    project.done("migrate_staged", "--no-backup")
    for name in ("fir", "oak"):
        project.done("create_tenant", name, "--domain", f"{name}.localhost")
    project.done("retire_tenant", "fir")
    assert '"oak"' in (worked := project.done("payments_worker", "--once", "--json"))
    assert '"fir"' not in worked, "nobody may act as a tenant that is closed"
    refused = project("payments_worker", "--once", "--tenants", "fir")
    assert refused.returncode == 2
    assert "fir is retired; run manage.py suspend_tenant" in refused.stderr

    assert "fir is deleted" in project.done("delete_tenant", "fir", "--confirm", "fir")
    project.done("migrate_staged", "--no-backup")
