"""Signed webhook bodies: HMAC-SHA256 over time and body, several secrets, no replay of old ones.

The scheme is the one that Stripe documents: a header `t=…,v1=…` whose v1 is the hex HMAC of
`t.body`; a header may hold several v1 while a secret is replaced.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence

from payments.errors import ForgedWebhookError

# How far a signature's time may be from ours, in seconds, both ways.
TOLERANCE = 300


def sign(body: bytes, secret: str, at: int | None = None) -> str:
    """Return the header that signs a body.

    Args:
        body: as it is sent.
        secret: shared with the receiver.
        at: seconds since the epoch; now.
    """
    at = int(time.time()) if at is None else at
    return f"t={at},v1={_digest(body, secret, str(at))}"


def verify(body: bytes, header: str, secrets: Sequence[str], now: float | None = None) -> None:
    """Refuse a body that none of the secrets has signed lately.

    Raises:
        ForgedWebhookError: there is no secret, no signature, a wrong or an old one.
    """
    if not secrets:
        raise ForgedWebhookError("no signing secret is set for this provider")
    parts = [part.strip().partition("=") for part in header.split(",")]
    at = next((value for name, _, value in parts if name == "t"), "")
    given = [value for name, _, value in parts if name == "v1"]
    if not at.isdigit() or not given:
        raise ForgedWebhookError("not signed")
    wanted = [_digest(body, secret, at) for secret in secrets]
    # All are compared, so that the time it takes says nothing.
    matches = [
        hmac.compare_digest(one.encode(), other.encode()) for one in given for other in wanted
    ]
    if not any(matches):
        raise ForgedWebhookError("signed by another secret")
    if abs((time.time() if now is None else now) - int(at)) > TOLERANCE:
        raise ForgedWebhookError("signed too long ago")


def _digest(body: bytes, secret: str, at: str) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
