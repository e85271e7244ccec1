"""What each method of payment can do, whoever the provider is."""

from __future__ import annotations

from dataclasses import dataclass

from payments.errors import NotSupportedError
from payments.models import Method


@dataclass(frozen=True)
class Capability:
    """What a method of payment can do.

    Attributes:
        authorize: money can be held first and taken later.
        void: what is held can be let go.
        partial_capture: less than what is held can be taken, and more than once.
        refund_needs_card: money goes back only to the card itself, at the terminal.
    """

    authorize: bool = True
    void: bool = True
    partial_capture: bool = True
    refund_needs_card: bool = False


# Interac Debit at the terminal: one message takes the money, and nothing takes it back but a refund
# onto the present card.
CAPABILITIES: dict[str, Capability] = {
    Method.CARD: Capability(),
    Method.WALLET: Capability(),
    Method.INTERAC: Capability(
        authorize=False, void=False, partial_capture=False, refund_needs_card=True
    ),
    Method.CASH: Capability(authorize=False, void=False, partial_capture=False),
}


def method_named(name: str) -> Method:
    """Return a method of payment.

    Raises:
        NotSupportedError: there is none of that name.
    """
    try:
        return Method(name)
    except ValueError:
        known = ", ".join(Method.values)
        raise NotSupportedError(f"there is no method of payment {name!r}; one of {known}") from None


def require(method: str, what: str, *, able: bool) -> None:
    """Refuse what a method cannot do.

    Raises:
        NotSupportedError: it cannot.
    """
    if not able:
        raise NotSupportedError(f"{method} cannot {what}")
