"""What the sandbox keeps: a file of its own, as another company's database would be.

SQLite, shared by all processes; it commits when it likes and knows nothing of our transactions.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from payments.money import Money
from payments.providers import Answer, Request

SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")


@contextmanager
def opened(path: str) -> Iterator[sqlite3.Connection]:
    """A transaction on the file, alone; committed whatever is raised within."""
    file = sqlite3.connect(path, timeout=120, isolation_level=None)
    file.row_factory = sqlite3.Row
    # A sandbox need not outlive the machine's power.
    file.execute("PRAGMA synchronous = OFF")
    try:
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'event'").fetchone():
            file.executescript(SCHEMA)
        file.execute("BEGIN IMMEDIATE")
        try:
            yield file
        finally:
            file.execute("COMMIT")
    finally:
        file.close()


def known(file: sqlite3.Connection, provider: str, key: UUID, kind: str) -> Answer | None:
    """Return what became of a request; of several by the same key, one that succeeded."""
    row = file.execute(
        "SELECT succeeded, reference, code FROM operation"
        " WHERE provider = ? AND key = ? AND kind = ?"
        " ORDER BY succeeded DESC, id LIMIT 1",
        (provider, str(key), kind),
    ).fetchone()
    return Answer(bool(row["succeeded"]), row["reference"], row["code"]) if row else None


def do(
    file: sqlite3.Connection, provider: str, kind: str, request: Request, code: str = ""
) -> Answer:
    """Do what is asked, or decline it: for the code, or because more is asked than there is."""
    code = code or _refusal(file, provider, kind, request)
    number = file.execute("SELECT count(*) FROM operation").fetchone()[0] + 1
    reference = f"{'sb' if kind != 'refund' else 'sbr'}_{provider}_{number}"
    file.execute(
        "INSERT INTO operation (provider, key, kind, minor, currency, method, of, succeeded,"
        " reference, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            provider, str(request.key), kind, request.money.minor, request.money.currency,
            request.method, request.reference, not code, reference, code,
        ),
    )  # fmt: skip
    tell(file, provider, f"{kind}.{'failed' if code else 'succeeded'}", reference, str(request.key))
    return Answer(not code, reference, code, elsewhere=code == "processor_unavailable")


def tell(
    file: sqlite3.Connection, provider: str, event: str, reference: str, key: str = ""
) -> None:
    """Keep an event to be sent."""
    file.execute(
        "INSERT INTO event (provider, type, reference, key) VALUES (?, ?, ?, ?)",
        (provider, event, reference, key),
    )


def _refusal(file: sqlite3.Connection, provider: str, kind: str, request: Request) -> str:
    """Return why a following request is declined, empty where it is not."""
    if kind in ("charge", "authorize"):
        return ""
    parent = file.execute(
        "SELECT kind, minor FROM operation WHERE provider = ? AND reference = ? AND succeeded",
        (provider, request.reference),
    ).fetchone()
    wanted = ("charge", "capture") if kind == "refund" else ("authorize",)
    if parent is None or parent["kind"] not in wanted:
        return "no_such_operation"
    used = dict(
        file.execute(
            "SELECT kind, sum(minor) FROM operation"
            " WHERE provider = ? AND of = ? AND succeeded GROUP BY kind",
            (provider, request.reference),
        ).fetchall()
    )
    if kind == "void":
        return "already_captured" if used else ""
    if "void" in used or used.get(kind, 0) + request.money.minor > parent["minor"]:
        return "amount_too_large"
    return ""


def postpone(
    file: sqlite3.Connection, provider: str, kind: str, request: Request, seconds: float
) -> None:
    """Keep a request that arrives later than its sender waits."""
    file.execute(
        "INSERT INTO arriving (provider, key, kind, minor, currency, method, of, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            provider, str(request.key), kind, request.money.minor, request.money.currency,
            request.method, request.reference, time.time() + seconds,
        ),
    )  # fmt: skip


def arrived(file: sqlite3.Connection, provider: str, before: float) -> list[tuple[str, Request]]:
    """Take the postponed requests whose time has come."""
    rows = file.execute(
        "DELETE FROM arriving WHERE provider = ? AND at <= ? RETURNING *", (provider, before)
    ).fetchall()
    return [
        (
            row["kind"],
            Request(
                UUID(row["key"]), Money(row["minor"], row["currency"]), row["method"], row["of"]
            ),
        )
        for row in sorted(rows, key=lambda row: row["id"])
    ]
