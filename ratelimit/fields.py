"""Types of PostgreSQL's own that Django has no field for."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


def validate_network(value: str) -> None:
    """Raise ValidationError unless the value is a network, such as 10.0.0.0/8."""
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValidationError(
            "%(value)s is not a network: write 192.0.2.0/24 or 2001:db8::/32, host bits zero.",
            params={"value": value},
        ) from None


class CidrField(models.Field):
    """A network of IPv4 or IPv6 addresses; a str in Python."""

    description = "network in CIDR notation"
    default_validators = [validate_network]

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type."""
        return "cidr"

    def from_db_value(self, value: Any, *_: Any) -> str | None:
        """Return the value as text."""
        return None if value is None else str(value)

    def get_prep_value(self, value: Any) -> Any:
        """Return what the server takes; an empty field of a form is no network."""
        return value or None
