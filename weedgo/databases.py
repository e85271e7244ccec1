"""From database URLs to Django's settings, and back.

URLs are read by libpq's own parser, so that whatever psql takes is taken here: sockets, several
hosts, services, `sslmode` and the rest.
"""

from __future__ import annotations

from typing import Any

from weedgo import embedded

ENGINE = "weedgo.tenancy.backend"
# libpq's names of what Django keeps outside OPTIONS.
PARAMETERS = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}


class DatabaseUrlError(ValueError):
    """A setting does not lead to PostgreSQL; the message never repeats a URL."""


def from_url(url: str, variable: str, *, owner: bool = False) -> dict[str, Any]:
    """Return Django's settings for a database.

    Args:
        url: a PostgreSQL URL or connection string; empty means the embedded server.
        variable: the environment variable that it came from, for the message.
        owner: on the embedded server, whether it is the tables' owner who logs in.

    Raises:
        DatabaseUrlError: it is not one. The URL is not shown, as it may hold a password.
    """
    if not url:
        role = {} if owner else {"USER": embedded.APPLICATION}
        return {"ENGINE": ENGINE, "NAME": embedded.DATABASE, "EMBEDDED": "current", **role}
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        options = dict(conninfo_to_dict(url))
    except ProgrammingError:
        raise DatabaseUrlError(
            f"{variable} is not a PostgreSQL URL; it should look like "
            "postgresql://user@host:5432/name"
        ) from None
    settings = {name: str(options.pop(parameter, "")) for parameter, name in PARAMETERS.items()}
    return {"ENGINE": ENGINE, **settings, "OPTIONS": options}


def url_of(alias: str) -> str:
    """Return the connection string of one of Django's databases, its embedded server started.

    Args:
        alias: a key of the setting DATABASES.

    Returns:
        What `psycopg.connect` takes; it may hold a password, so it is not for printing.

    Raises:
        KeyError: there is no such alias.
        DatabaseUrlError: it is not PostgreSQL's.
        EmbeddedError: the embedded server cannot be used.
    """
    from django.db import connections
    from django.utils.connection import ConnectionDoesNotExist
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import Conninfo

    try:
        connection = connections[alias]
    except ConnectionDoesNotExist:
        raise KeyError(alias) from None
    if connection.vendor != "postgresql":
        engine = connection.settings_dict["ENGINE"]
        raise DatabaseUrlError(
            f"the database {alias} of this project is not PostgreSQL's ({engine}); name another "
            "with MIGRATION_ALIAS or --target"
        )
    settings = connection.settings_dict
    serve(settings)
    options = {
        parameter: settings[name] for parameter, name in PARAMETERS.items() if settings.get(name)
    }
    known = {parameter.keyword.decode() for parameter in Conninfo.get_defaults()}
    plain = {
        name: value
        for name, value in settings.get("OPTIONS", {}).items()
        if name in known and isinstance(value, str | int)
    }
    return make_conninfo("", **{**plain, **options})


def legacy_url() -> str:
    """Return the legacy database's URL: LEGACY_DATABASE_URL, or the embedded server's, started.

    Raises:
        EmbeddedError: the embedded server cannot be used.
    """
    from django.conf import settings

    return settings.LEGACY_DATABASE_URL or embedded.url("legacy")


def serve(settings: dict[str, Any]) -> None:
    """Start the embedded server that a database's settings stand for, and fill in where it is.

    Settings only name the server, because importing them must not start anything.
    """
    name = settings.get("EMBEDDED")
    if not name:
        return
    from psycopg.conninfo import conninfo_to_dict

    where = conninfo_to_dict(embedded.url(name))
    settings.update(HOST=where["host"], PORT=str(where["port"]))
    settings["USER"] = settings.get("USER") or where["user"]
