"""The real PostgreSQL servers that the tests run on.

A server starts when a test first asks for it, is shared by all pytest processes of this checkout
(xdist's workers too) and stops with the last of them. Its data is thrown away.

    "15"    Debian's, with PostGIS and contrib
    "16"    the embedded one (16.14)
    "16.10" from npm, with contrib; the seed's legacy version
    "17.6"  from npm, with contrib; the seed's current version
    "18"    the embedded one (18.4)

`tests/install_servers.sh` brings those that a machine lacks.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from weedgo import embedded
from weedgo.cluster import Cluster, reachable, service_user

ROOT = Path(__file__).parent.parent
INSTALLED = ROOT / "var" / "servers"
VERSIONS = ("15", "16", "16.10", "17.6", "18")
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")

# Tests need no durability, and all databases of a run live on one server.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "max_locks_per_transaction": "256",
    "max_wal_size": "2GB",
    "shared_buffers": "128MB",
    "wal_level": "logical",
}


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        url: the URL of its database `postgres`, for the superuser.
        version: one of `VERSIONS`.
        bin_dir: its own programs; npm's packages bring no pg_dump and no psql.
        cluster: how it is started and stopped.
    """

    url: str
    version: str
    bin_dir: Path
    cluster: Cluster

    @property
    def pg_dump(self) -> Path:
        """A pg_dump at least as new as the server."""
        return self.program("pg_dump")

    @property
    def psql(self) -> Path:
        """A psql at least as new as the server."""
        return self.program("psql")

    def program(self, name: str) -> Path:
        """Return a client program, the server's own where it brings one."""
        own = self.bin_dir / name
        return own if own.exists() else embedded.bin_dir(18) / name

    def database_url(self, database: str) -> str:
        """Return the URL of one of the server's databases."""
        return self.cluster.url(database)

    def create_database(self, prefix: str = "test", template: str = "template0") -> str:
        """Make a database of a name that nobody else uses and return its URL."""
        name = f"{prefix}_{uuid.uuid4().hex[:10]}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return self.database_url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database with its subscriptions, and end whoever is still in it."""
        name = urlsplit(url).path.lstrip("/")
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with psycopg.connect(self.url, autocommit=True) as connection:
            try:
                connection.execute(drop)
            except psycopg.errors.ObjectInUse:
                _unsubscribe(url)
                connection.execute(drop)

    def drop_role(self, name: str) -> None:
        """Drop a role that owns nothing any more."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


def _unsubscribe(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT subname FROM pg_subscription JOIN pg_database d"
            " ON d.oid = subdbid AND datname = current_database()"
        ).fetchall()
        for (name,) in found:
            for action in ("ALTER {} DISABLE", "ALTER {} SET (slot_name = NONE)", "DROP {}"):
                text = action.replace("{}", "SUBSCRIPTION {}")
                connection.execute(sql.SQL(text).format(sql.Identifier(name)))


def available() -> list[str]:
    """Return the versions that are installed here."""
    return [version for version in VERSIONS if (_programs(version) / "postgres").exists()]


@functools.cache
def server(version: str) -> Server:
    """Return the shared server of a version, started if need be.

    Raises:
        LookupError: it is not installed.
        ClusterError: it does not start.
    """
    cluster = _cluster(version, _folder() / version)
    cluster.share()
    return Server(cluster.url("postgres"), version, cluster.binaries, cluster)


@contextlib.contextmanager
def private_server(
    version: str, folder: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server of one's own, to crash or to stop it.

    `server.cluster` stops and starts it; the port of its URL changes with each start.

    Args:
        version: one of `VERSIONS`.
        folder: where its data is, to be made; by default beside that of the other servers.
        settings: other than those of all tests.
    """
    place = _folder() / f"private-{uuid.uuid4().hex[:8]}"
    folder = folder or place
    cluster = _cluster(version, folder, throwaway=False, sockets=place)
    cluster = replace(cluster, settings={**cluster.settings, **(settings or {})})
    folder.mkdir(mode=0o755, parents=True)
    cluster.start()
    try:
        yield Server(cluster.url("postgres"), version, cluster.binaries, cluster)
    finally:
        cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _cluster(
    version: str, folder: Path, *, throwaway: bool = True, sockets: Path | None = None
) -> Cluster:
    programs = _programs(version)
    if not (programs / "postgres").exists():
        raise LookupError(f"PostgreSQL {version} is not installed: run tests/install_servers.sh")
    return Cluster(
        _reachable(version, programs), folder / "data", (sockets or folder) / "s", SETTINGS,
        tcp=True, throwaway=throwaway,
    )  # fmt: skip


def _programs(version: str) -> Path:
    if version == "15":
        return DEBIAN_15
    if version in ("16", "18"):
        return embedded.bin_dir(int(version))
    return INSTALLED / version / "bin"


def _reachable(version: str, programs: Path) -> Path:
    if os.geteuid() != 0 or version == "15":
        return programs
    if version in ("16", "18"):
        return embedded.reachable_programs(programs)
    if reachable(programs, service_user()):
        return programs
    copy = _folder() / "programs" / version
    if not copy.exists():
        making = copy.with_name(f"{version}.{os.getpid()}")
        shutil.copytree(programs.parent, making, symlinks=True)
        with contextlib.suppress(OSError):
            making.rename(copy)
    return copy / "bin"


def _folder() -> Path:
    digest = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]
    return Path(f"/tmp/weedgo-tests-{os.geteuid()}-{digest}")
