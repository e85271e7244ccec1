"""The circuit breaker of each provider and method, kept in the database for all workers.

Calls of the last five minutes that failed technically or whose outcome is unknown open it; a
decline is an answer. An open one rests for a while; then one caller, and no other, is the probe.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from payments import health
from payments.models import Circuit, Provider
from payments.models.providers import CircuitState as State

# For how long a provider is left alone.
REST = timedelta(seconds=30)
# A probe whose holder died is given to another after this; longer than any call.
PROBE_LEASE = timedelta(seconds=60)

_OPEN = """
INSERT INTO payment_circuit AS c (provider_id, method, state, opened_at, retry_at)
VALUES (%(provider)s, %(method)s, 'open', now(), now() + %(rest)s)
ON CONFLICT (provider_id, method) DO UPDATE
    SET state = 'open', opened_at = excluded.opened_at, retry_at = excluded.retry_at,
        probe_key = NULL
    WHERE c.state = 'closed'
"""
_LEASE = """
UPDATE payment_circuit SET state = 'half_open', probe_key = %(key)s, retry_at = now() + %(lease)s
WHERE provider_id = %(provider)s AND method = %(method)s AND state <> 'closed' AND retry_at <= now()
"""
_ENDED = """
UPDATE payment_circuit
SET state = %(state)s, probe_key = NULL, retry_at = now() + %(rest)s,
    opened_at = CASE WHEN %(state)s = 'open' THEN now() ELSE opened_at END,
    closed_at = CASE WHEN %(state)s = 'closed' THEN now() ELSE closed_at END
WHERE provider_id = %(provider)s AND method = %(method)s AND probe_key = %(key)s
"""


@dataclass(frozen=True)
class Admission:
    """The leave to call a provider.

    Attributes:
        probe: names the one call that tries whether the provider is back.
    """

    probe: UUID | None = None


def admit(provider: Provider, method: str) -> Admission | None:
    """Return the leave to call a provider now, None where it is to be left alone."""
    state = Circuit.objects.filter(provider=provider, method=method).values_list("state").first()
    if state is None or state[0] == State.CLOSED:
        return Admission()
    key = uuid4()
    held = _execute(_LEASE, provider=provider.pk, method=method, key=key, lease=PROBE_LEASE)
    return Admission(key) if held else None


def after_call(provider: int, method: str, probe: UUID | None, *, well: bool) -> None:
    """Close, open or leave the breaker, now that a call has ended and is counted.

    Args:
        provider: its id.
        method: of payment.
        probe: as `admit` gave it.
        well: the provider answered, be it by a decline.
    """
    if probe is not None:
        state = State.CLOSED if well else State.OPEN
        _execute(_ENDED, provider=provider, method=method, key=probe, state=state, rest=REST)
    elif not well and health.is_failing(provider, method):
        _execute(_OPEN, provider=provider, method=method, rest=REST)


def _execute(query: str, **arguments: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return int(cursor.rowcount)
