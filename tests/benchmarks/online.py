"""The seed's migration, a key's int → bigint and a backfill, on large tables under load.

The size is that of the issue where the machine allows it: ``ROWS`` (rows of each of the three
largest tables, a million) and ``SESSIONS`` (50) are taken from the environment.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from tests.benchmarks.applying import Seed, seed
from tests.benchmarks.measure import Line, Section, psql, say
from tests.benchmarks.pausing import in_one
from weedgo.legacy import checksums, traffic
from weedgo.legacy.workload import Summary, Workload
from weedgo.staged import migrate, plan
from weedgo.staged.model import Options

ROWS = int(os.environ.get("ROWS", "1000000"))
SESSIONS = int(os.environ.get("SESSIONS", "50"))
RATE = float(os.environ.get("RATE", "2"))
# A transaction that holds locks on the busiest tables stays open for so long.
OPEN = 30.0
BACKFILLS = {"public.order_items.tax_code": "'HST ' || (quantity % 5)"}
OPTIONS = Options(backfills=BACKFILLS, retries=100)

_WANTED = "ALTER TABLE order_items ADD COLUMN tax_code text NOT NULL DEFAULT 'none'"
_STANDING = (
    "ALTER TABLE cart_items ALTER COLUMN cart_id TYPE integer",
    "ALTER TABLE carts ALTER COLUMN id TYPE integer",
    "SET session_replication_role = replica",
    f"INSERT INTO carts (store_id, customer_id, session_key) SELECT s.id, c.id, 'load ' || n"
    f" FROM generate_series(1, {ROWS}) n, (SELECT min(id) AS id FROM stores) s,"
    " (SELECT min(id) AS id FROM customers) c",
    "INSERT INTO cart_items (cart_id, product_id, sku, quantity, unit_price)"
    " SELECT c.id, p.id, p.sku, 1 + c.id % 3, 9.90 FROM carts c,"
    " (SELECT id, sku FROM products ORDER BY id LIMIT 1) p WHERE session_key LIKE 'load %'",
    "INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price,"
    "                         line_total)"
    f" SELECT o.id, p.id, p.sku, 'load', 1 + n % 3, 1, 1 FROM generate_series(1, {ROWS}) n,"
    " (SELECT id, sku FROM products ORDER BY id LIMIT 1) p,"
    " (SELECT min(id) AS id FROM orders) o",
    "RESET session_replication_role",
    "VACUUM ANALYZE",
)


@dataclass(frozen=True)
class Seen:
    """What one way did to the traffic, and whether it was done and nothing was lost."""

    summary: Summary
    seconds: float
    done: bool
    lost: Sequence[str]


def standard(rounds: int) -> Section:
    """Without a migration, with ours, with prepared statements, with psql in one transaction."""
    with seed() as found, tempfile.TemporaryDirectory() as folder:
        say(f"online: {ROWS:,} rows in each of three tables")
        do(found.legacy, _WANTED)
        do(found.current, *_STANDING)
        naive = Path(folder) / "naive.sql"
        naive.write_text(_naive(found), encoding="utf-8")
        ways: dict[str, Callable[[str], bool]] = {
            "none": lambda _: time.sleep(OPEN) is None,
            "ours": lambda url: _ours(found, url),
            "prepared": lambda url: _ours(found, url),
            "naive": lambda url: _psql(found, url, naive),
        }
        seen: dict[str, list[Seen]] = {name: [] for name in ways}
        for number in range(rounds):
            for name, way in ways.items():
                say(f"online: round {number + 1} of {rounds}: {name}")
                seen[name].append(_under_load(found, way, prepared=name == "prepared"))
    return _section(seen, rounds)


def do(url: str, *statements: str) -> None:
    """Run statements, each on its own."""
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement.encode())


def _naive(found: Seed) -> str:
    """What one would write by hand: every change as one statement, all in one transaction."""
    options = replace(OPTIONS, allow_rewrite=True, rewrite_limit=2**60)
    planned = plan(found.legacy, found.current, options, proof=False).plan
    assert planned is not None
    return in_one(planned)


def _ours(found: Seed, url: str) -> bool:
    return migrate(found.legacy, url, OPTIONS, backup=False).status == "equal"


def _psql(found: Seed, url: str, script: Path) -> bool:
    try:
        psql(found.target, url, "-1", "-f", str(script))
    except subprocess.CalledProcessError:
        return False
    return True


def _under_load(found: Seed, way: Callable[[str], bool], *, prepared: bool) -> Seen:
    with found.copy() as target:
        with psycopg.connect(target) as conn:
            before = checksums.snapshot(conn, traffic.WRITTEN)
        load = Workload(target, SESSIONS, RATE, prepared=prepared)
        load.start()
        with load, _long_transaction(target):
            began = time.monotonic()
            done = way(target)
            seconds = time.monotonic() - began
        with psycopg.connect(target) as conn:
            findings = checksums.verify(conn, traffic.WRITTEN, load.summary.ledger)
            after = checksums.snapshot(conn, traffic.WRITTEN, before)
            findings += checksums.compare(before, after, load.summary.ledger)
        lost = [f"{f.subject}: {f.detail}" for f in findings if not f.holds]
        return Seen(load.summary, seconds, done, lost)


@contextmanager
def _long_transaction(url: str) -> Iterator[None]:
    """A report that reads the busiest tables and stays open."""
    over = threading.Event()
    with psycopg.connect(url, application_name="report") as conn:
        conn.execute("SELECT count(*) FROM orders, LATERAL (SELECT FROM carts LIMIT 1) c")

        def hold() -> None:
            over.wait(OPEN)
            conn.rollback()

        thread = threading.Thread(target=hold)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _section(seen: dict[str, list[Seen]], rounds: int) -> Section:
    limit = 1000 * OPTIONS.lock_timeout + 100
    lines = []
    names = {
        "none": "no migration",
        "naive": "psql, all in one transaction",
        "prepared": "ours, statements prepared",
    }
    longest = {name: max(s.summary.longest for s in found) for name, found in seen.items()}
    ours = seen["ours"]
    for name, peer in names.items():
        lines.append(
            Line("longest statement", peer, f"{longest['ours']:.0f} ms", f"{longest[name]:.0f} ms",
                 f"{longest['ours'] / longest[name]:.2f}\u00d7", f"≤ {limit:.0f} ms",
                 longest["ours"] <= limit)
        )  # fmt: skip
        lines.append(
            Line("failed statements", peer, _failed(ours), _failed(seen[name]), "", "0",
                 not any(s.summary.failures for s in ours))
        )  # fmt: skip
    lines.append(
        Line("migrated", "psql, all in one transaction", _told(ours), _told(seen["naive"]), "",
             "each time", all(s.done for s in ours))
    )  # fmt: skip
    lost = [x for s in ours + seen["prepared"] for x in s.lost]
    lines.append(Line("writes lost, by checksum", "", str(len(lost)), "", "", "0", not lost))
    sent = sum(s.summary.count for s in ours)
    setting = (
        f"The seed's migration, with carts.id (and cart_items.cart_id) from integer to bigint and "
        f"a mandatory column of order_items with a backfill; {ROWS:,} rows in each of these three, "
        f"{SESSIONS} sessions of {RATE:g} transactions a second, a transaction on orders and carts "
        f"open for {OPEN:.0f} s, {rounds} times; {sent:,} statements beside ours. The traffic "
        "shares the machine with the server and the migration."
    )
    notes = [f"Lost: {'; '.join(lost[:3])}."] if lost else []
    return Section("online", "Migrating large tables under load", setting, lines, notes)


def _failed(found: Sequence[Seen]) -> str:
    """How many statements failed, those apart that were prepared for another result."""
    failures = [f for s in found for f in s.summary.failures]
    outdated = sum(f.sqlstate == "0A000" for f in failures)
    apart = f" and {outdated} with 0A000" if outdated else ""
    return f"{len(failures) - outdated}{apart}"


def _told(found: Sequence[Seen]) -> str:
    done = sum(s.done for s in found)
    return f"{done} of {len(found)}, {max(s.seconds for s in found):.0f} s"
