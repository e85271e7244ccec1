"""A provider of our own that can be told to fail in every way.

It is another system as far as the application can see; see `books`. How it fails is told call by
call (`tell`), or at random but the same for the same seed: a provider's
`config = {"weather": {"seed": 7, "refuse": 0.15, "lose_answer": 0.2}}`.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from payments import signatures
from payments.errors import ForgedWebhookError
from payments.money import Money
from payments.providers import (
    Answer,
    DisputeNews,
    Event,
    NotSentError,
    Request,
    UnknownOutcomeError,
)
from payments.providers.sandbox import books

if TYPE_CHECKING:
    from payments.models import Provider

HEADER = "sandbox-signature"
# How long after the sender has given up a late request arrives, in seconds.
LATENESS = 5.0


class Mode(StrEnum):
    """What happens to a call."""

    SUCCEED = "succeed"
    DECLINE = "decline"  # by the customer's bank
    UNAVAILABLE = "unavailable"  # declined by the provider itself: another may be asked
    REFUSE = "refuse"  # the connection is refused: certainly not sent
    LOSE_REQUEST = "lose_request"  # a timeout; the provider never got it
    LOSE_ANSWER = "lose_answer"  # a timeout; the provider did it
    SERVER_ERROR = "server_error"  # 500 before anything was done
    ARRIVE_LATE = "arrive_late"  # a timeout; the provider gets it afterwards


_CODES = {Mode.DECLINE: "do_not_honour", Mode.UNAVAILABLE: "processor_unavailable"}


def default_path() -> str:
    """Return where the file stands unless a provider's config names another path."""
    from django.conf import settings

    folder = Path(getattr(settings, "VAR", "."))
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / "sandbox_payments.sqlite3")


def of_provider(provider: Provider) -> Sandbox:
    """Return the sandbox as a provider of ours sees it."""
    config = provider.config
    return Sandbox(
        config.get("path") or default_path(),
        provider.code,
        deduplicates=provider.deduplicates,
        weather=config.get("weather"),
    )


class Sandbox:
    """The sandbox, as one provider sees it.

    Args:
        path: the file.
        provider: the provider's code; each has its own operations.
        deduplicates: whether the same key is done once only.
        weather: `seed`, and by mode the share of calls that it happens to.
    """

    def __init__(
        self, path: str | Path, provider: str, *, deduplicates: bool,
        weather: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.path = str(path)
        self.provider = provider
        self.deduplicates = deduplicates
        self.weather = dict(weather or {})
        self.seed = self.weather.pop("seed", 0)

    # --- what tests tell and ask it -----------------------------------------------------------

    def tell(self, mode: Mode, times: int = 1) -> None:
        """Say what happens to the next calls; those before it come first."""
        with books.opened(self.path) as file:
            rows = [(self.provider, mode.value)] * times
            file.executemany("INSERT INTO told (provider, mode) VALUES (?, ?)", rows)

    def done(self, key: UUID | None = None) -> list[tuple[str, int, bool]]:
        """Return (kind, minor units, succeeded) of what was done, for one key or for all."""
        with books.opened(self.path) as file:
            rows = file.execute(
                "SELECT kind, minor, succeeded FROM operation"
                " WHERE provider = ? AND key = ifnull(?, key) ORDER BY id",
                (self.provider, str(key) if key else None),
            ).fetchall()
        return [(kind, minor, bool(succeeded)) for kind, minor, succeeded in rows]

    def taken(self) -> list[tuple[str, int]]:
        """Return (key, minor units) of all money that came in and has not gone back."""
        with books.opened(self.path) as file:
            rows = file.execute(
                "SELECT key, minor - (SELECT ifnull(sum(minor), 0) FROM operation AS back"
                "   WHERE back.of = taken.reference AND back.kind = 'refund' AND back.succeeded)"
                " FROM operation AS taken"
                " WHERE provider = ? AND kind IN ('charge', 'capture') AND succeeded ORDER BY id",
                (self.provider,),
            ).fetchall()
        return [(key, minor) for key, minor in rows]

    def deliver(self) -> int:
        """Let all late requests arrive now; return how many did."""
        with books.opened(self.path) as file:
            return self._arrive(file, before=math.inf)

    def dispute_charge(
        self, reference: str, minor: int, currency: str = "CAD", *, reason: str = "fraudulent",
        stage: str = "chargeback", fee: int = 1500, days: float = 7,
    ) -> str:  # fmt: skip
        """Let a customer's bank dispute a charge; return the dispute's reference."""
        with books.opened(self.path) as file:
            number = file.execute("SELECT count(*) FROM dispute").fetchone()[0] + 1
            dispute = f"dp_{self.provider}_{number}"
            file.execute(
                "INSERT INTO dispute (reference, provider, of, minor, currency, status, reason,"
                " stage, fee, due_at) VALUES (?, ?, ?, ?, ?, 'needs_response', ?, ?, ?, ?)",
                (
                    dispute, self.provider, reference, minor, currency, reason, stage, fee,
                    time.time() + days * 86400,
                ),
            )  # fmt: skip
            books.tell(file, self.provider, "dispute.created", dispute)
        return dispute

    def decide_dispute(self, dispute: str, status: str) -> None:
        """Let the customer's bank decide: won or lost, for us."""
        with books.opened(self.path) as file:
            file.execute("UPDATE dispute SET status = ? WHERE reference = ?", (status, dispute))
            books.tell(file, self.provider, "dispute.closed", dispute)

    def events(self, secret: str, at: int | None = None) -> list[tuple[bytes, dict[str, str]]]:
        """Return body and headers of each webhook that there is to send, signed."""
        with books.opened(self.path) as file:
            rows = file.execute(
                "SELECT id, type, reference, key FROM event WHERE provider = ? ORDER BY id",
                (self.provider,),
            ).fetchall()
        sent = []
        for row in rows:
            document = {"id": f"evt_{self.provider}_{row['id']}", **dict(row)}
            document["id"] = f"evt_{self.provider}_{row['id']}"
            body = json.dumps(document).encode()
            sent.append((body, {HEADER: signatures.sign(body, secret, at)}))
        return sent

    # --- a provider's side of the wire --------------------------------------------------------

    def charge(self, request: Request) -> Answer:
        """Take money, unless told otherwise."""
        return self._call("charge", request)

    def authorize(self, request: Request) -> Answer:
        """Hold money, unless told otherwise."""
        return self._call("authorize", request)

    def capture(self, request: Request) -> Answer:
        """Take what is held, unless told otherwise."""
        return self._call("capture", request)

    def void(self, request: Request) -> Answer:
        """Let go what is held, unless told otherwise."""
        return self._call("void", request)

    def refund(self, request: Request) -> Answer:
        """Give money back, unless told otherwise."""
        return self._call("refund", request)

    def lookup(self, request: Request, kind: str) -> Answer | None:
        """Return what became of a request."""
        with books.opened(self.path) as file:
            self._arrive(file, before=time.time())
            return books.known(file, self.provider, request.key, kind)

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> Event:
        """Return the event that the sandbox has signed."""
        signatures.verify(body, headers.get(HEADER, ""), secrets)
        try:
            document = json.loads(body)
            kind = "dispute" if document["type"].startswith("dispute.") else "operation"
            key = UUID(document["key"]) if document.get("key") else None
            return Event(document["id"], kind, document["type"], document["reference"], key)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ForgedWebhookError("signed, but no event of the sandbox") from error

    def dispute(self, reference: str) -> DisputeNews:
        """Return where a dispute stands."""
        with books.opened(self.path) as file:
            row = file.execute(
                "SELECT * FROM dispute WHERE reference = ? AND provider = ?",
                (reference, self.provider),
            ).fetchone()
        if row is None:
            raise UnknownOutcomeError(f"the sandbox knows no dispute {reference}")
        return DisputeNews(
            row["reference"], row["of"], Money(row["minor"], row["currency"]), row["status"],
            row["reason"], row["stage"], row["fee"], datetime.fromtimestamp(row["due_at"], UTC),
        )  # fmt: skip

    def submit_evidence(self, reference: str, evidence: Mapping[str, str]) -> None:
        """Keep what speaks for the shop."""
        with books.opened(self.path) as file:
            file.execute(
                "UPDATE dispute SET evidence = ?, status = 'under_review'"
                " WHERE reference = ? AND status = 'needs_response'",
                (json.dumps(dict(evidence)), reference),
            )

    # --- how it behaves -----------------------------------------------------------------------

    def _call(self, kind: str, request: Request) -> Answer:
        with books.opened(self.path) as file:
            mode = self._told(file) or self._weather(file, request.key)
            match mode:
                case Mode.REFUSE:
                    raise NotSentError("connection refused")
                case Mode.LOSE_REQUEST | Mode.SERVER_ERROR:
                    raise UnknownOutcomeError(f"no answer ({mode})")
                case Mode.ARRIVE_LATE:
                    books.postpone(file, self.provider, kind, request, LATENESS)
                    raise UnknownOutcomeError(f"no answer ({mode})")
            answer = self._once(file, kind, request, _CODES.get(mode, ""))
        if mode is Mode.LOSE_ANSWER:
            raise UnknownOutcomeError(f"no answer ({mode})")
        return answer

    def _once(
        self, file: sqlite3.Connection, kind: str, request: Request, code: str = ""
    ) -> Answer:
        before = books.known(file, self.provider, request.key, kind) if self.deduplicates else None
        return before or books.do(file, self.provider, kind, request, code)

    def _arrive(self, file: sqlite3.Connection, before: float) -> int:
        late = books.arrived(file, self.provider, before)
        for kind, request in late:
            self._once(file, kind, request)
        return len(late)

    def _told(self, file: sqlite3.Connection) -> Mode | None:
        row = file.execute(
            "DELETE FROM told WHERE id = (SELECT min(id) FROM told WHERE provider = ?)"
            " RETURNING mode",
            (self.provider,),
        ).fetchone()
        return Mode(row["mode"]) if row else None

    def _weather(self, file: sqlite3.Connection, key: UUID) -> Mode:
        """Return what happens to the n-th call of a key: by chance, but the same for a seed."""
        if not self.weather:
            return Mode.SUCCEED
        (times,) = file.execute(
            "INSERT INTO asked VALUES (?, ?, 1) ON CONFLICT (provider, key)"
            " DO UPDATE SET times = times + 1 RETURNING times",
            (self.provider, str(key)),
        ).fetchone()
        dice = hashlib.sha256(f"{self.seed}:{self.provider}:{key}:{times}".encode()).digest()
        chance = int.from_bytes(dice[:8]) / 2**64
        for mode, share in self.weather.items():
            chance -= share
            if chance < 0:
                return Mode(mode)
        return Mode.SUCCEED
