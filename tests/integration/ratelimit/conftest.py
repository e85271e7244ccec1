"""A server of one's own with rules, to stop or to crash."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from tests.servers import Server, private_server
from weedgo.databases import url_of


@pytest.fixture
def db_of_rules() -> Iterator[tuple[Server, str]]:
    from django.db import connections

    with private_server("18") as server, psycopg.connect(url_of("default")) as template:
        url = server.create_database("limits")
        with psycopg.connect(url, autocommit=True) as made:
            _copy(str(server.pg_dump), url_of("default"), url, str(server.psql))
            made.execute(
                "INSERT INTO agi_rate_limit_rules (name, capacity, refill_per_sec, fail_policy)"
                " SELECT kind, 2, 0, kind FROM unnest(ARRAY['open', 'closed', 'local']) AS kind"
            )
            # The tests' servers commit lazily, and this one is going to be stopped at once.
            made.execute("CHECKPOINT")
        template.close()
        yield server, url
        connections["default"].close()


def _copy(pg_dump: str, source: str, target: str, psql: str) -> None:
    dump = subprocess.run(
        [pg_dump, "-s", "-d", source], capture_output=True, text=True, check=True
    ).stdout
    subprocess.run(
        [psql, "-X", "-q", "-d", target], input=dump, text=True, capture_output=True, check=True
    )
