"""Calling the app's functions in the database (sql/), and why stock changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from inventory.errors import told


@dataclass(frozen=True)
class Reference:
    """Why stock changed, by whom and when, for the ledger.

    Attributes:
        type: what kind of thing it refers to, such as `order`.
        id: which one.
        actor: the user's id.
        at: when it happened, if that was before now. What falls into a closed month is booked
            today, with a note of when it was.
    """

    type: str = ""
    id: str = ""
    actor: int | None = None
    at: datetime | None = None

    def label(self, kind: str, reason: str = "") -> str:
        """Return what the ledger's trigger reads, as JSON.

        Args:
            kind: the kind of movement.
            reason: in a few words.
        """
        label = {
            "type": str(kind),
            "reference_type": self.type[:24],
            "reference_id": self.id[:64],
            "reason": reason[:120],
            "actor": self.actor,
            "at": None if self.at is None else self.at.isoformat(),
        }
        return json.dumps({name: value for name, value in label.items() if value})


NOTHING = Reference()


def function(query: str, arguments: Mapping[str, Any]) -> Any:
    """Call one of the app's functions; its errors come as the app's exceptions.

    Inside a transaction of the caller a failure undoes the call alone. Outside, the call is one
    statement and one round trip, so that no lock on a hot row waits for the network.
    """
    with told():
        if not connection.in_atomic_block:
            return _first(query, arguments)
        with transaction.atomic():
            return _first(query, arguments)


def _first(query: str, arguments: Mapping[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        row = cursor.fetchone()
    return row[0] if row else None
