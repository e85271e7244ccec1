"""Django's connections, led to another database for a while."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.utils import load_backend

from weedgo import databases
from weedgo.tenancy.backend.activation import kept

ALIASES = ("default", "owner", "audit")


@contextmanager
def led_to(url: str) -> Iterator[Any]:
    """All of Django's connections of this thread lead to one database meanwhile.

    Both aliases, because a migration's own code may use either.

    Args:
        url: the database.

    Yields:
        The connection.
    """
    before = {alias: connections[alias] for alias in ALIASES}
    settings = copy.deepcopy(before["owner"].settings_dict)
    settings.pop("EMBEDDED", None)
    settings |= databases.from_url(url, "the target")
    connection = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "owner")
    for alias in ALIASES:
        connections[alias] = connection
    try:
        with kept():
            connection.set_schema_to_public()
            yield connection
    finally:
        for alias, former in before.items():
            connections[alias] = former
        connection.close()
