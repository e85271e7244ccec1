"""Those who move the money, behind one protocol.

What a call ends with decides what may follow, so an adapter has to say exactly which it was:

- an `Answer`: the provider did it, or declined;
- `NotSentError`: the provider certainly never got the request (no address, refused connection);
- `UnknownOutcomeError`: anything else (timeout, closed connection, 5xx). It may have been done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

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
        reference: for a refund, the provider's reference of the charge.
    """

    key: UUID
    money: Money
    method: str
    reference: str = ""


@dataclass(frozen=True)
class Answer:
    """What a provider said.

    Attributes:
        succeeded: done, or declined.
        reference: the provider's own, for later.
        code: why it declined.
        message: the same in words.
    """

    succeeded: bool
    reference: str = ""
    code: str = ""
    message: str = ""


class Adapter(Protocol):
    """A provider's side of the wire."""

    def charge(self, request: Request) -> Answer:
        """Take money.

        Raises:
            NotSentError: it certainly did not arrive.
            UnknownOutcomeError: it may have.
        """

    def refund(self, request: Request) -> Answer:
        """Give money back; raises as `charge` does."""

    def lookup(self, key: UUID) -> Answer | None:
        """Return what became of a request, None where the provider never heard of it.

        Raises:
            NotSentError: the provider could not be asked.
            UnknownOutcomeError: the provider did not answer.
        """


def adapter(provider: Provider) -> Adapter:
    """Return what talks to a provider.

    Raises:
        PaymentError: there is no such adapter.
    """
    try:
        make = _ADAPTERS[provider.adapter]
    except KeyError:
        known = ", ".join(sorted(_ADAPTERS))
        raise PaymentError(
            f"provider {provider.code}: there is no adapter {provider.adapter!r}; one of {known}"
        ) from None
    return make(provider)


def _sandbox(provider: Provider) -> Adapter:
    from payments.providers.sandbox import Sandbox, default_path

    path = provider.config.get("path") or default_path()
    return Sandbox(path, provider.code, deduplicates=provider.deduplicates)


def _cash(_: Provider) -> Adapter:
    from payments.providers.cash import Cash

    return Cash()


_ADAPTERS: dict[str, Callable[[Provider], Adapter]] = {"cash": _cash, "sandbox": _sandbox}
