"""Stripe, by its own package (the extra `stripe`).

Each request carries our key twice: as Idempotency-Key, by which Stripe does it once, and as
`metadata.weedgo_key`, by which it is found again. The package's own retries are off: what may be
sent again is decided in one place, `payments.resolving`.

Source: https://docs.stripe.com/api/idempotent_requests, /api/errors, /webhooks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from payments.errors import ForgedWebhookError, PaymentError
from payments.money import Money
from payments.providers import (
    Answer,
    DisputeNews,
    Event,
    NotSentError,
    Request,
    UnknownOutcomeError,
    done,
    no,
)

try:
    import stripe
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
except ImportError as error:  # pragma: no cover
    raise PaymentError(
        "the adapter stripe needs its package: pip install weedgo[stripe]"
    ) from error

if TYPE_CHECKING:
    from payments.models import Provider

# Seconds; less than the 30 s after which an operation is looked up by another worker.
TIMEOUT = 25
KEY = "weedgo_key"
# Declines of Stripe's own, before the customer's bank was asked.
_OF_ITS_OWN = frozenset(["processing_error", "service_not_allowed", "try_again_later"])
_DISPUTES = {
    "warning_needs_response": ("inquiry", "needs_response"),
    "warning_under_review": ("inquiry", "under_review"),
    "warning_closed": ("inquiry", "won"),
    "needs_response": ("chargeback", "needs_response"),
    "under_review": ("chargeback", "under_review"),
    "won": ("chargeback", "won"),
    "lost": ("chargeback", "lost"),
    "charge_refunded": ("chargeback", "lost"),
    "prevented": ("chargeback", "won"),
}


def of_provider(provider: Provider) -> Stripe:
    """Return Stripe, with the key in the environment variable that the provider names.

    Raises:
        PaymentError: the variable is not set.
    """
    key = os.environ.get(provider.secret_ref, "") if provider.secret_ref else ""
    if not key:
        raise PaymentError(
            f"provider {provider.code}: no API key; its secret_ref names the environment variable, "
            f"and {provider.secret_ref or 'nothing'!r} is not set"
        )
    return Stripe(key, provider.config.get("api_base"))


@contextmanager
def asking() -> Iterator[None]:
    """Tell what is certainly not done from what may be."""
    try:
        yield
    except stripe.APIConnectionError as error:
        if _never_connected(error):
            raise NotSentError("Stripe cannot be reached") from error
        raise UnknownOutcomeError("Stripe gave no answer") from error
    except (stripe.RateLimitError, stripe.AuthenticationError, stripe.PermissionError) as error:
        raise NotSentError(
            f"Stripe refused the request: {error.code or error.http_status}"
        ) from error
    except stripe.StripeError as error:
        raise UnknownOutcomeError(f"Stripe failed: {error.code or error.http_status}") from error


def _never_connected(error: BaseException | None) -> bool:
    """Whether a connection was never made: no address, refused, or no handshake."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(error, NewConnectionError | ConnectTimeoutError) or isinstance(
            reason, NewConnectionError | ConnectTimeoutError
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


class Stripe:
    """The adapter.

    Args:
        api_key: secret; never logged.
        base: another address of the API, for a test server.
    """

    def __init__(self, api_key: str, base: str | None = None) -> None:
        addresses: dict[str, Any] = {"base_addresses": {"api": base}} if base else {}
        self.client: Any = stripe.StripeClient(
            api_key,
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            **addresses,
        )

    def charge(self, request: Request) -> Answer:
        """Take money."""
        return self._intent(request, "automatic")

    def authorize(self, request: Request) -> Answer:
        """Hold money."""
        return self._intent(request, "manual")

    def capture(self, request: Request) -> Answer:
        """Take some or all of what is held; Stripe lets go the rest."""
        intents = self.client.v1.payment_intents
        params = {"amount_to_capture": request.money.minor, "metadata": _metadata(request)}
        return self._ask(request, lambda how: intents.capture(request.reference, params, how))

    def void(self, request: Request) -> Answer:
        """Let go what is held."""
        intents = self.client.v1.payment_intents
        return self._ask(request, lambda how: intents.cancel(request.reference, {}, how))

    def refund(self, request: Request) -> Answer:
        """Give money back."""
        params = {
            "payment_intent": request.reference,
            "amount": request.money.minor,
            "metadata": _metadata(request),
        }
        return self._ask(request, lambda how: self.client.v1.refunds.create(params, how))

    def lookup(self, request: Request, kind: str) -> Answer | None:
        """Return what became of a request; search may lag behind, so None is not final."""
        with asking():
            match kind:
                case "charge" | "authorize":
                    query = f"metadata['{KEY}']:'{request.key}'"
                    found = self.client.v1.payment_intents.search({"query": query}).data
                    return _of_intent(found[0], kind) if found else None
                case "refund":
                    listed = self.client.v1.refunds.list(
                        {"payment_intent": request.reference, "limit": 100}
                    )
                    ours = [one for one in listed.data if _key(one) == request.key]
                    return _of_refund(ours[0]) if ours else None
                case _:
                    intent = self.client.v1.payment_intents.retrieve(request.reference)
                    return _of_following(intent, request, kind)

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> Event:
        """Return the event that Stripe has signed."""
        if not secrets:
            raise ForgedWebhookError("no signing secret is set for this provider")
        header = headers.get("stripe-signature", "")
        for secret in secrets:
            try:
                event = stripe.Webhook.construct_event(body, header, secret)
                return _event(event)
            except stripe.SignatureVerificationError:
                continue
            except (ValueError, KeyError, AttributeError) as error:
                raise ForgedWebhookError("no event of Stripe's") from error
        raise ForgedWebhookError("not signed by Stripe, or too long ago")

    def dispute(self, reference: str) -> DisputeNews:
        """Fetch where a dispute stands."""
        with asking():
            found = self.client.v1.disputes.retrieve(reference)
        stage, status = _DISPUTES[found.status]
        due = found.evidence_details.due_by if found.evidence_details else None
        fee = -sum(one.fee for one in found.balance_transactions or [])
        return DisputeNews(
            found.id, str(found.payment_intent or found.charge), _money(found), status,
            found.reason, stage, max(-fee, 0), datetime.fromtimestamp(due, UTC) if due else None,
        )  # fmt: skip

    def submit_evidence(self, reference: str, evidence: Mapping[str, str]) -> None:
        """Send what speaks for us."""
        with asking():
            self.client.v1.disputes.update(
                reference,
                {"evidence": dict(evidence), "submit": True},
            )

    def _intent(self, request: Request, capture: str) -> Answer:
        params: dict[str, Any] = {
            "amount": request.money.minor,
            "currency": request.money.currency.lower(),
            "capture_method": capture,
            "confirm": True,
            "metadata": _metadata(request),
        }
        if request.method == "interac":
            params["payment_method_types"] = ["interac_present"]
        if request.source:
            params["payment_method"] = request.source
            params.setdefault("payment_method_types", ["card"])
        return self._ask(request, lambda how: self.client.v1.payment_intents.create(params, how))

    def _ask(self, request: Request, ask: Callable[[Any], Any]) -> Answer:
        """Ask under the request's key; a refusal with a reason is an answer."""
        with asking():
            try:
                thing = ask({"idempotency_key": str(request.key)})
            except stripe.CardError as error:
                return _declined(error)
            except stripe.InvalidRequestError as error:
                if error.http_status == 409:
                    raise UnknownOutcomeError("Stripe is at the same request already") from error
                return Answer(
                    succeeded=False, code=error.code or "invalid_request", message=_words(error)
                )
            return _of_refund(thing) if thing.object == "refund" else _of_intent(thing)


def _metadata(request: Request) -> dict[str, str]:
    return {KEY: str(request.key)}


def _key(thing: Any) -> UUID | None:
    try:
        return UUID((thing.metadata or {})[KEY])
    except (KeyError, ValueError, TypeError):
        return None


def _money(thing: Any) -> Money:
    return Money(thing.amount, thing.currency.upper())


def _words(error: stripe.StripeError) -> str:
    return str(error.user_message or "")


def _declined(error: stripe.CardError) -> Answer:
    body = error.json_body.get("error", {}) if isinstance(error.json_body, dict) else {}
    code = body.get("decline_code") or error.code or "declined"
    reference = (body.get("payment_intent") or {}).get("id", "")
    return no(reference, code, _words(error), elsewhere=code in _OF_ITS_OWN)


def _of_intent(intent: Any, kind: str = "") -> Answer:
    """Return what a payment intent has come to.

    Raises:
        UnknownOutcomeError: it is still under way.
    """
    match intent.status:
        case "succeeded" | "requires_capture":
            return done(intent.id)
        case "canceled":
            return done(intent.id) if not kind else no(intent.id, "canceled")
        case "processing":
            raise UnknownOutcomeError("Stripe is still processing it")
    failure = intent.last_payment_error
    return no(intent.id, (failure and failure.code) or intent.status)


def _of_refund(refund: Any) -> Answer:
    match refund.status:
        case "succeeded":
            return done(refund.id)
        case "failed" | "canceled":
            return no(refund.id, refund.failure_reason or refund.status)
    raise UnknownOutcomeError("Stripe is still at the refund")


def _of_following(intent: Any, request: Request, kind: str) -> Answer | None:
    if kind == "void":
        return done(intent.id) if intent.status == "canceled" else None
    return done(intent.id) if _key(intent) == request.key else None


def _event(event: Any) -> Event:
    thing = event.data.object
    family = event.type.split(".")[0]
    if event.type.startswith("charge.dispute."):
        return Event(event.id, "dispute", event.type, thing.id)
    if family in ("payment_intent", "refund"):
        return Event(event.id, "operation", event.type, thing.id, _key(thing))
    if event.type in ("charge.succeeded", "charge.failed", "charge.captured", "charge.refunded"):
        reference = thing.payment_intent or thing.id
        return Event(event.id, "operation", event.type, str(reference), _key(thing))
    kind = "payout" if family == "payout" else "other"
    return Event(event.id, kind, event.type, getattr(thing, "id", "") or "")
