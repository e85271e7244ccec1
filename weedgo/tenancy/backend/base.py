"""The database backend: django-tenants' with embedded servers started on demand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgresSchemaEditor
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantDatabaseWrapper

from weedgo.databases import serve

# What pgtrigger puts in front of each trigger, and how that statement ends.
SHARED_FUNCTION = 'CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore('
END_OF_FUNCTION = "$$ LANGUAGE plpgsql;"


class DatabaseClient(PostgresClient):
    """psql, for `dbshell`."""

    def runshell(self, parameters: Iterable[str]) -> None:
        """Run psql on the database, the embedded server started if it is that."""
        serve(self.connection.settings_dict)
        super().runshell(parameters)


class DatabaseSchemaEditor(PostgresSchemaEditor):
    """Schema changes that may run for several tenants at once."""

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Run a statement; a trigger's without the function that all triggers share.

        pgtrigger replaces that function in `public` with every trigger, and of two tenants that
        migrate at once one would fail: "tuple concurrently updated".
        """
        if not self.collect_sql and isinstance(sql, str) and self._function_stands(sql):
            sql = sql.partition(END_OF_FUNCTION)[2]
        super().execute(sql, params)

    def _function_stands(self, sql: str) -> bool:
        if not sql.lstrip().startswith(SHARED_FUNCTION):
            return False
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT to_regprocedure('public._pgtrigger_should_ignore(name)')")
            return cursor.fetchone() != (None,)


class DatabaseWrapper(TenantDatabaseWrapper):
    """A connection to a tenant's schema."""

    SchemaEditorClass = DatabaseSchemaEditor
    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters, the embedded server started if the settings name one."""
        serve(self.settings_dict)
        return super().get_connection_params()
