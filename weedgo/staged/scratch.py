"""Scratch databases: made for one run, empty, like the target, and gone afterwards.

A database's maker holds an advisory lock that is computed from its name for as long as it wants
it. A scratch database whose lock nobody holds was left by a crash; the next maker drops it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from weedgo.staged import db
from weedgo.staged.db import Connection, one_line
from weedgo.staged.model import StagedError

PREFIX = "weedgo_scratch_"
LOCK_CLASS = 0x57534352

# Where installations keep the client tools of several versions side by side.
_TOOL_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)


def possible(conn: Connection) -> bool:
    """Whether the role may create databases on this server."""
    row = conn.execute(
        "SELECT (rolcreatedb OR rolsuper) AND NOT pg_catalog.pg_is_in_recovery()"
        " FROM pg_catalog.pg_roles WHERE rolname = current_user"
    ).fetchone()
    return bool(row and row[0])


@contextmanager
def scratch_database(server_url: str, *, like: Connection, run: str) -> Iterator[str]:
    """An empty database with the encoding and locale of another; dropped at the end.

    Args:
        server_url: any database of the server on which it is made.
        like: a connection to the database that it resembles.
        run: the run's id, which becomes part of the name.

    Yields:
        Its URL.

    Raises:
        StagedError: the role may not create databases there, or the server cannot.
    """
    admin = db.connect(server_url, application=f"weedgo scratch {run}")
    try:
        _sweep(admin, server_url)
        name = _create(admin, like, run)
        try:
            yield _with_password(with_database(server_url, name), admin)
        finally:
            _drop(admin, name, server_url)
    finally:
        admin.close()


def _with_password(url: str, admin: Connection) -> str:
    """The URL with the password that a passfile has for the server's other database only."""
    known = admin.info.password
    if not known or os.environ.get("PGPASSWORD") or db.parameters(url).get("password"):
        return url
    return make_conninfo(url, password=known)


def with_database(url: str, name: str) -> str:
    """The same server and log-in with another database, as a URL or connection string."""
    place = re.fullmatch(r"(\w+://(?:[^@/]*@)?[^/?]*)(?:/[^?]*)?(\?.*)?", url, re.DOTALL)
    if place:
        return f"{place[1]}/{quote(name, safe='')}{place[2] or ''}"
    return make_conninfo(url, dbname=name)


def _key(name: str) -> int:
    """The advisory lock of a name, as a signed 32-bit number."""
    value = zlib.crc32(name.encode())
    return value - (1 << 32) if value >= 1 << 31 else value


def _create(admin: Connection, like: Connection, run: str) -> str:
    base = PREFIX + re.sub(r"[^a-z0-9]+", "_", run.lower())[:40]
    options = _resemblance(like)
    for number in count(1):
        name = f"{base}_{number}"
        row = admin.execute(
            "SELECT pg_catalog.pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, _key(name)]
        ).fetchone()
        if not (row and row[0]):
            continue
        try:
            _create_named(admin, name, options)
            return name
        except psycopg.errors.DuplicateDatabase:
            continue
        except psycopg.Error as error:
            raise StagedError(
                f"no scratch database can be made on {db.redact(_where(admin))}: "
                f"{one_line(error)}; give the role CREATEDB, or name a server with --scratch-url"
            ) from None
    raise AssertionError


def _create_named(admin: Connection, name: str, options: sql.Composable) -> None:
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ").format(sql.Identifier(name))
    try:
        admin.execute(create + options)
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.WrongObjectType):
        # Another server may lack the locale; the order of texts is no part of a schema.
        admin.execute(create + sql.SQL("ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'"))


def _where(conn: Connection) -> str:
    info = conn.info
    return make_conninfo("", host=info.host, port=info.port, dbname=info.dbname, user=info.user)


def _resemblance(like: Connection) -> sql.Composed:
    """Options of CREATE DATABASE that repeat a database's encoding and locale."""
    with like.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        row: dict[str, Any] | None = cursor.execute(
            "SELECT pg_catalog.pg_encoding_to_char(encoding) AS encoding_name,"
            " d.*, to_jsonb(d) AS columns FROM pg_catalog.pg_database d"
            " WHERE datname = pg_catalog.current_database()"
        ).fetchone()
    assert row is not None
    columns = row["columns"]
    provider = {"c": "libc", "i": "icu", "b": "builtin"}[columns["datlocprovider"]]
    words: dict[str, Any] = {
        "ENCODING": row["encoding_name"],
        "LOCALE_PROVIDER": provider,
        "LC_COLLATE": columns["datcollate"],
        "LC_CTYPE": columns["datctype"],
    }
    locale = columns.get("datlocale") or columns.get("daticulocale")
    if provider != "libc" and locale:
        words["ICU_LOCALE" if provider == "icu" else "BUILTIN_LOCALE"] = locale
    if columns.get("daticurules"):
        words["ICU_RULES"] = columns["daticurules"]
    return sql.SQL(" ").join(
        sql.SQL(word) + sql.SQL(" ") + sql.Literal(value) for word, value in words.items()
    )


_LEFT = """
SELECT d.datname FROM pg_catalog.pg_database d
 WHERE d.datname ~ '^weedgo_scratch_' AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
"""
_HELD = """
SELECT l.objid::bigint FROM pg_catalog.pg_locks l
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid::bigint = %s
"""


def _sweep(admin: Connection, server_url: str) -> None:
    """Drop what crashed runs left; a name is seen only after its maker has locked it."""
    names = [str(r[0]) for r in admin.execute(_LEFT).fetchall()]
    if not names:
        return
    held = {int(r[0]) for r in admin.execute(_HELD, [LOCK_CLASS]).fetchall()}
    for name in names:
        if _key(name) % (1 << 32) not in held:
            _drop(admin, name, server_url)


def _drop(admin: Connection, name: str, server_url: str) -> None:
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    # Where somebody else's session cannot be ended, the next run tries again.
    with suppress(psycopg.Error, StagedError):
        try:
            admin.execute(drop)
        except psycopg.errors.ObjectInUse:
            _unsubscribe(_with_password(with_database(server_url, name), admin))
            admin.execute(drop)


def _unsubscribe(url: str) -> None:
    """Drop a database's subscriptions, with which it cannot be dropped, and leave their slots."""
    conn = db.connect(url, application="weedgo scratch")
    try:
        found = conn.execute(
            "SELECT s.subname FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d"
            " ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()"
        ).fetchall()
        for (name,) in found:
            for action in ("ALTER {} DISABLE", "ALTER {} SET (slot_name = NONE)", "DROP {}"):
                text = action.replace("{}", "SUBSCRIPTION {}")
                conn.execute(sql.SQL(text).format(sql.Identifier(name)))
    finally:
        conn.close()


def load_sql(url: str, path: Path, *, psql: Path | None = None) -> None:
    """Load an SQL file through psql, so that all that pg_dump writes is understood.

    Args:
        url: the database; its password goes by environment.
        path: the file.
        psql: the program; by default the newest that is found.

    Raises:
        StagedError: no psql, no such file, or broken SQL (with its line).
    """
    if not path.is_file():
        raise StagedError(f"there is no SQL file {path}; check the path")
    program = psql or find_tool("psql", db.OLDEST)
    command = [
        str(program), "--no-psqlrc", "--quiet", "--no-password", "--set", "ON_ERROR_STOP=1",
        "--output", os.devnull, "--dbname", bare(url), "--file", str(path),
    ]  # fmt: skip
    done = subprocess.run(
        command,
        env=environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        # What is wrong in a file may be that it is no text.
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise StagedError(_broken(done.stderr, path, url))


def _broken(stderr: str, path: Path, url: str) -> str:
    text = db.scrub(stderr, url)
    found = re.search(r"psql:.*?:(\d+): (?:ERROR|FATAL|error): +(.*)", text)
    if found:
        # A dump names the roles of the server that it is of.
        roles = re.search(r'role "|permission denied|must be owner', found[2], re.IGNORECASE)
        mend = "make the dump with --no-owner --no-privileges" if roles else "mend the file"
        return f"{path}, line {found[1]}: {found[2]}; {mend} and run again"
    lines = [line for line in text.splitlines() if line.strip()] or ["psql failed"]
    return f"{path} could not be loaded: {lines[-1].strip()}"


def bare(url: str) -> str:
    """The URL without its password, for the arguments of a child process."""
    return db.redact(url)


def environment(url: str) -> dict[str, str]:
    """The environment for a child process that connects to the URL: its password is in it."""
    password = db.parameters(url).get("password")
    extra = {"PGOPTIONS": "-c check_function_bodies=off -c client_min_messages=warning"}
    if password:
        extra["PGPASSWORD"] = str(password)
    return {**os.environ, **extra, "PGAPPNAME": "weedgo"}


def find_tool(name: str, at_least: int, *, folders: Sequence[str | Path] = ()) -> Path:
    """A PostgreSQL client program of at least a major version; of several, the oldest that fits.

    Args:
        name: such as ``pg_dump``.
        at_least: major version of the server.
        folders: where to look first, before PATH and the usual places.

    Raises:
        StagedError: there is none; the message says what was found instead.
    """
    found: dict[Path, int] = {}
    for folder in [*folders, *os.environ.get("PATH", "").split(os.pathsep), *_usual_folders()]:
        program = shutil.which(name, path=str(folder))
        if program and Path(program) not in found:
            found[Path(program)] = _version(Path(program))
    fitting = [(version, path) for path, version in found.items() if version >= at_least]
    if fitting:
        return min(fitting, key=lambda pair: pair[0])[1]
    others = ", ".join(f"{p} is {v}" for p, v in found.items() if v) or "none was found"
    raise StagedError(
        f"{name} {at_least} or newer is needed ({others}); install it or put it on PATH"
    )


def _usual_folders() -> list[str]:
    root = Path("/")
    return [str(folder) for pattern in _TOOL_FOLDERS for folder in sorted(root.glob(pattern))]


def _version(program: Path) -> int:
    try:
        done = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if done.returncode == 0 and found else 0
