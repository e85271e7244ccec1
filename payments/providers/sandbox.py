"""A provider of our own that can be told to fail in every way.

It is another system as far as the application can see: it keeps what it did in a file of its own
(SQLite, shared by all processes), commits when it likes, and knows nothing of our transactions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from payments.providers import Answer, NotSentError, Request, UnknownOutcomeError

SCHEMA = """
CREATE TABLE IF NOT EXISTS operation (
    id integer PRIMARY KEY, provider text, key text, kind text, minor integer, currency text,
    succeeded integer, reference text, code text
);
CREATE INDEX IF NOT EXISTS operation_key ON operation (provider, key);
CREATE TABLE IF NOT EXISTS told (id integer PRIMARY KEY, provider text, mode text);
"""


class Mode(StrEnum):
    """What happens to a call."""

    SUCCEED = "succeed"
    DECLINE = "decline"
    REFUSE = "refuse"  # the connection is refused: certainly not sent
    LOSE_REQUEST = "lose_request"  # a timeout; the provider never got it
    LOSE_ANSWER = "lose_answer"  # a timeout; the provider did it
    SERVER_ERROR = "server_error"  # 500 before anything was done


def default_path() -> str:
    """Return where the file stands unless a provider's config names another path."""
    from django.conf import settings

    settings.VAR.mkdir(parents=True, exist_ok=True)
    return str(settings.VAR / "sandbox_payments.sqlite3")


class Sandbox:
    """The sandbox, as one provider sees it.

    Args:
        path: the file.
        provider: the provider's code; each has its own operations.
        deduplicates: whether the same key is done once only.
    """

    def __init__(self, path: str | Path, provider: str, *, deduplicates: bool) -> None:
        self.path = str(path)
        self.provider = provider
        self.deduplicates = deduplicates

    def tell(self, mode: Mode, times: int = 1) -> None:
        """Say what happens to the next calls; those before it come first."""
        with self._file() as file:
            rows = [(self.provider, mode.value)] * times
            file.executemany("INSERT INTO told (provider, mode) VALUES (?, ?)", rows)

    def done(self, key: UUID | None = None) -> list[tuple[str, int, bool]]:
        """Return (kind, minor units, succeeded) of what was done, for one key or for all."""
        query = "SELECT kind, minor, succeeded FROM operation WHERE provider = ?"
        with self._file() as file:
            rows = file.execute(
                f"{query} AND key = ifnull(?, key) ORDER BY id",
                (self.provider, str(key) if key else None),
            ).fetchall()
        return [(kind, minor, bool(succeeded)) for kind, minor, succeeded in rows]

    def charge(self, request: Request) -> Answer:
        """Take money, unless told otherwise."""
        return self._call("charge", request)

    def refund(self, request: Request) -> Answer:
        """Give money back, unless told otherwise."""
        return self._call("refund", request)

    def lookup(self, key: UUID) -> Answer | None:
        """Return what became of a request."""
        with self._file() as file:
            return self._known(file, key)

    def _call(self, kind: str, request: Request) -> Answer:
        with self._file() as file:
            mode = self._next(file)
            if mode is Mode.REFUSE:
                raise NotSentError("connection refused")
            if mode in (Mode.LOSE_REQUEST, Mode.SERVER_ERROR):
                answer = None
            else:
                answer = self._do(file, kind, request, declined=mode is Mode.DECLINE)
        if answer is None or mode is Mode.LOSE_ANSWER:
            raise UnknownOutcomeError(f"no answer ({mode})")
        return answer

    def _next(self, file: sqlite3.Connection) -> Mode:
        row = file.execute(
            "DELETE FROM told WHERE id = (SELECT min(id) FROM told WHERE provider = ?)"
            " RETURNING mode",
            (self.provider,),
        ).fetchone()
        return Mode(row[0]) if row else Mode.SUCCEED

    def _do(
        self, file: sqlite3.Connection, kind: str, request: Request, *, declined: bool
    ) -> Answer:
        known = self._known(file, request.key) if self.deduplicates else None
        if known is not None:
            return known
        code = "do_not_honour" if declined else ""
        count = file.execute("SELECT count(*) FROM operation").fetchone()[0]
        reference = f"sb_{self.provider}_{count + 1}"
        file.execute(
            "INSERT INTO operation (provider, key, kind, minor, currency, succeeded, reference,"
            " code) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.provider, str(request.key), kind, request.money.minor,
                request.money.currency, not declined, reference, code,
            ),
        )  # fmt: skip
        return Answer(not declined, reference, code)

    def _known(self, file: sqlite3.Connection, key: UUID) -> Answer | None:
        row = file.execute(
            "SELECT succeeded, reference, code FROM operation WHERE provider = ? AND key = ?"
            " ORDER BY id LIMIT 1",
            (self.provider, str(key)),
        ).fetchone()
        return Answer(bool(row[0]), row[1], row[2]) if row else None

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        file = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            file.executescript(SCHEMA)
            file.execute("BEGIN IMMEDIATE")
            try:
                yield file
            except NotSentError:
                file.execute("COMMIT")
                raise
            file.execute("COMMIT")
        finally:
            file.close()
