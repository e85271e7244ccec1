"""What becomes of tenants: suspended, renamed, retired, deleted.

All of it is the owner's business; the application's log-in may do none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from psycopg import sql

from weedgo import project
from weedgo.tenancy import isolation
from weedgo.tenancy.models import Domain, FormerName, State, Tenant


class TenantError(Exception):
    """A tenant cannot become what was asked for; the message is one line with the remedy."""


def set_state(name: str, state: State) -> Tenant:
    """Suspend a tenant, retire it, or have it active again; its data stays as it is.

    Of a tenant that is not active the site is closed, and the log-in is taken its role.

    Args:
        name: of its schema.
        state: where it is to stand.

    Raises:
        TenantError: there is no such tenant.
    """
    with _changed(name) as tenant:
        tenant.state = state
        tenant.save(using=project.owner(), update_fields=["state"])
    return tenant


def rename(name: str, new: str, title: str = "") -> Tenant:
    """Give a tenant's schema another name, and the tenant another title if one is given.

    What shared tables say of it by its schema's name keeps the former name, which no other tenant
    may have from then on.

    Args:
        name: of its schema.
        new: the new name; the same to change the title only.
        title: what people call it.

    Raises:
        TenantError: there is no such tenant, or the new name is taken, or was another's.
    """
    with _changed(name) as tenant:
        if new != name:
            _free(new, tenant)
            _run("ALTER SCHEMA {} RENAME TO {}", name, new)
        tenant.schema_name, tenant.name = new, title or tenant.name
        _tenants().filter(pk=tenant.pk).update(schema_name=new, name=tenant.name)
    return tenant


def _free(name: str, tenant: Tenant) -> None:
    if _stands(name) or _tenants().filter(schema_name=name).exists():
        raise TenantError(f"there is a schema or tenant {name} already; choose another name")
    had = FormerName.objects.using(project.owner()).filter(schema_name=name)
    if had.exclude(tenant_id=tenant.pk).exists():
        raise TenantError(
            f"there has been a tenant {name}, and the audit log holds what it did under that name; "
            "choose another name"
        )


def delete(name: str) -> int:
    """Delete a retired tenant: its schema with all rows, its domains, its role and its row.

    No other tenant may have its name from then on: the audit log keeps what it did under it.

    Args:
        name: of its schema.

    Returns:
        How many tables went.

    Raises:
        TenantError: there is no such tenant, or it is not retired.
    """
    with _changed(name) as tenant:
        if tenant.state != State.RETIRED:
            raise TenantError(
                f"tenant {name} is {tenant.state}; run manage.py retire_tenant {name} first"
            )
        with connections[project.owner()].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [name])
            count = int(cursor.fetchone()[0])
            cursor.execute("SELECT to_regrole(public.weedgo_role_of(%s))::text", [tenant.pk])
            role = cursor.fetchone()[0]
        _run("DROP SCHEMA IF EXISTS {} CASCADE", name)
        if role:
            _become_member(role)
            _run("DROP OWNED BY {}", role)
            _run("DROP ROLE {}", role)
        Domain.objects.using(project.owner()).filter(tenant_id=tenant.pk).delete()
        _tenants().filter(pk=tenant.pk).delete()
    return count


def _tenants() -> Any:
    return Tenant.objects.using(project.owner())


@contextmanager
def _changed(name: str) -> Iterator[Tenant]:
    """A tenant's row, locked; afterwards roles and rights are as they should be."""
    alias = project.owner()
    connections[alias].set_schema_to_public()  # type: ignore[attr-defined]
    with transaction.atomic(using=alias):
        tenant = _tenants().select_for_update().filter(schema_name=name).first()
        if tenant is None or name == "public":
            known = ", ".join(
                _tenants().exclude(schema_name="public").values_list("schema_name", flat=True)[:10]
            )
            raise TenantError(f"there is no tenant {name}; there are: {known or 'none'}")
        yield tenant
        with connections[alias].cursor() as cursor:
            isolation.isolate_by(cursor, isolation.login())


def _stands(schema: str) -> bool:
    with connections[project.owner()].cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(quote_ident(%s)) IS NOT NULL", [schema])
        return bool(cursor.fetchone()[0])


def _become_member(role: str) -> None:
    """Have what a role has: from 16 on, who made a role may give it away, and no more."""
    with connections[project.owner()].cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int >= 160000")
        explicit = " WITH INHERIT TRUE" if cursor.fetchone()[0] else ""
    _run(f"GRANT {{}} TO CURRENT_USER{explicit}", role)


def _run(statement: str, *names: str) -> None:
    with connections[project.owner()].cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
