"""Tenants on the nodes of a Citus cluster: spread over them, and moved between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from weedgo import project
from weedgo.management.models.way import Listen
from weedgo.staged.model import Event, StagedError
from weedgo.tenancy import citus, isolation, placement

ABSENT = (
    "the database has not the extension citus; see docs/how-to/scale-out.md, or leave tenants where"
    " they are"
)


@dataclass(frozen=True)
class Spread:
    """What became of tenants: those distributed now, and those that were so already."""

    done: tuple[str, ...]
    before: tuple[str, ...]


def spread(schemas: Sequence[str]) -> None:
    """Give new tenants a node each where there is a cluster; elsewhere do nothing.

    With the setting WEEDGO_CITUS off they stay on the first node, as ordinary tables.

    Args:
        schemas: complete, with their roles' rights.
    """
    if not schemas or not getattr(settings, "WEEDGO_CITUS", True):
        return
    with connections[project.owner()].cursor() as cursor:
        if not citus.present(cursor):
            return
        for schema in schemas:
            with transaction.atomic(using=project.owner()):
                placement.distribute(cursor, schema)


def distribute(schemas: Sequence[str], listen: Listen) -> Spread:
    """Make tenants that are ordinary tables on the first node distributed ones.

    Each in a transaction of its own, in which its tables are closed to all others.

    Args:
        schemas: of tenants; empty for all.
        listen: told of the progress.

    Raises:
        StagedError: there is no cluster, or no such tenant.
        CitusError: a node refuses.
    """
    with _owner() as cursor:
        isolation.isolate_by(cursor, isolation.login())
        local = placement.local_tenants(cursor)
        _check(cursor, schemas)
        wanted = [s for s in schemas if s in local] if schemas else local
        for number, schema in enumerate(wanted, 1):
            listen(Event("phase", f"distributing {schema}, {number} of {len(wanted)}"))
            with transaction.atomic(using=project.owner()):
                placement.distribute(cursor, schema)
    return Spread(tuple(wanted), tuple(s for s in schemas if s not in local))


def move(schema: str, node: str) -> tuple[str, str]:
    """Move a tenant to another node while it is at work; return from where to where.

    Raises:
        StagedError: there is no cluster, or no such tenant.
        CitusError: there is no such node, or the tenant is there, or on none.
    """
    with _owner() as cursor:
        _check(cursor, [schema])
        # The node has what triggers need before the tables are there.
        isolation.isolate_by(cursor, isolation.login())
        return placement.move(cursor, schema, node)


@contextmanager
def _owner() -> Iterator[Any]:
    """A cursor of the owner's in `public`, on a cluster."""
    connection = connections[project.owner()]
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        if not citus.present(cursor):
            raise StagedError(ABSENT)
        yield cursor


def _check(cursor: Any, schemas: Sequence[str]) -> None:
    cursor.execute(
        "SELECT schema_name FROM public.tenancy_tenant WHERE schema_name <> 'public'"
        " ORDER BY schema_name"
    )
    known = [name for (name,) in cursor.fetchall()]
    if missing := [schema for schema in schemas if schema not in known]:
        there = ", ".join(known[:10]) or "none"
        raise StagedError(f"there is no tenant {', '.join(missing)}; there are: {there}")
