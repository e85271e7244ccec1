"""Types of PostgreSQL's own that Django has no field for."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class Xid8Field(models.Field):
    """The id of a transaction, which never repeats in a cluster; an int in Python."""

    description = "PostgreSQL's 64-bit transaction id"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type."""
        return "xid8"

    def from_db_value(self, value: Any, *_: Any) -> int | None:
        """Return the value as a number."""
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        """Return what the server takes: the digits as text."""
        return value if value is None or hasattr(value, "resolve_expression") else str(value)


class NameField(models.Field):
    """The name of an object in the database, such as a role; a str in Python."""

    description = "PostgreSQL's identifier"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type."""
        return "name"
