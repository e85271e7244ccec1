"""Those who move the money, behind one protocol.

What a call ends with decides what may follow, so an adapter has to say exactly which it was:

- an `Answer`: the provider did it, or declined;
- `NotSentError`: the provider certainly never got the request (no address, refused connection);
- `UnknownOutcomeError`: anything else (timeout, closed connection, 5xx). It may have been done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.utils.module_loading import import_string

from payments.errors import PaymentError
from payments.money import Money

if TYPE_CHECKING:
    from payments.models import Provider


class NotSentError(Exception):
    """The provider certainly never got the request."""


class UnknownOutcomeError(Exception):
    """The provider may have got the request and done it."""


@dataclass(frozen=True)
class Request:
    """What a provider is asked.

    Attributes:
        key: ours; the provider knows the operation by it.
        money: how much.
        method: card, interac, wallet or cash.
        reference: of what is captured, voided or given back, as the provider calls it.
        source: the provider's token of what is charged, where there is no terminal.
        card_present: the card is at the terminal.
    """

    key: UUID
    money: Money
    method: str
    reference: str = ""
    source: str = ""
    card_present: bool = False


@dataclass(frozen=True)
class Answer:
    """What a provider said.

    Attributes:
        succeeded: done, or declined.
        reference: the provider's own, for later.
        code: why it declined.
        message: the same in words.
        elsewhere: it declined for a reason of its own, before the customer's bank was asked:
            another provider may be asked.
    """

    succeeded: bool
    reference: str = ""
    code: str = ""
    message: str = ""
    elsewhere: bool = False


def done(reference: str) -> Answer:
    """Return that it was done."""
    return Answer(succeeded=True, reference=reference)


def no(reference: str, code: str, message: str = "", *, elsewhere: bool = False) -> Answer:
    """Return that it was declined."""
    return Answer(
        succeeded=False, reference=reference, code=code, message=message, elsewhere=elsewhere
    )


@dataclass(frozen=True)
class Event:
    """What a provider tells of its own accord, in the words of one of us.

    Attributes:
        id: the provider's; the same event has the same.
        kind: `operation`, `dispute`, `payout`, or `other`.
        type: the provider's own word.
        reference: of the object that it is about.
        key: ours, of the operation, where the provider says it back.
    """

    id: str
    kind: str
    type: str
    reference: str = ""
    key: UUID | None = None


@dataclass(frozen=True)
class DisputeNews:
    """Where a dispute stands, as its provider says.

    Attributes:
        reference: the provider's, of the dispute.
        charge_reference: the provider's, of what is disputed.
        money: how much.
        status: needs_response, under_review, won or lost.
        reason: the provider's word.
        stage: inquiry, chargeback, pre_arbitration …
        fee: what the provider takes for it.
        due_at: until when evidence is taken.
    """

    reference: str
    charge_reference: str
    money: Money
    status: str
    reason: str = ""
    stage: str = "chargeback"
    fee: int = 0
    due_at: datetime | None = None


class Adapter(Protocol):
    """A provider's side of the wire.

    Each way to ask raises NotSentError where the request certainly did not arrive, and
    UnknownOutcomeError where it may have.
    """

    def charge(self, request: Request) -> Answer:
        """Take money."""

    def authorize(self, request: Request) -> Answer:
        """Hold money."""

    def capture(self, request: Request) -> Answer:
        """Take some or all of what is held."""

    def void(self, request: Request) -> Answer:
        """Let go what is held."""

    def refund(self, request: Request) -> Answer:
        """Give money back."""

    def lookup(self, request: Request, kind: str) -> Answer | None:
        """Return what became of a request of a kind, None where the provider never heard of it."""

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> Event:
        """Return the event of a webhook that the provider has signed with one of the secrets.

        Raises:
            ForgedWebhookError: it is not signed so, or was signed too long ago.
        """

    def dispute(self, reference: str) -> DisputeNews:
        """Fetch where a dispute stands."""

    def submit_evidence(self, reference: str, evidence: Mapping[str, str]) -> None:
        """Send what speaks for us."""


def adapter(provider: Provider) -> Adapter:
    """Return what talks to a provider.

    Raises:
        PaymentError: there is no such adapter.
    """
    try:
        make = import_string(ADAPTERS[provider.adapter])
    except KeyError:
        known = ", ".join(sorted(ADAPTERS))
        raise PaymentError(
            f"provider {provider.code}: there is no adapter {provider.adapter!r}; one of {known}"
        ) from None
    wire: Adapter = make(provider)
    return wire


# The dotted path of what makes an adapter for a provider. A project may add its own.
ADAPTERS: dict[str, str] = {
    "cash": "payments.providers.cash.of_provider",
    "sandbox": "payments.providers.sandbox.of_provider",
    "stripe": "payments.providers.stripe.of_provider",
}
