"""Connections to the two databases: opened, checked, and described without their secrets.

Whatever goes wrong here is a `StagedError` whose one line names the server, the cause and the
remedy. Nothing that leaves this module holds a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from weedgo.staged.model import StagedError

Connection = psycopg.Connection[TupleRow]

OLDEST = 15
SECRETS = frozenset({"password", "sslpassword", "oauth_client_secret"})

# A dead client or network is noticed within a minute, in both directions.
_TRANSPORT = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

# Only what asks for it is prepared: plans of other statements would outlive the tables' shapes.
_NEVER = 1 << 30

# What definitions and statements must not depend on, whatever the role or database has set.
_SETTINGS = {
    "search_path": "",
    "check_function_bodies": "off",
    "standard_conforming_strings": "on",
    "client_min_messages": "warning",
    "default_transaction_isolation": "read committed",
    "lock_timeout": "0",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "quote_all_identifiers": "off",
    "xmloption": "content",
    "jit": "off",
}

_POOLER = (
    "{where} answers through a connection pooler, which a migration must not use; "
    "give the address of the PostgreSQL server itself"
)


def connect(url: str, *, application: str = "weedgo", read_only: bool = False) -> Connection:
    """Open a direct connection in autocommit, with every setting that matters pinned.

    Args:
        url: a PostgreSQL URL or a libpq connection string.
        application: the application_name that other sessions see (cut at 63 bytes by PostgreSQL).
        read_only: refuse writes in every transaction of the connection.

    Raises:
        StagedError: unreachable server, refused log-in, missing database, pooler, or a server
            that is not PostgreSQL 15 or later.
    """
    params = parameters(url)
    options: dict[str, Any] = {**_TRANSPORT, **params, "client_encoding": "utf8"}
    options["application_name"] = application
    try:
        conn: Connection = psycopg.connect(**options, autocommit=True, prepare_threshold=_NEVER)
    except psycopg.Error as error:
        raise StagedError(_refused(url, error)) from None
    try:
        _settle(conn, url, read_only=read_only)
    except BaseException:
        conn.close()
        raise
    return conn


def parameters(url: str) -> dict[str, Any]:
    """The connection parameters that a URL or connection string holds, password included.

    Raises:
        StagedError: it is neither.
    """
    words = _words(url)
    if words is None:
        raise StagedError(
            f"{redact(url)!r} is not a PostgreSQL URL; write postgresql://USER@HOST:PORT/DATABASE"
            " (with %XX for special characters of the password)"
        )
    return words


def _words(url: str) -> dict[str, Any] | None:
    words = _read(url)
    return None if words is None else dict(words)


@lru_cache(16)
def _read(url: str) -> dict[str, Any] | None:
    if _SCHEME.match(url) and _parts(url) is None:
        return None
    try:
        return {k: v for k, v in conninfo_to_dict(url).items() if v is not None}
    except (psycopg.Error, UnicodeDecodeError):
        return None


@dataclass(frozen=True, slots=True)
class _Parts:
    """A URL as libpq takes it apart; all as written."""

    scheme: str
    user: str
    password: str
    place: str
    query: tuple[str, ...]


def _parts(url: str) -> _Parts | None:
    """Take a URL apart; None where a special character of its password may have gone astray."""
    found = re.fullmatch(r"(postgres(?:ql)?://)(?:([^@/]*)@)?([^?]*)(?:\?(.*))?", url, re.DOTALL)
    if not found or not _PLACE.fullmatch(found[3]):
        return None
    user, _, password = (found[2] or "").partition(":")
    return _Parts(found[1], user, password, found[3], tuple((found[4] or "").split("&")))


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = r"(?:\[[^\]]*\]|[^\[\]:,/@?#]*)(?::\d*)?"
_PLACE = re.compile(rf"{_HOST}(?:,{_HOST})*(?:/[^/@#]*)?")


def redact(url: str) -> str:
    """The URL or connection string without its secrets, fit for messages and files."""
    words = _words(url)
    if words is None:
        scheme = _SCHEME.match(url)
        return f"{scheme[0] if scheme else ''}***"
    parts = _parts(url)
    if parts is None:
        return make_conninfo("", **{k: v for k, v in words.items() if k not in SECRETS})
    user = f"{parts.user}@" if parts.user else ""
    kept = [p for p in parts.query if p and unquote(p.partition("=")[0]) not in SECRETS]
    return f"{parts.scheme}{user}{parts.place}" + ("?" + "&".join(kept) if kept else "")


def holds_secret(url: str) -> bool:
    """Whether a URL or connection string holds a secret, or might: what cannot be read may."""
    return _words(url) is None or bool(_secrets(url))


def describe(source: str) -> str:
    """A source as people may see it: a URL or connection string redacted, a path as it is."""
    secret = _SCHEME.match(source) or _words(source) is not None or "password" in source.lower()
    return redact(source) if secret else source


def scrub(text: str, *urls: str) -> str:
    """Text with every password of the given URLs, as written or decoded, replaced by ``***``."""
    for url in urls:
        for secret in _secrets(url):
            text = text.replace(secret, "***")
    return text


def _secrets(url: str) -> list[str]:
    words, parts = _words(url) or {}, _parts(url)
    found = {str(words[k]) for k in SECRETS if words.get(k)}
    if parts:
        pairs = (p.partition("=") for p in parts.query)
        found |= {parts.password} | {v for k, _, v in pairs if unquote(k) in SECRETS}
    return sorted((s for s in found if s), key=len, reverse=True)


def one_line(error: BaseException) -> str:
    """An error's text as one line."""
    return " ".join(str(error).split())


def _refused(url: str, error: psycopg.Error) -> str:
    """Why a connection was refused, and what to do about it."""
    text = scrub(one_line(error), url)
    where = redact(url)
    if "unsupported startup parameter" in text:
        return _POOLER.format(where=where)
    said = text.rpartition("FATAL: ")[2].strip() if "FATAL: " in text else text
    for sign, remedy in (
        ("authentication failed", "check user and password (or PGPASSWORD, passfile, service)"),
        ("no password supplied", "give a password by URL, PGPASSWORD, passfile or service"),
        ("pg_hba.conf", "let the server's pg_hba.conf admit this client"),
        ("does not exist", "check the name, or create it"),
        ("too many", "free a connection slot, or raise max_connections"),
        ("remaining connection slots", "free a connection slot, or raise max_connections"),
        ("starting up", "wait until the server is up"),
        ("shutting down", "wait until the server is up again"),
        ("could not translate host name", "check the host name"),
        ("resolve host", "check the host name"),
        ("timeout", "check host, port, network and firewall"),
        ("refused", "check host and port, and that the server runs"),
        ("No such file", "check host and port, and that the server runs"),
    ):
        if sign in said:
            return f"cannot connect to {where}: {said}; {remedy}"
    return f"cannot connect to {where}: {said}; check the URL and that the server is PostgreSQL"


@cache
def _pinning(*, read_only: bool) -> bytes:
    """The query that pins a session's settings, and asks who answers."""
    settings = {**_SETTINGS, **({"default_transaction_read_only": "on"} if read_only else {})}
    pinned = sql.SQL(", ").join(
        sql.SQL("pg_catalog.set_config({}, {}, false)").format(name, value)
        for name, value in settings.items()
    )
    asked = sql.SQL("SELECT pg_catalog.version(), pg_catalog.pg_backend_pid(), {}").format(pinned)
    return asked.as_bytes(None)


def _settle(conn: Connection, url: str, *, read_only: bool) -> None:
    """Pin the session's settings and refuse servers that cannot be worked with."""
    where = redact(url)
    version = conn.info.server_version
    if version < OLDEST * 10000:
        raise StagedError(
            f"{where} runs PostgreSQL {version // 10000}; versions {OLDEST} and later are supported"
        )
    try:
        row = conn.execute(_pinning(read_only=read_only)).fetchone()
    except psycopg.Error as error:
        raise StagedError(
            f"{where} is not a PostgreSQL server that can be migrated: "
            f"{scrub(one_line(error), url)}"
        ) from None
    assert row is not None
    if not str(row[0]).startswith(("PostgreSQL ", "EnterpriseDB ")):
        raise StagedError(f"{where} is {str(row[0])[:40]}, not PostgreSQL")
    if row[1] != conn.info.backend_pid:
        raise StagedError(_POOLER.format(where=where))
    _notice_lost_clients(conn)


def _notice_lost_clients(conn: Connection) -> None:
    """Have the server end what it does for a client that is gone (not on every platform)."""
    with suppress(psycopg.Error):
        conn.execute("SET client_connection_check_interval = '5s'")


def identity(conn: Connection) -> tuple[Any, ...]:
    """What tells one database from every other, physical copies and standbys included."""
    row = conn.execute(
        "SELECT pg_catalog.pg_postmaster_start_time(), d.oid, d.datname"
        " FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()"
    ).fetchone()
    assert row is not None
    return tuple(row)


def same_database(a: Connection, b: Connection) -> bool:
    """Whether two connections lead to one database, by whatever addresses."""
    return identity(a) == identity(b)


def check_writable(conn: Connection, schemas: Iterable[str] = ()) -> None:
    """Refuse a target in which nothing could be changed.

    Args:
        schemas: existing schemas in which objects are to be made.

    Raises:
        StagedError: a standby, a read-only session, or a role that may not create.
    """
    row = conn.execute(_WRITABLE, {"journal": "weedgo_migration"}).fetchone()
    assert row is not None
    database, role, standby, read_only, create, journal = row
    if standby:
        raise StagedError(
            f"database {database!r} is on a standby, which is read only; give its primary"
        )
    if read_only:
        raise StagedError(
            f"database {database!r} is read only for role {role!r} "
            "(default_transaction_read_only is on); set it off for the role or the database"
        )
    if not create and not journal:
        raise StagedError(
            f"role {role!r} may not create schemas in database {database!r}; "
            f"GRANT CREATE ON DATABASE {quoted(database)} TO {quoted(role)}"
        )
    _check_schemas(conn, role, list(schemas))


_WRITABLE = """
SELECT pg_catalog.current_database(), current_user::text, pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('transaction_read_only')::bool,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
       coalesce((SELECT pg_catalog.has_schema_privilege(n.oid, 'CREATE')
                 FROM pg_catalog.pg_namespace n WHERE n.nspname = %(journal)s), false)
"""


def _check_schemas(conn: Connection, role: str, schemas: list[str]) -> None:
    rows = conn.execute(
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY(%s)"
        " AND NOT pg_catalog.has_schema_privilege(oid, 'CREATE') ORDER BY nspname",
        [schemas],
    ).fetchall()
    if rows:
        names = [str(r[0]) for r in rows]
        raise StagedError(
            f"role {role!r} may not create objects in schema {', '.join(names)}; "
            f"GRANT CREATE ON SCHEMA {', '.join(map(quoted, names))} TO {quoted(role)}"
        )


def on_cluster(conn: Connection) -> bool:
    """Whether a database is on a Citus cluster, which takes one statement per message."""
    row = conn.execute("SELECT pg_catalog.to_regclass('pg_catalog.pg_dist_node')").fetchone()
    return row is not None and row[0] is not None


def quoted(*names: str) -> str:
    """A quoted identifier, for messages and remedies."""
    return sql.Identifier(*names).as_string(None)
