"""What a request of ten queries costs: by our backend and by django-tenants' own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from types import ModuleType
from typing import Any

import psycopg
from psycopg import sql

from tests.benchmarks.measure import TIMES, Section, in_turn, line, timed
from tests.benchmarks.site import TENANT, site
from weedgo.staged import db

QUERIES, REQUESTS = 10, 1000
ATOMIC = ", in one transaction"


def standard(rounds: int) -> Section:
    """Requests that activate a tenant, ask ten times by its primary key, and let go of it."""
    with site() as url:
        from django_tenants.postgresql_backend import base as plain

        from weedgo.tenancy.backend import base as ours
        from weedgo.tenancy.models import Tenant

        tenant = Tenant.objects.get(schema_name=TENANT)
        login = _login(url)
        wrappers = {"ours": _wrapper(ours, login), "django-tenants": _wrapper(plain, url)}
        lines = []
        for what, atomic in (("", False), (ATOMIC, True)):
            actions: dict[str, Callable[[], float]] = {
                name: partial(timed, partial(_requests, connection, tenant, atomic))
                for name, connection in wrappers.items()
            }
            found = in_turn(rounds, actions)
            told = f"{REQUESTS} requests{what}"
            lines.append(line(told, "django-tenants", found, f"≤ 1{TIMES}", 1.0))
        for connection in wrappers.values():
            connection.close()
        _forget(url, login)
    setting = (
        f"PostgreSQL 18, one connection kept, {QUERIES} queries a request, django-tenants "
        f"{version('django-tenants')}. Ours takes the tenant's role and setting with its "
        "search_path; django-tenants' backend has the one role that it knows."
    )
    return Section("request", "A request of ten queries", setting, lines)


def _requests(connection: Any, tenant: Any, atomic: bool) -> None:
    for _ in range(REQUESTS):
        connection.set_tenant(tenant)
        if atomic:
            connection.set_autocommit(False)
        for key in range(QUERIES):
            with connection.cursor() as cursor:
                cursor.execute("SELECT id, name FROM stores WHERE id = %s", [key])
                cursor.fetchall()
        if atomic:
            connection.commit()
            connection.set_autocommit(True)
        connection.set_schema_to_public()


def _wrapper(backend: ModuleType, url: str) -> Any:
    """A connection by a backend, as Django makes one."""
    from django.db import connections

    at = db.parameters(url)
    settings = dict(connections["default"].settings_dict)
    settings.pop("EMBEDDED", None)
    settings |= {
        "NAME": at["dbname"], "USER": at["user"], "HOST": at["host"], "PORT": str(at["port"]),
        "OPTIONS": {}, "CONN_HEALTH_CHECKS": False,
    }  # fmt: skip
    return backend.DatabaseWrapper(settings, alias="default")


def _login(url: str) -> str:
    """A log-in of the application's, which owns nothing; its URL."""
    name = f"{db.parameters(url)['dbname']}_app"
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(name)))
        conn.execute("SELECT public.weedgo_isolate(%s)", [name])
    return url.replace(f"{db.parameters(url)['user']}@", f"{name}@", 1)


def _forget(url: str, login: str) -> None:
    name = sql.Identifier(str(db.parameters(login)["user"]))
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(name))
