"""Money: ledger entries beside a balance row, events in a burst, a year's payout, charges."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.benchmarks.measure import TIMES, Line, Section, in_turn, line, say, timed
from tests.benchmarks.site import TENANT, site

WRITERS = 8
ENTRIES = 100
EVENTS = 10_000
PAYOUT = 100_000


def standard(rounds: int) -> Section:
    """Measure all of it on one site."""
    with site() as url, tempfile.TemporaryDirectory() as folder:
        say(f"{WRITERS} writers, {ENTRIES} entries each")
        entries = in_turn(rounds, {"ours": lambda: _ledger(url), "a balance row": _balances(url)})
        say(f"{EVENTS:,} events")
        event = _events(Path(folder))
        say(f"a payout of {PAYOUT:,} lines")
        payout = _payout(Path(folder))
        lines = [
            line(
                f"{WRITERS * ENTRIES} entries of two lines on one hot account, {WRITERS} writers",
                "a balance row", entries, f"≤ 1{TIMES}", 1.0,
            ),
            _limit("an event in a burst of 10,000, p99", event, 0.1, "≤ 100 ms"),
            _limit("import and match a payout of 100,000 lines", payout, 30.0, "≤ 30 s"),
        ]  # fmt: skip
    setting = (
        "PostgreSQL 18 (embedded, without fsync). A balance row is the same entry with "
        "`UPDATE account SET balance = balance + …` for each of its lines."
    )
    return Section("payments", "Payments", setting, lines)


def _limit(what: str, value: float, limit: float, bar: str) -> Line:
    return Line(what, "the limit", f"{value:.3f} s", "", "", bar, value <= limit)


def _together(url: str, work: Callable[[psycopg.Connection], None]) -> float:
    """Seconds until all writers have done their work, from when all are connected."""
    ready = threading.Barrier(WRITERS + 1)

    def writer() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"SET search_path = {TENANT}, public")
            ready.wait()
            work(connection)

    threads = [threading.Thread(target=writer) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


_ENTRY = "INSERT INTO ledger_entry (key, description) VALUES (%s, 'bench') RETURNING id"
_LINES = (
    "INSERT INTO ledger_line (entry_id, account_id, amount_minor) VALUES (%s, %s, %s), (%s, %s, %s)"
)


def _accounts() -> tuple[int, int]:
    from payments import ledger

    return ledger.account("bench_cash").pk, ledger.account("bench_sales").pk


def _enter(connection: psycopg.Connection, accounts: tuple[int, int]) -> None:
    row = connection.execute(_ENTRY, [uuid4().hex]).fetchone()
    assert row is not None
    connection.execute(_LINES, [row[0], accounts[0], 100, row[0], accounts[1], -100])


def _ledger(url: str) -> float:
    accounts = _accounts()

    def work(connection: psycopg.Connection) -> None:
        for _ in range(ENTRIES):
            with connection.transaction():
                _enter(connection, accounts)

    return _together(url, work)


def _balances(url: str) -> Callable[[], float]:
    accounts = _accounts()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE public.bench_balance (id bigint PRIMARY KEY, minor bigint)"
        )
        for account in accounts:
            connection.execute("INSERT INTO public.bench_balance VALUES (%s, 0)", [account])

    def work(connection: psycopg.Connection) -> None:
        for _ in range(ENTRIES):
            with connection.transaction():
                _enter(connection, accounts)
                for account, minor in zip(accounts, (100, -100), strict=True):
                    connection.execute(
                        "UPDATE public.bench_balance SET minor = minor + %s WHERE id = %s",
                        [minor, account],
                    )

    return lambda: _together(url, work)


def _events(folder: Path) -> float:
    """Seconds that the slowest hundredth of events takes to be kept, over the whole view."""
    import json
    import os

    from django.db import connection
    from django.test import RequestFactory

    from payments import signatures
    from payments.factories import ProviderFactory
    from payments.providers.sandbox import HEADER
    from payments.views import webhook

    os.environ["BENCH_SECRET"] = "whsec_bench"
    provider = ProviderFactory(
        webhook_secret_ref="BENCH_SECRET", config={"path": str(folder / "s")}
    )
    factory = RequestFactory()
    times = []
    for number in range(EVENTS):
        body = json.dumps(
            {"id": f"e{number}", "type": "charge.succeeded", "reference": f"r{number}"}
        )
        header = {HEADER: signatures.sign(body.encode(), "whsec_bench")}
        request = factory.post("/", body, content_type="application/json", headers=header)
        times.append(timed(lambda request=request: webhook(request, provider.code)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM payment_webhook_events")
        assert cursor.fetchone() == (EVENTS,)
    return sorted(times)[int(EVENTS * 0.99)]


_CHARGES = """
WITH made AS (
    INSERT INTO orders (order_number, checkout_key, store_id, subtotal_minor, tax_total_minor,
        total_minor)
    SELECT 'B' || n, gen_random_uuid(), %(store)s, 100, 0, 100
    FROM generate_series(1, %(count)s) AS n RETURNING id
), paid AS (
    INSERT INTO payment_transactions (order_id, store_id, method, amount_minor, captured_minor,
        status)
    SELECT id, %(store)s, 'card', 100, 100, 'paid' FROM made RETURNING id, order_id
)
INSERT INTO payment_operation (transaction_id, order_id, provider_id, kind, status, amount_minor,
    request_key, provider_key, provider_reference, finished_at)
SELECT id, order_id, %(provider)s, 'charge', 'succeeded', 100, 'b', gen_random_uuid(),
    'b_' || id, now() FROM paid
"""


def _payout(folder: Path) -> float:
    """Seconds to import and match a payout of many lines, of which a few do not agree."""
    from django.db import connection

    from payments import services
    from payments.factories import ProviderFactory
    from weedgo.store.factories import StoreFactory

    provider, store = ProviderFactory(), StoreFactory()
    with connection.cursor() as cursor:
        cursor.execute(_CHARGES, {"store": store.pk, "provider": provider.pk, "count": PAYOUT})
        cursor.execute("SELECT provider_reference FROM payment_operation ORDER BY id")
        references = [reference for (reference,) in cursor.fetchall()]
        cursor.execute("ANALYZE")
    rows = [f"po_1,2026-03-31,charge,{reference},1.00,0.03,0.97,CAD" for reference in references]
    rows[5] = rows[5].replace("1.00,0.03,0.97", "0.99,0.03,0.96")
    rows[6] = rows[6].replace(references[6], "nobody")
    rows[7] = rows[8]
    file = folder / "payout.csv"
    file.write_text("payout,date,type,reference,gross,fee,net,currency\n" + "\n".join(rows) + "\n")

    def work() -> None:
        services.match(services.import_settlement(provider, file))

    seconds = timed(work)
    kinds = sorted(services.exceptions().values_list("kind", flat=True))
    assert kinds == ["amount_differs", "settled_twice", "unknown_reference"], kinds
    return seconds
