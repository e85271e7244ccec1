"""Rate limits beside `limits` on Redis, and how many they let through beside Django's others."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from statistics import median
from typing import Any

import psycopg

from tests.benchmarks import limit_clients
from tests.benchmarks.measure import TIMES, Line, Section, in_turn, say
from tests.servers import ROOT, private_server

CLIENTS, CALLS = 8, 400
MANY_CLIENTS, MANY_CALLS = 32, 100
PROCESSES, ATTEMPTS, LIMIT, RUNS = 16, 60, 100, 20
LEASE = 200
OWN = ("ours", "ours, with a lease")
RATES = (*OWN, "limits, fixed window", "limits, moving window")
Run = Callable[..., list[Any]]
EXACT = ("ours", "limits, moving window", "REST framework", "django-ratelimit")


def standard(rounds: int) -> Section:
    """One hot key, many keys, and the limit itself."""
    with _servers() as (url, redis), _clients(url, redis) as run:
        say("limit: one hot key")
        lines = _hot(rounds, run)
        say("limit: distinct keys")
        lines.append(_distinct(rounds, run))
        say("limit: how many get through")
        lines += _exact(run)
    setting = (
        f"Clients are processes; PostgreSQL 18 and Redis {_redis_version()} on the same machine, "
        f"both without syncing to disk. limits {version('limits')}, djangorestframework "
        f"{version('djangorestframework')}, django-ratelimit {version('django-ratelimit')}, the "
        "latter two on Django's cache in Redis."
    )
    return Section("limit", "Rate limits", setting, lines)


def _hot(rounds: int, run: Run) -> list[Line]:
    def speed(kind: str) -> float:
        found = run(CLIENTS, limit_clients.rate, kind, f"hot-{uuid.uuid4()}", CALLS)
        return CLIENTS * CALLS / max(seconds for seconds, _ in found)

    found = in_turn(rounds, {kind: partial(speed, kind) for kind in RATES})
    return [_faster(own, kind, found) for own in OWN for kind in RATES[len(OWN) :]]


def _faster(own: str, peer: str, found: Mapping[str, Sequence[float]]) -> Line:
    ours, theirs = median(found[own]), median(found[peer])
    leased = f", a lease of {LEASE}" * (own != "ours")
    return Line(
        f"decisions a second on one key, {CLIENTS} clients{leased}", f"{peer}, Redis",
        f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.2f}{TIMES}", f"≥ 1.5{TIMES}",
        ours / theirs >= 1.5,
    )  # fmt: skip


def _distinct(rounds: int, run: Run) -> Line:
    def slowest(kind: str) -> float:
        found = run(MANY_CLIENTS, limit_clients.rate, kind, "own-*", MANY_CALLS)
        times = sorted(time for _, times in found for time in times)
        return times[int(len(times) * 0.99)]

    kinds = ("ours", "limits, moving window")
    found = in_turn(rounds, {kind: partial(slowest, kind) for kind in kinds})
    ours, theirs = (1000 * median(found[kind]) for kind in kinds)
    return Line(
        f"p99 of a decision, {MANY_CLIENTS} clients, each its own key", f"{kinds[1]}, Redis",
        f"{ours:.1f} ms", f"{theirs:.1f} ms", f"{ours / theirs:.2f}{TIMES}", "< 20 ms", ours < 20,
    )  # fmt: skip


def _exact(run: Run) -> list[Line]:
    def total(kind: str) -> int:
        key = f"exact-{uuid.uuid4()}"
        return sum(run(PROCESSES, limit_clients.admitted, kind, key, LIMIT, ATTEMPTS))

    counts = {kind: [total(kind) for _ in range(RUNS if kind == "ours" else 5)] for kind in EXACT}
    ours = counts["ours"]
    shown = f"{min(ours)}" if min(ours) == max(ours) else f"{min(ours)}-{max(ours)}"
    return [
        Line(
            f"admitted of {PROCESSES}{TIMES}{ATTEMPTS} at once, limit {LIMIT}, {RUNS} runs", kind,
            shown, f"{min(found)}-{max(found)}", "", f"{LIMIT} each time",
            set(ours) == {LIMIT},
        )
        for kind, found in counts.items()
        if kind != "ours"
    ]  # fmt: skip


@contextlib.contextmanager
def _clients(url: str, redis: str) -> Iterator[Run]:
    """Processes, of which some do the same at the same time.

    `run(how many, function, *arguments) -> results`.
    """
    spawn = multiprocessing.get_context("spawn")
    # Who waits at a barrier takes no second task, so each of its tasks has a process.
    barriers = {count: spawn.Barrier(count) for count in (CLIENTS, PROCESSES, MANY_CLIENTS)}
    with spawn.Pool(MANY_CLIENTS, limit_clients.prepare, (url, redis, barriers)) as pool:

        def run(count: int, function: Callable[..., Any], *arguments: Any) -> list[Any]:
            return pool.starmap(function, [(count, *arguments)] * count, chunksize=1)

        yield run


@contextlib.contextmanager
def _servers() -> Iterator[tuple[str, str]]:
    with private_server("18") as server, _redis() as redis:
        url = server.create_database("bench")
        subprocess.run(
            [sys.executable, "manage.py", "migrate_schemas", "--shared", "--verbosity", "0"],
            cwd=ROOT, check=True, env={**os.environ, "DATABASE_URL": url},
        )  # fmt: skip
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO agi_rate_limit_rules"
                " (name, capacity, refill_per_sec, fail_policy, lease)"
                " VALUES ('plenty', 1e8, 0, 'closed', 0), ('leased', 1e8, 0, 'closed', %s),"
                " ('exact', %s, 0, 'closed', 0)",
                [LEASE, LIMIT],
            )
        yield url, redis


@contextlib.contextmanager
def _redis() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        sys.exit("redis-server is not installed: run tests/install_servers.sh")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL) as process:
        try:
            import redis

            client = redis.Redis(port=port, retry_on_error=[redis.ConnectionError])
            while True:
                with contextlib.suppress(redis.ConnectionError):
                    client.ping()
                    break
            client.close()
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def _redis_version() -> str:
    told = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True)
    return told.stdout.partition("v=")[2].partition(" ")[0]
