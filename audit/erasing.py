"""Forgetting a person, where the law or they ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from audit import jobs, nodes


@dataclass(frozen=True)
class RowOf:
    """A row that describes a person, such as a customer's; `tenant` is None for the platform's."""

    table: str
    pk: str
    tenant: str | None = None


def erase_person(
    user_id: str | None, rows: Iterable[RowOf] = (), reason: str = ""
) -> tuple[int, int]:
    """Blank what the log holds of a person; seals stay valid, and the log says that it was done.

    Of what the person did, name, address and browser go; of rows that describe the person, what
    was in them. What they did to other rows stays, under their id.

    Args:
        user_id: the person's id as an actor; None for somebody who never logged in.
        rows: rows that describe the person; the user's own is among them.
        reason: such as a ticket's number, for the log.

    Returns:
        The id of the erasure's entry, and how many entries were blanked.

    Raises:
        ValueError: neither a user nor a row is given.
        BusyError: on a Citus cluster, another process fetches entries from the nodes.
    """
    from django.contrib.auth import get_user_model

    targets = [asdict(row) for row in rows]
    if user_id is not None:
        targets.append(asdict(RowOf(get_user_model()._meta.db_table, user_id)))
    if not targets:
        raise ValueError("say whom to forget: a user, or rows that describe a person")
    if nodes.needed():
        # What is on its way into the log would come after it was blanked.
        nodes.fetch()
    with jobs.connection().cursor() as cursor:
        cursor.execute(
            "SELECT public.agi_audit_erase_person(%s, %s::jsonb, %s)",
            [user_id, json.dumps(targets), reason or None],
        )
        entry = int(cursor.fetchone()[0])
        cursor.execute("SELECT rows_affected FROM public.agi_audit_logs WHERE id = %s", [entry])
        return entry, int(cursor.fetchone()[0])
