"""A Citus cluster, of which CITUS_DATABASE_URL names a database on the coordinator.

That database has the extension and its nodes are added; the role is a superuser, and each node can
be reached by the name that the coordinator has for it. The tests' own databases are made beside it.

With TESTS_ON_CITUS=1 Django's test database is there too, and the tenant of the apps' tests is a
distributed one.
"""

from __future__ import annotations

import os
import uuid

import psycopg
import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.creation import DatabaseCreation
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from weedgo.tenancy import isolation, placement

CITUS = "CITUS_DATABASE_URL"
DJANGO_TOO = "TESTS_ON_CITUS"
NODES = """
SELECT nodename, nodeport, groupid FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid
"""
OWN_NUMBER = "SELECT oid FROM pg_database WHERE datname = current_database()"


def url() -> str:
    """The URL of the cluster's database; empty for none."""
    return os.environ.get(CITUS, "")


def cannot(reason: str) -> pytest.MarkDecorator:
    """Skip a test where the tenant of the apps' tests is a distributed one."""
    return pytest.mark.skipif(has_djangos(), reason=f"on a Citus cluster: {reason}")


def has_djangos() -> bool:
    """Whether Django's test database is to be on the cluster."""
    return bool(url() and os.environ.get(DJANGO_TOO))


class Cluster:
    """Makes and drops databases on all nodes."""

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url) as conn:
            self.nodes = conn.execute(NODES).fetchall()
        self.workers = [node for node in self.nodes if node[2]]

    def at(self, name: str, port: int, database: str) -> str:
        """The URL of a database on a node."""
        return make_conninfo(self.url, host=name, port=port, dbname=database)

    def first(self, database: str) -> str:
        """The URL of a database on the coordinator."""
        return self.at(*self._addresses()[0], database)

    def create(self, prefix: str) -> str:
        """A database with the extension and all nodes; its URL on the coordinator."""
        return self.make(f"weedgo_{prefix}_{uuid.uuid4().hex[:8]}")

    def make(self, name: str) -> str:
        """A database of a name."""
        quoted = sql.Identifier(name)
        for host, port in self._addresses():
            home = self.at(host, port, "postgres")
            with psycopg.connect(home, autocommit=True) as conn:
                conn.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
            with psycopg.connect(self.at(host, port, name), autocommit=True) as conn:
                conn.execute("CREATE EXTENSION citus")
        first, *others = self._addresses()
        url = self.first(name)
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("SELECT citus_set_coordinator_host(%s, %s)", first)
            for other in others:
                conn.execute("SELECT citus_add_node(%s, %s)", other)
        return url

    def drop(self, url: str) -> None:
        """Drop a database everywhere, with the roles of its tenants."""
        name = str(conninfo_to_dict(url)["dbname"])
        with psycopg.connect(url) as conn:
            number = conn.execute(OWN_NUMBER).fetchall()[0][0]
        for host, port in self._addresses():
            with psycopg.connect(self.at(host, port, "postgres"), autocommit=True) as conn:
                quoted = sql.Identifier(name)
                conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))
                left = conn.execute(
                    "SELECT rolname FROM pg_roles WHERE rolname LIKE %s OR rolname = %s",
                    [f"weedgo\\_{number}\\_tenant\\_%", f"{name}_app"],
                ).fetchall()
                for (role,) in left:
                    conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    def _addresses(self) -> list[tuple[str, int]]:
        return [(host, port) for host, port, _ in self.nodes]


def make_djangos(creation: DatabaseCreation, *_: object) -> None:
    """Make Django's test database on all nodes; in place of `_execute_create_test_db`."""
    Cluster(url()).make(str(creation.connection.settings_dict["TEST"]["NAME"]))


def tell_nodes() -> None:
    """Bring the nodes of Django's test database what they need, after its tables were emptied."""
    with connection.cursor() as cursor:
        isolation.isolate_by(cursor, "")


def distribute(schema: str) -> None:
    """Make a tenant of Django's test database a distributed one."""
    with transaction.atomic(), connection.cursor() as cursor:
        isolation.isolate_by(cursor, "")
        placement.distribute(cursor, schema)
