"""Reserving stock, beside what two well-known shops do for it.

The peers are written here from how their documentation and behaviour are described, with the same
statements in the same order, on tables of their own with the keys and indexes they need:

- saleor locks the stock rows of an order (FOR UPDATE), sums the allocations that stand, compares,
  and adds a row of allocation and to a counter; in one transaction, a statement at a time;
- oscar reads the stock record, compares in the application, and adds to the allocated count
  without looking again.

Neither keeps a ledger. Ours does, by triggers, and its function is one statement.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from uuid import uuid4

import psycopg

from tests.benchmarks import reserve_clients
from tests.benchmarks.measure import DURABLE, TIMES, Line, Section, in_turn, say
from tests.servers import ROOT, Server, private_server

CONNECTIONS = 16
SECONDS = 3.0
SKUS = 1000
SCHEMA = "bench"
PEERS = """
CREATE TABLE peer_stock (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL UNIQUE,
    quantity integer NOT NULL, quantity_allocated integer NOT NULL DEFAULT 0
);
CREATE TABLE peer_allocation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_line uuid NOT NULL,
    stock_id bigint NOT NULL REFERENCES peer_stock (id), quantity_allocated integer NOT NULL,
    UNIQUE (order_line, stock_id)
);
CREATE INDEX ON peer_allocation (stock_id);
INSERT INTO peer_stock (sku, quantity) SELECT sku, 1000000000 FROM products;
"""
MAKE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate_schemas", "--shared", verbosity=0)
from weedgo.tenancy.models import Tenant
tenant = Tenant(schema_name=SCHEMA, name="Bench")
tenant.save(verbosity=0)
from django.db import connection
connection.set_tenant(tenant)
from inventory.factories import LocationFactory, StockFactory
from weedgo.store.factories import BrandFactory, CategoryFactory, ProductFactory
place, brand, category = LocationFactory(), BrandFactory(), CategoryFactory()
for _ in range(SKUS):
    product = ProductFactory(brand=brand, category=category)
    StockFactory(location=place, product=product, quantity_on_hand=1_000_000_000)
"""


@dataclass(frozen=True)
class Shop:
    """A tenant's schema with stock, and the peers' tables in it.

    Args:
        url: of its database.
        location: id of the place.
        skus: that are there.
    """

    url: str
    location: int
    skus: list[str]

    def connect(self) -> psycopg.Connection:
        """A connection whose names are the tenant's, who is active."""
        conn = psycopg.connect(self.url, autocommit=True)
        conn.execute(f"SET search_path = {SCHEMA}, public".encode())
        conn.execute(
            "SELECT set_config('weedgo.tenant', id::text, false) FROM tenancy_tenant"
            " WHERE schema_name = %s", [SCHEMA],
        )  # fmt: skip
        return conn


Reserve = Callable[[psycopg.Connection, list[str]], bool]
WAYS = ("ours", "saleor's", "oscar's")


def standard(rounds: int) -> Section:
    """One hot SKU, and a thousand."""
    with shop() as (server, found):
        lines: list[Line] = []
        for name, skus, bar in (
            ("one hot SKU", found.skus[:1], 1.5),
            (f"{SKUS:,} SKUs, three lines an order", found.skus, 2.0),
        ):
            say(f"reserve: {name}, through Django")
            with _clients(found) as rate:
                rates = in_turn(rounds, {way: partial(rate, way, skus) for way in WAYS})
            lines += _compared(f"reservations, {name}", rates, bar)
            say(f"reserve: {name}, bare statements")
            calls = _calls(found)
            rates = in_turn(
                rounds, {way: partial(_rate, found, skus, call) for way, call in calls.items()}
            )
            lines += _compared(f"bare statements of these, {name}", rates, bar)
        lines += oversold(found)
        version = server.version
    setting = (
        f"PostgreSQL {version}, fsync and synchronous_commit on, {CONNECTIONS} clients for "
        f"{SECONDS:.0f} s each: processes of Django, ours calling `reserve`, the peers with its "
        "ORM, as their shops do; and threads that send the same statements by psycopg. Ours "
        "writes reservation, lines and a row of the ledger in one call."
    )
    return Section("reserve", "Reserving stock", setting, lines)


def _compared(what: str, rates: Mapping[str, list[float]], bar: float) -> list[Line]:
    mine = median(rates["ours"])
    lines = []
    for peer, asked in (("saleor's", bar), ("oscar's", None)):
        ratio = mine / median(rates[peer])
        limit = "" if asked is None else f"≥ {asked}{TIMES}"
        lines.append(Line(
            what, f"{peer} pattern", _shown(rates["ours"]), _shown(rates[peer]),
            f"{ratio:.2f}{TIMES}", limit, asked is None or ratio >= asked,
        ))  # fmt: skip
    return lines


@contextlib.contextmanager
def _clients(found: Shop) -> Iterator[Callable[[str, list[str]], float]]:
    """Processes of Django; a function that has all of them reserve, and returns their rate."""
    spawn = multiprocessing.get_context("spawn")
    setup = (found.url, SCHEMA, found.location, spawn.Barrier(CONNECTIONS))
    with spawn.Pool(CONNECTIONS, reserve_clients.prepare, setup) as pool:

        def rate(way: str, skus: list[str]) -> float:
            _emptied(found)
            # Who waits at the barrier takes no second task, so each has a process.
            tasks = [(way, skus, SECONDS)] * CONNECTIONS
            return sum(pool.starmap(reserve_clients.count, tasks, chunksize=1)) / SECONDS

        yield rate


@contextlib.contextmanager
def shop() -> Iterator[tuple[Server, Shop]]:
    """A durable server with a tenant that has a thousand SKUs."""
    with private_server("18", settings=DURABLE) as server:
        url = server.create_database("bench")
        make_tenant(url, MAKE.replace("SKUS", str(SKUS)))
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(f"SET search_path = {SCHEMA}, public".encode())
            conn.execute(PEERS.encode())
            conn.execute("VACUUM ANALYZE")
            place = conn.execute("SELECT id FROM inventory_locations").fetchone()
            skus = [sku for (sku,) in conn.execute("SELECT sku FROM products ORDER BY sku")]
        assert place is not None
        yield server, Shop(url, place[0], skus)


def make_tenant(url: str, script: str) -> None:
    """Run a script of Django's on a database."""
    environment = {
        "PATH": os.defpath, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "weedgo.settings",
        "PYTHONPATH": str(ROOT), "SECRET_KEY": "bench",
    }  # fmt: skip
    command = [sys.executable, "-c", script.replace("SCHEMA", repr(SCHEMA))]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


# --- the ways, by psycopg ---------------------------------------------------------------------


def _calls(found: Shop) -> dict[str, Reserve]:
    return dict(zip(WAYS, (partial(ours, found.location), saleor, oscar), strict=True))


def ours(location: int, conn: psycopg.Connection, skus: list[str]) -> bool:
    """One call of the function; a refusal is an error of its own."""
    try:
        conn.execute(
            "SELECT inventory_reserve(%s, %s, 'digest', %s, %s::int[], interval '15 minutes')",
            [uuid4(), location, skus, [1] * len(skus)],
        )
    except psycopg.DatabaseError as error:
        if error.sqlstate != "WI001":
            raise
        return False
    return True


def saleor(conn: psycopg.Connection, skus: list[str]) -> bool:
    """Lock, sum, compare, insert, count; in one transaction."""
    with conn.transaction():
        rows = conn.execute(
            "SELECT id, quantity FROM peer_stock WHERE sku = ANY (%s) ORDER BY id FOR UPDATE",
            [skus],
        ).fetchall()
        ids = [row[0] for row in rows]
        standing = dict(conn.execute(
            "SELECT stock_id, sum(quantity_allocated) FROM peer_allocation"
            " WHERE stock_id = ANY (%s) GROUP BY stock_id", [ids],
        ).fetchall())  # fmt: skip
        if any(quantity - standing.get(id, 0) < 1 for id, quantity in rows):
            return False
        with conn.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO peer_allocation (order_line, stock_id, quantity_allocated)"
                " VALUES (%s, %s, 1)", [(uuid4(), id) for id in ids],
            )  # fmt: skip
            cursor.execute(
                "UPDATE peer_stock SET quantity_allocated = quantity_allocated + 1"
                " WHERE id = ANY (%s)", [ids],
            )  # fmt: skip
    return True


def oscar(conn: psycopg.Connection, skus: list[str]) -> bool:
    """Read, compare, add; nothing is looked at again."""
    with conn.transaction():
        for sku in skus:
            row = conn.execute(
                "SELECT id, quantity - quantity_allocated FROM peer_stock WHERE sku = %s", [sku]
            ).fetchone()
            if row is None or row[1] < 1:
                return False
            conn.execute(
                "UPDATE peer_stock SET quantity_allocated = quantity_allocated + 1 WHERE id = %s",
                [row[0]],
            )
    return True


# --- measuring --------------------------------------------------------------------------------


def _rate(found: Shop, skus: list[str], reserve: Reserve) -> float:
    """Reservations a second, by as many connections as a hot path should have."""
    _emptied(found)
    counts = [0] * CONNECTIONS
    start = threading.Barrier(CONNECTIONS)

    def client(number: int) -> None:
        rng = random.Random(number)
        with found.connect() as conn:
            start.wait()
            ends = time.perf_counter() + SECONDS
            while time.perf_counter() < ends:
                # In SKU order, or oscar's way would deadlock with itself.
                reserve(conn, sorted(rng.sample(skus, min(3, len(skus)))))
                counts[number] += 1

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _emptied(found: Shop) -> None:
    with found.connect() as conn:
        conn.execute("TRUNCATE peer_allocation")
        conn.execute("UPDATE peer_stock SET quantity_allocated = 0")
        conn.execute("VACUUM ANALYZE")


def oversold(found: Shop) -> list[Line]:
    """A hundred units, 200 clients of five tries each, three times; how many each way sells."""
    lines = []
    with found.connect() as conn:
        conn.execute(
            "UPDATE ocs_inventory SET quantity_on_hand = quantity_reserved + 100 WHERE sku = %s",
            [found.skus[-1]],
        )
    sold: dict[str, list[int]] = {"ours": [], "saleor's": [], "oscar's": []}
    for _ in range(3):
        for name, counts in sold.items():
            counts.append(_sold(found, name))
    for peer in ("saleor's", "oscar's"):
        lines.append(Line(
            "sold of 100 units by 200 clients, 5 tries each", f"{peer} pattern",
            _counts(sold["ours"]), _counts(sold[peer]), "", "exactly 100",
            sold["ours"] == [100] * 3,
        ))  # fmt: skip
    return lines


def _sold(found: Shop, name: str) -> int:
    sku = [found.skus[-1]]
    ways = _calls(found)
    with found.connect() as conn:
        conn.execute(
            "UPDATE ocs_inventory SET quantity_on_hand = quantity_reserved + 100 WHERE sku = %s",
            sku,
        )
        conn.execute("DELETE FROM peer_allocation")
        conn.execute(
            "UPDATE peer_stock SET quantity = 100, quantity_allocated = 0 WHERE sku = %s", sku
        )
    tries, lock, done = iter(range(200 * 5)), threading.Lock(), []

    def client() -> None:
        with found.connect() as conn:
            while True:
                with lock:
                    if next(tries, None) is None:
                        return
                if ways[name](conn, sku):
                    done.append(1)

    threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


def _shown(rates: list[float]) -> str:
    return f"{median(rates):,.0f}/s ({min(rates):,.0f}-{max(rates):,.0f})"


def _counts(values: list[int]) -> str:
    return ", ".join(str(value) for value in values)
