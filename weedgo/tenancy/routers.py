"""Which apps' tables belong into the schema at hand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections
from django_tenants.routers import TenantSyncRouter
from django_tenants.utils import get_public_schema_name


class TenancyRouter(TenantSyncRouter):
    """django-tenants' router, for both of our aliases.

    Its own refuses every alias but one, and so the owner could not migrate.
    """

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        """Return False where an app's tables do not belong, None where others may decide."""
        if db not in ("default", "owner"):
            return False
        shared = connections[db].schema_name == get_public_schema_name()  # type: ignore[attr-defined]
        apps = settings.SHARED_APPS if shared else settings.TENANT_APPS
        return None if self.app_in_list(app_label, apps) else False
