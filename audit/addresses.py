"""Whose address a request came from, past the proxies that are trusted."""

from __future__ import annotations

import functools
import ipaddress

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from audit.conf import setting

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the client.

    It is the peer's, unless that is a trusted proxy: then each hop that X-Forwarded-For names is
    asked, from the right, until one is none of ours. What is left of it anybody may have written.

    Raises:
        ImproperlyConfigured: AUDIT_TRUSTED_PROXIES holds what is no network.
    """
    trusted = _networks(tuple(setting("AUDIT_TRUSTED_PROXIES")))
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while peer is not None and hops and any(peer in network for network in trusted):
        hop = _address(hops.pop())
        if hop is None:
            break
        peer = hop
    return None if peer is None else str(peer)


def _address(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return mapped
    return ipaddress.ip_address(str(address).partition("%")[0])


@functools.cache
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"AUDIT_TRUSTED_PROXIES: {error}; write addresses or networks, such as 10.0.0.0/8"
        ) from None
