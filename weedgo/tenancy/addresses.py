"""Where a request comes from, behind proxies that are trusted and clients that are not."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_ip(request: HttpRequest) -> str | None:
    """Return the address of whoever sent a request.

    X-Forwarded-For is read from its right end, past the setting AUDIT_TRUSTED_PROXIES: what a
    client wrote itself stands further left and is never believed.

    Returns:
        The address; None where the server does not know it, as on a Unix socket whose other end
        tells nothing.
    """
    networks = trusted(tuple(getattr(settings, "AUDIT_TRUSTED_PROXIES", ())))
    hop = _address(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    # A server behind a Unix socket has no address; whoever may write to the socket is trusted.
    while forwarded and (hop is None or any(hop in network for network in networks)):
        if not networks:
            break
        nearer = _address(forwarded.pop())
        if nearer is None:
            break
        hop = nearer
    return None if hop is None else str(hop)


@functools.cache
def trusted(networks: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks of a setting.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ipaddress.ip_network(network) for network in networks)


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
