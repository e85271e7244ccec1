"""Django's connections, led to another database for a while."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.utils import load_backend

from weedgo import databases, project
from weedgo.tenancy.backend.activation import kept


@contextmanager
def led_to(url: str) -> Iterator[Any]:
    """All of Django's connections of this thread lead to one database meanwhile.

    All aliases, because a migration's own code may use any of them.

    Args:
        url: the database.

    Yields:
        The connection.
    """
    owner = project.owner()
    before = {alias: connections[alias] for alias in project.aliases()}
    settings = copy.deepcopy(before[owner].settings_dict)
    for name in ("EMBEDDED", "TRANSACTION_POOLER", "TENANT_LOGINS"):
        settings.pop(name, None)
    settings |= {**databases.from_url(url, "the target"), "ENGINE": settings["ENGINE"]}
    connection = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, owner)
    for alias in before:
        connections[alias] = connection
    try:
        with kept():
            project.work_in(connection, project.PUBLIC)
            yield connection
    finally:
        for alias, former in before.items():
            connections[alias] = former
        connection.close()
