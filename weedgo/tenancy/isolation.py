"""Roles and rights of tenants: brought about after whatever changes schemas, and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.checks import Tags, Warning, register  # noqa: A004
from django.db import DatabaseError, connections
from django_tenants.utils import get_public_schema_name

from weedgo import project
from weedgo.tenancy import citus, logins

# What migrations grant to tenants is granted to this role; of whose rights they say all.
ROLES = frozenset({"weedgo_tenant"})
MAKE_ROLES = """
DO $$
DECLARE
    wanted name;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['weedgo_tenant', 'weedgo_platform'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
    NULL;
END;
$$
"""
STANDS = f"SELECT to_regprocedure('public.weedgo_isolate(text)') IS NOT NULL, {citus.PRESENT}"


def login() -> str:
    """The role that the application logs in as; empty if it is the owner's."""
    if project.owner() == "default":
        return ""
    return str(settings.DATABASES["default"].get("USER") or "")


@contextmanager
def as_owner() -> Iterator[None]:
    """Both aliases are the owner's meanwhile: django-tenants asks `default` about tenants.

    Two connections would wait for each other besides.
    """
    before = connections["default"]
    connections["default"] = connections[project.owner()]
    try:
        yield
    finally:
        connections["default"] = before


def isolate() -> str:
    """Bring about what keeps tenants apart, in the project's own database.

    It is quick where nothing is to be done, and may run as often as one likes.

    Returns:
        Which protection is off, and why; empty for none.
    """
    connection = connections[project.owner()]
    if connection.schema_name != get_public_schema_name():  # type: ignore[attr-defined]
        connection.set_schema_to_public()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        return isolate_by(cursor, login())


def isolate_by(cursor: Any, role: str, *, only: str = "") -> str:
    """The same by a cursor of the owner's, in its transaction if it has one.

    Args:
        cursor: of Django or psycopg.
        role: the application's; empty for none of its own.
        only: a new tenant's schema, if all others have what keeps them apart.
    """
    cursor.execute(STANDS)
    stands, clustered = cursor.fetchone()
    if not stands:
        return "the database has not been migrated yet"
    if only:
        cursor.execute("SELECT public.weedgo_isolate_tenant(%s, nullif(%s, ''))", [only, role])
    else:
        cursor.execute("SELECT public.weedgo_isolate(nullif(%s, ''))", [role])
    off = str(cursor.fetchone()[0] or "")
    if role:
        logins.bring_about(cursor)
    if clustered:
        citus.prepare(cursor)
    return off


@register(Tags.database)
def protections(*, databases: Any = None, **_: Any) -> list[Warning]:
    """Say which protections are off: a check of `check --database default` and of `migrate`."""
    if "default" not in (databases or ()):
        return []
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_has_role(current_user, c.relowner, 'USAGE') FROM pg_class AS c"
                " WHERE c.oid = to_regclass('public.tenancy_tenant')"
            )
            row = cursor.fetchone()
    except DatabaseError:
        return []
    if row != (True,):
        return []
    return [
        Warning(
            "The application logs in as the owner of the tables: roles and row-level security do "
            "not keep it from other tenants' rows.",
            hint="Give DATABASE_URL a role that owns nothing, and MIGRATION_DATABASE_URL the "
            "owner's; see docs/concepts/isolation.md.",
            id="tenancy.W001",
        )
    ]
