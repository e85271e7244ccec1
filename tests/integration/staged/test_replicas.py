"""A streaming replica that falls behind: a backfill waits for it, other steps do not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from tests.integration.staged import made
from tests.integration.staged.both import Pair
from tests.servers import Server, private_server
from weedgo.staged.model import Event

pytestmark = pytest.mark.slow
ROWS = 5000


@contextmanager
def replica(server: Server) -> Iterator[str]:
    """URL of the database `postgres` of a standby that streams from a server."""
    cluster = server.cluster
    data = cluster.data.with_name("replica")
    standby = replace(cluster, data=data, sockets=cluster.sockets.with_name("r"))
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        user = cluster.server_user()
        os.chown(data, user.pw_uid, user.pw_gid)
    said = cluster._run(
        "pg_basebackup", "-D", str(data), "-d", server.url, "-R", "-X", "stream", "-c", "fast"
    )
    assert said is None, said
    standby.start()
    try:
        yield standby.url("postgres")
    finally:
        standby.stop("immediate")


@contextmanager
def pair(server: Server) -> Iterator[Pair]:
    source = server.create_database("source")
    made.do(source, "CREATE TABLE public.t (id integer PRIMARY KEY, note text NOT NULL)")
    made.do(
        server.url,
        "CREATE TABLE public.t (id integer PRIMARY KEY, note text)",
        f"INSERT INTO public.t SELECT generate_series(1, {ROWS})",
    )
    yield Pair(source, server.url)


def test_a_backfill_waits_until_the_replica_has_caught_up() -> None:
    with private_server("18") as server, pair(server) as shop, replica(server) as behind:
        with psycopg.connect(behind, autocommit=True) as conn:
            conn.execute("SELECT pg_wal_replay_pause()")
            # More than it may lag behind, and nothing that a migration does.
            made.do(
                server.url,
                "SELECT pg_logical_emit_message(false, 'w', repeat('x', 1000000), true)"
                " FROM generate_series(1, 80)",
            )
            told: list[str] = []

            def listen(event: Event) -> None:
                if event.what == "blocked" and not told:
                    told.append(event.text)
                    assert made.ask(server.url, "SELECT count(note) FROM public.t") == 0
                    conn.execute("SELECT pg_wal_replay_resume()")

            report = shop.migrate(listen, backfills={"public.t.note": "'n' || id"})
            assert report.status == "equal", [r.message for r in report.results]
            assert "waits for replica walreceiver, which is" in told[0]
        assert shop.ask("SELECT count(*) FROM public.t WHERE note = 'n' || id") == ROWS


def test_a_replica_that_never_catches_up_ends_the_step_and_the_next_run_goes_on() -> None:
    with private_server("18") as server, pair(server) as shop, replica(server) as behind:
        with psycopg.connect(behind, autocommit=True) as conn:
            conn.execute("SELECT pg_wal_replay_pause()")
            made.do(
                server.url,
                "SELECT pg_logical_emit_message(false, 'w', repeat('x', 1000000), true)"
                " FROM generate_series(1, 80)",
            )
            values = {"public.t.note": "'n' || id"}
            report = shop.migrate(backfills=values, wait_timeout=1.0, retries=0)
            failed = [r for r in report.results if r.status == "failed"]
            assert "did not catch up" in failed[0].message
            conn.execute("SELECT pg_wal_replay_resume()")
        assert shop.migrate(backfills=values).status == "equal"
        assert shop.ask("SELECT count(*) FROM public.t WHERE note = 'n' || id") == ROWS
