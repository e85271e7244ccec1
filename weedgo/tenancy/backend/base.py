"""The database backend: django-tenants', with the tenant's role and embedded servers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import NotSupportedError
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgresSchemaEditor
from django_tenants.postgresql_backend.base import (
    EXTRA_SEARCH_PATHS,
    FakeTenant,
    _check_schema_name,
)
from django_tenants.utils import get_public_schema_name
from psycopg.pq import TransactionStatus

from weedgo.databases import serve
from weedgo.tenancy import citus
from weedgo.tenancy.backend.activation import NOBODY, Activation, activate, active, statement
from weedgo.tenancy.backend.cursors import PooledCursor
from weedgo.tenancy.backend.sessions import NOT_ACTIVE, OWN, SessionsWrapper

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


_RESOLVE = (
    "SELECT pg_catalog.to_regprocedure('public.weedgo_resolve(text, text)') IS NOT NULL,"
    f" {citus.PRESENT}"
)
# Databases that are known to have it; it does not go away.
_migrated: set[tuple[str, ...]] = set()


def forget(connection: psycopg.Connection[Any]) -> None:
    """Bring a pool's connection back to how it was opened: no role, path, settings, locks, tables.

    Args:
        connection: as it was returned to the pool.
    """
    connection.autocommit = True
    zone = connection.info.parameter_status("TimeZone")
    connection.execute("DISCARD ALL")
    if zone and zone != connection.info.parameter_status("TimeZone"):
        connection.execute("SELECT pg_catalog.set_config('TimeZone', %s, false)", [zone])


class DatabaseWrapper(SessionsWrapper):
    """A connection that is, at each statement, what is active in its thread or task.

    Outside transactions `search_path`, role and the setting `weedgo.tenant` are the session's; in
    one they are set for it alone. What is known of them is forgotten where the server may have
    taken them back. With the setting TRANSACTION_POOLER nothing is ever the session's.
    """

    SchemaEditorClass = DatabaseSchemaEditor
    client_class = DatabaseClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._ready = False
        self._session: Activation | None = None
        self._local: Activation | None = None
        self._knows_tenants = False
        super().__init__(*args, **kwargs)
        self._ready = True

    # --- what is active ---------------------------------------------------------

    @property
    def activation(self) -> Activation:
        """What is active here; `weedgo.tenancy.backend.activation` keeps it."""
        return active(self.alias)

    @property
    def schema_name(self) -> str:
        """The schema whose tables come first."""
        return self.activation.schema

    @schema_name.setter
    def schema_name(self, name: str | None) -> None:
        """Only `set_tenant` decides."""

    @property
    def tenant(self) -> Any:
        """The active tenant."""
        return self.activation.tenant or FakeTenant(self.schema_name)

    @tenant.setter
    def tenant(self, tenant: Any) -> None:
        """Only `set_tenant` decides."""

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:  # noqa: FBT001, FBT002
        """Make a tenant active; its row, or whatever has its `schema_name`."""
        if not self._ready:
            return
        public = get_public_schema_name()
        name = tenant.schema_name
        path = (name, public) if include_public and name != public else (name,)
        path += tuple(EXTRA_SEARCH_PATHS)
        for part in path:
            _check_schema_name(part)
        self.set_settings_schema(name)
        self.resume(Activation(name, path, resolved=True, tenant=tenant))
        ContentType.objects.clear_cache()

    def resume(self, activation: Activation) -> None:
        """Make what was active before active again."""
        activate(self.alias, activation)
        # SQL of the application's own may have set something else meanwhile.
        self._forget_session()

    def deactivate(self) -> None:
        """Have no tenant active, nor the platform: a log-in without rights."""
        self.resume(NOBODY)

    # --- making it so -----------------------------------------------------------

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters, the embedded server started if the settings name one."""
        serve(self.settings_dict)
        params = super().get_connection_params()
        if self._pooled:
            params["cursor_factory"] = PooledCursor
        return params

    @property
    def pool(self) -> Any:
        """Django's pool, which would hand one request's session to the next as it is."""
        options = self.settings_dict["OPTIONS"]
        if given := options.get("pool"):
            options["pool"] = {"reset": forget, **({} if given is True else given)}
        return super().pool

    def init_connection_state(self) -> None:
        """Begin with a connection of which nothing is known."""
        super().init_connection_state()
        self._forget_session()
        self._knows_tenants = False

    def _forget_session(self) -> None:
        self._session = self._local = None

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Activate what is not active yet, in one round trip."""
        status = self.connection.info.transaction_status
        if status == TransactionStatus.INERROR:
            return
        wanted = self.activation
        local = not self.connection.autocommit or status != TransactionStatus.IDLE
        if status == TransactionStatus.IDLE:
            self._local = None
        if self._pooled and not local:
            self._hand_over(cursor, wanted)
        elif (self._local or self._session) != wanted:
            with self.wrap_database_errors:
                self.connection.execute(self._statement(wanted, local=local))
            self._local, self._session = (
                (wanted, self._session) if local else (None, wanted)
            )  # fmt: skip

    def _hand_over(self, cursor: Any, wanted: Activation) -> None:
        """Let the cursor send the activation with its statement."""
        if cursor is None:
            raise NotSupportedError(
                "a server-side cursor outlives no transaction behind a pooler; use "
                "DISABLE_SERVER_SIDE_CURSORS or transaction.atomic()"
            )
        # Django wraps the cursor, to count or to log.
        getattr(cursor, "cursor", cursor).activation = self._statement(wanted, local=True)

    def _statement(self, wanted: Activation, *, local: bool) -> str:
        role = self.settings_dict["OPTIONS"].get("assume_role") or "none"
        if self.login != OWN:
            role = NOT_ACTIVE
        return statement(wanted, migrated=self._has_tenants(), role=role, local=local)

    def _has_tenants(self) -> bool:
        """Whether the database has been migrated so far that it knows tenants."""
        if not self._knows_tenants:
            database = citus.place(self.connection)
            if database not in _migrated:
                with self.connection.cursor() as cursor:
                    stands, clustered = cursor.execute(_RESOLVE).fetchone()
                citus.note(self.connection, clustered=clustered)
                if not stands:
                    return False
                _migrated.add(database)
            self._knows_tenants = True
        return True

    @property
    def _pooled(self) -> bool:
        return bool(self.settings_dict.get("TRANSACTION_POOLER"))

    # --- what the server takes back ---------------------------------------------

    def _commit(self) -> Any:
        self._local = None
        return super()._commit()

    def _rollback(self) -> Any:
        self._local = None
        return super()._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        # Set inside the savepoint, or before it: nobody knows.
        self._forget_session()
