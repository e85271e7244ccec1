"""What kind of Django project this is, in which the apps or the commands are installed.

Three kinds are known: one without tenants, all of whose tables are in `public`; one of
django-tenants'; and one whose tenants `weedgo.tenancy` keeps apart by roles and policies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

PUBLIC = "public"


def owner() -> str:
    """The alias of the database that is migrated: MIGRATION_ALIAS, or `default`."""
    return str(getattr(settings, "MIGRATION_ALIAS", "default"))


def aliases() -> tuple[str, ...]:
    """The aliases that lead to the database that is migrated, whatever their roles."""
    main = _place(settings.DATABASES[owner()])
    same = {alias for alias, one in settings.DATABASES.items() if _place(one) == main}
    return tuple(sorted(same | {"default", owner(), audit_alias()}))


def _place(database: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(database.get(key) or "" for key in ("NAME", "HOST", "PORT"))


def audit_alias() -> str:
    """The alias of events that outlive the transaction at hand: AUDIT_DATABASE, or `default`."""
    return str(getattr(settings, "AUDIT_DATABASE", "default"))


def tenanted() -> bool:
    """Whether each tenant has a schema of its own."""
    return apps.is_installed("django_tenants")


def tenants_are_named() -> bool:
    """Whether the model of tenants has a name beside the schema's."""
    from django_tenants.utils import get_tenant_model

    return any(f.name == "name" for f in get_tenant_model()._meta.concrete_fields)


def isolated() -> bool:
    """Whether roles and policies keep tenants apart."""
    return tenanted() and apps.is_installed("weedgo.tenancy")


def work_in(connection: Any, schema: str) -> None:
    """Have a connection of Django's find and make tables in a schema.

    Args:
        connection: leads to the database that is migrated.
        schema: of it; in a project without tenants there is but `public`.
    """
    if tenanted():
        connection.set_schema(schema)


def schema_of(alias: str = "default") -> str:
    """The schema whose tables come first on a connection."""
    return str(getattr(connections[alias], "schema_name", None) or PUBLIC)


def on_platform() -> bool:
    """Whether no tenant is active: then shared tables are shown, of which a tenant sees none."""
    return schema_of() == PUBLIC


def folder() -> Path:
    """Where runs and what is kept of the models are written: VAR, or `var` in BASE_DIR."""
    here = getattr(settings, "VAR", None)
    return Path(here) if here else base() / "var"


def base() -> Path:
    """BASE_DIR, or the folder at hand."""
    return Path(getattr(settings, "BASE_DIR", "") or Path.cwd())
