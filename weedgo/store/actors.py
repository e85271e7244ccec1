"""Who acts, for the rows that the database writes by itself (prices, statuses of orders)."""

from __future__ import annotations

from django.db import connection

from weedgo.tenancy import citus


def acting(user_id: int | None) -> None:
    """Name who acts until the end of the transaction.

    Args:
        user_id: the user; None for the system.

    Raises:
        RuntimeError: no transaction is open, and the name would hold for whoever comes next.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("who acts is named inside a transaction")
    who = "" if user_id is None else str(user_id)
    with connection.cursor() as cursor:
        cursor.execute(citus.setting_local(connection.connection, "weedgo.actor", who))
