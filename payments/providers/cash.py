"""Coins and notes: what is in the drawer is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from payments.errors import ForgedWebhookError, NotSupportedError
from payments.providers import Answer, DisputeNews, Event, Request

if TYPE_CHECKING:
    from payments.models import Provider


def of_provider(_: Provider) -> Cash:
    """Return the drawer."""
    return Cash()


class Cash:
    """The drawer; whoever asks it has counted already."""

    def charge(self, request: Request) -> Answer:
        """Take the money."""
        return Answer(succeeded=True, reference=str(request.key))

    def refund(self, request: Request) -> Answer:
        """Give the money back."""
        return Answer(succeeded=True, reference=str(request.key))

    def authorize(self, request: Request) -> Answer:
        """Coins are not held."""
        raise NotSupportedError("cash cannot be held to be taken later")

    capture = authorize
    void = authorize

    def lookup(self, request: Request, kind: str) -> Answer | None:
        """A drawer tells nothing: whether it was paid is for a person to say."""
        return None

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> Event:
        """A drawer signs nothing."""
        raise ForgedWebhookError("cash sends no events")

    def dispute(self, reference: str) -> DisputeNews:
        """Nobody disputes coins."""
        raise NotSupportedError("cash is not disputed")

    def submit_evidence(self, reference: str, evidence: Mapping[str, str]) -> None:
        """Nobody disputes coins."""
        raise NotSupportedError("cash is not disputed")
