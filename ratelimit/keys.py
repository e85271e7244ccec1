"""Whose bucket a request takes from: addresses, API keys, users, and what stands for them."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

# The part of an IPv6 address that a subscriber holds whole (RFC 6177): who rotates through the
# rest is one.
IPV6_PREFIX = 64


@dataclass(frozen=True)
class Request:
    """What rules ask of a request.

    Attributes:
        tenant: the schema; empty for the platform's own.
        user: returns what stands for the user, or nothing for an unknown one; called at most
            where a rule's key needs it, as it may read a session.
        key: the API key, as it was sent.
        route: the pattern that the URL matches; empty means the path.
    """

    method: str = "GET"
    path: str = "/"
    tenant: str = ""
    ip: str | None = None
    user: Callable[[], str] = field(default=str)
    key: str = ""
    route: Callable[[], str] = field(default=str)
    agent: str | None = None

    def value(self, name: str) -> str:
        """Return one part of a key."""
        return str(getattr(self, f"_{name}")())

    def _tenant(self) -> str:
        return self.tenant

    def _method(self) -> str:
        return self.method

    def _path(self) -> str:
        return self.path

    def _route(self) -> str:
        return self.route() or self.path

    def _ip(self) -> str:
        network = network_of(self.ip)
        return "unknown" if network is None else _short(network)

    def _user(self) -> str:
        # Who is not known is told apart by the address, or all of them would share one bucket.
        return self.user() or f"ip {self._ip()}"

    def _key(self) -> str:
        # A secret goes into no key, log or page.
        return (
            hashlib.sha256(self.key.encode()).hexdigest()[:32] if self.key else f"ip {self._ip()}"
        )


def network_of(ip: str | None) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return the network that stands for an address: itself for IPv4, its /64 for IPv6."""
    try:
        address = ipaddress.ip_address((ip or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return ipaddress.IPv6Network((address, IPV6_PREFIX), strict=False)
        address = address.ipv4_mapped
    return ipaddress.IPv4Network(address)


def _short(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    return str(network.network_address if network.version == 4 else network)


def hash_of(key: str, tenant: str = "") -> bytes:
    """Return what stands for a key in buckets and violations.

    Args:
        key: who asks.
        tenant: the schema whose key it is; empty for one that no tenant owns.
    """
    # No key of a request holds NUL, so no tenant can make another's.
    return hashlib.sha256((f"{tenant}\0{key}" if tenant else key).encode()).digest()
