"""Sessions of a tenant's own log-in, with the setting TENANT_LOGINS.

Without it the application's log-in takes each tenant's role, and SQL of an attacker's own may take
another's by SET ROLE. With it a tenant's session was never anybody else's, and cannot become so.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import NotSupportedError
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantDatabaseWrapper
from django_tenants.utils import get_public_schema_name
from psycopg.pq import TransactionStatus

from weedgo.tenancy.backend.activation import active
from weedgo.tenancy.logins import SETTING, password

# The application's log-in.
OWN = ""
# Sessions of other log-ins that a thread keeps for later.
KEPT = 2
# No role has this name: in its own session a tenant that is not active becomes nobody at all.
NOT_ACTIVE = "no active tenant"
_STANDS = "SELECT pg_catalog.to_regprocedure('public.weedgo_resolve(text, text)') IS NOT NULL"
_ROLE = "SELECT role FROM public.weedgo_resolve(NULL, %s)"
# By database and schema, for good: a name that a tenant had is never another's.
_roles: dict[tuple[str, ...], str] = {}


class SessionsWrapper(TenantDatabaseWrapper):
    """Goes over to the session of whoever is active, where tenants have log-ins of their own.

    A transaction stays in the session in which it began. The platform's may act as tenants, as it
    may without the setting; a tenant's is refused whatever is not that tenant's.
    """

    connection: Any
    errors_occurred: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.login = OWN
        self._aside: dict[str, tuple[Any, float | None]] = {}
        super().__init__(*args, **kwargs)

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters for the log-in at hand."""
        params: dict[str, Any] = super().get_connection_params()
        if self.login != OWN:
            params |= {"user": self.login, "password": password(self.login)}
        return params

    def _cursor(self, name: str | None = None) -> Any:
        self._go_over()
        return super()._cursor(name)

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:  # noqa: FBT001
        """Begin a transaction, if it is that, in the right session."""
        if not autocommit:
            self._go_over()
        super().set_autocommit(autocommit, *args, **kwargs)

    def close(self) -> None:
        """Close all sessions."""
        super().close()
        while self._aside:
            self._aside.popitem()[1][0].close()

    def _go_over(self) -> None:
        if self.settings_dict.get(SETTING):
            if self.settings_dict["OPTIONS"].get("pool"):
                raise ImproperlyConfigured(f"{SETTING} keeps sessions by tenant: use no pool")
            self._change(self._wanted_login())

    def _wanted_login(self) -> str:
        wanted = active(self.alias)
        if not wanted.resolved or wanted.schema == get_public_schema_name():
            return OWN
        if self.login == OWN and self._busy():
            return OWN
        at = (str(self.settings_dict[name]) for name in ("HOST", "PORT", "NAME"))
        place = (*at, wanted.schema)
        if place not in _roles and (role := self._role_of(wanted.schema)):
            _roles[place] = role
        return _roles.get(place, OWN)

    def _role_of(self, schema: str) -> str:
        """Ask as the application which role a schema's tenant has; empty for none."""
        self._change(OWN)
        self.ensure_connection()
        with self.wrap_database_errors:
            if self.connection.execute(_STANDS).fetchone() != (True,):
                return ""
            row = self.connection.execute(_ROLE, [schema]).fetchone()
        return str(row[0] or "") if row else ""

    def _change(self, login: str) -> None:
        if login == self.login:
            return
        if self.connection is not None:
            if self._busy():
                raise NotSupportedError(
                    f"this transaction is {self.login}'s and cannot go on as another's; "
                    f"end it first ({SETTING})"
                )
            self._put_aside()
        self.login = login
        self.connection, self.close_at = self._aside.pop(login, (None, None))
        self.health_check_done = False
        self._forget_session()

    def _put_aside(self) -> None:
        if self.errors_occurred:
            self.connection.close()
        else:
            self._aside[self.login] = self.connection, self.close_at
        self.errors_occurred = False
        while len(self._aside) > KEPT:
            self._aside.pop(next(iter(self._aside)))[0].close()

    def _busy(self) -> bool:
        if self.in_atomic_block or self.connection is None:
            return self.in_atomic_block
        idle = self.connection.info.transaction_status == TransactionStatus.IDLE
        return not (self.autocommit and idle)

    def _forget_session(self) -> None:
        """Know nothing of the session at hand; for the backend."""
