"""A tenant that goes to another node while its site is at work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError

from tests.integration.tenancy.test_isolation import ask, wrapper
from weedgo.tenancy.backend import base as ours
from weedgo.tenancy.backend.activation import kept

WRITERS = 3
WHERE = """
SELECT DISTINCT nodename || ':' || nodeport FROM citus_shards
 WHERE table_name = 'roving.brands'::regclass
"""


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker) -> Iterator[None]:
    """Connections of these tests are their own, to a database of their own."""
    with django_db_blocker.unblock():
        yield


class Site:
    """What a shop's processes do: write rows and read them, every other time in a transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stop = threading.Event()
        self.written: list[str] = []
        self.failed: list[str] = []

    def work(self, number: int) -> None:
        with kept():
            connection = wrapper(ours, self.url)
            connection.set_schema("roving")
            turn = 0
            while not self.stop.is_set():
                turn += 1
                self._write(connection, f"{number}-{turn}", together=bool(turn % 2))
            connection.close()

    def _write(self, connection: Any, name: str, *, together: bool) -> None:
        names = [name, f"{name}-more"] if together else [name]
        try:
            connection.set_autocommit(not together)
            with connection.cursor() as cursor:
                for one in names:
                    cursor.execute("INSERT INTO brands (name, slug) VALUES (%s, %s)", [one, one])
                cursor.execute("SELECT count(*) FROM brands WHERE slug = ANY(%s)", [names])
                (found,) = cursor.fetchone()
            if together:
                connection.commit()
            self.written += names
            if found != len(names):
                self.failed.append(f"{name} is not there")
        except DatabaseError as error:
            self.failed.append(" ".join(str(error).split()))
            connection.close()


def test_no_statement_fails_and_no_row_is_lost(site):
    site.project.done("create_tenant", "roving", "--domain", "roving.localhost")
    nodes = [f"{host}:{port}" for host, port, _ in site.cluster.workers]
    if len(nodes) < 2:
        pytest.skip("the cluster has one worker")
    shop = Site(site.application)
    with ThreadPoolExecutor(WRITERS) as pool, psycopg.connect(site.owner) as conn:
        working = [pool.submit(shop.work, number) for number in range(WRITERS)]
        try:
            for _ in range(2):
                (source,) = conn.execute(WHERE).fetchone()
                conn.commit()
                target = next(node for node in nodes if node != source)
                site.project.done("move_tenant", "roving", target)
        finally:
            shop.stop.set()
        for one in working:
            one.result()
    assert shop.failed == []
    with psycopg.connect(site.owner) as conn:
        rows = {slug for (slug,) in conn.execute("SELECT slug FROM roving.brands").fetchall()}
        assert rows == set(shop.written)
        assert ask_hole(site) is None
    assert len(rows) > 50


def ask_hole(site: Any) -> Any:
    """What another tenant gets to read of it, which is nothing."""
    with kept():
        connection = wrapper(ours, site.application)
        connection.set_schema("ash")
        found = ask(connection, "SELECT count(*) FROM roving.brands")
        connection.close()
    return found
