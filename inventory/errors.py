"""What can go wrong with stock, said so that a caller can act on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError


class InventoryError(Exception):
    """Something about stock cannot be done; the message is one line."""


@dataclass(frozen=True)
class Shortage:
    """So many units of a SKU are missing."""

    sku: str
    wanted: int
    shortage: int


class InsufficientStockError(InventoryError):
    """There are fewer units than wanted.

    Attributes:
        shortages: what is missing, for each SKU that lacks.
    """

    def __init__(self, shortages: tuple[Shortage, ...]) -> None:
        self.shortages = shortages
        told = ", ".join(f"{s.sku}: {s.shortage} of {s.wanted} missing" for s in shortages)
        super().__init__(f"not enough stock ({told})")


class KeyReusedError(InventoryError):
    """The same key came with another request."""


class ReservationClosedError(InventoryError):
    """The reservation was committed, released or expired before.

    Attributes:
        status: how it was closed.
    """

    def __init__(self, message: str, status: str) -> None:
        self.status = status
        super().__init__(message)


class NotSellableError(InventoryError):
    """A reserved lot was recalled or put into quarantine before it was sold."""


class NoSuchReservationError(InventoryError):
    """No reservation has that key."""


class PeriodError(InventoryError):
    """A month cannot be closed.

    It is not over, is closed already, follows one that is open, or does not open with what the one
    before closed with.
    """


@contextmanager
def told() -> Iterator[None]:
    """Turn the errors of the app's SQL functions into its exceptions."""
    try:
        yield
    except DatabaseError as error:
        diag: Any = getattr(error.__cause__, "diag", None)
        found = _error(getattr(error.__cause__, "sqlstate", None), diag)
        if found is None:
            raise
        raise found from error


def _error(sqlstate: str | None, diag: Any) -> InventoryError | None:
    if sqlstate == "WI001":
        return InsufficientStockError(
            tuple(
                Shortage(row["sku"], row["wanted"], row["shortage"])
                for row in json.loads(diag.message_detail)
            )
        )
    if sqlstate == "WI002":
        return KeyReusedError(diag.message_primary)
    if sqlstate == "WI003":
        return ReservationClosedError(
            diag.message_primary, json.loads(diag.message_detail)["status"]
        )
    if sqlstate == "WI004":
        return NotSellableError(diag.message_primary)
    if sqlstate in ("WI005", "WI006"):
        return PeriodError(diag.message_primary)
    return None
