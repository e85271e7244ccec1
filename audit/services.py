"""What enters the audit log, and the partitions it goes to.

No models here: the log takes rows by a function of its owner's only, which sets time, transaction
and database role itself.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import connections
from django.db.models import Model

if TYPE_CHECKING:
    # Its module cannot be imported before Django's apps are.
    from django.contrib.auth.base_user import AbstractBaseUser

# Columns that hold less than what a request may bring.
LENGTHS = {"actor_id": 64, "actor_label": 254, "method": 10, "route": 200, "target_pk": 200}


class Details(TypedDict, total=False):
    """What may be said of an event beyond its type; see `audit.models.AuditLog`.

    Attributes:
        actor: the user who acted; stands for `actor_type`, `actor_id` and `actor_label`.
        target: the row it was done to; stands for `target_table` and `target_pk`.
        tenant: a schema; left out, the active one.
    """

    actor: AbstractBaseUser | None
    target: Model | None
    tenant: str | None
    category: str
    severity: str
    outcome: str
    actor_type: str
    actor_id: str | None
    actor_label: str | None
    impersonator_id: str | None
    app_name: str | None
    request_id: uuid.UUID | str | None
    ip: str | None
    user_agent: str | None
    method: str | None
    route: str | None
    status: int | None
    duration_ms: int | None
    op: str | None
    target_table: str | None
    target_pk: str | None
    changes: Mapping[str, Any] | None
    snapshot: Mapping[str, Any] | None
    rows_affected: int | None


class Event(Details):
    """An event with its type, as `record_many` takes it."""

    event_type: str


def record(event_type: str, /, **details: Unpack[Details]) -> int:
    """Record one event, in the transaction at hand if there is one.

    Args:
        event_type: what happened, in the form `noun.verb`, such as `login.denied`.
        details: see `Details`.

    Returns:
        The id of the entry.

    Raises:
        IntegrityError: the severity is none that there is.
        DataError: the type or another name is longer than its column.
    """
    return record_many([Event(event_type=event_type, **details)])[0]


def record_many(events: Iterable[Event], using: str = "default") -> list[int]:
    """Record events by one statement, in their order.

    Args:
        events: what happened; none at all is nothing to do.
        using: the database alias.

    Returns:
        The ids of the entries.
    """
    rows = [_row(event) for event in events]
    if not rows:
        return []
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT public.agi_audit_record(%s::jsonb)", [json.dumps(rows)])
        return [id for (id,) in cursor.fetchall()]


def make_partitions(ahead: int = 1) -> list[str]:
    """Make the partitions that lack for this month and the next `ahead`; return their names."""
    from audit.models import AuditLog
    from weedgo.tenancy import partitions

    return partitions.make_partitions(AuditLog, "month", ahead)


def _row(event: Event) -> dict[str, Any]:
    row: dict[str, Any] = {**event}
    actor, target = row.pop("actor", None), row.pop("target", None)
    if actor is not None:
        known = actor.is_authenticated
        row.setdefault("actor_type", "user" if known else "anonymous")
        row.setdefault("actor_id", str(actor.pk) if known else None)
        row.setdefault("actor_label", str(actor) if known else None)
    if target is not None:
        row.setdefault("target_table", target._meta.db_table)
        row.setdefault("target_pk", str(target.pk))
    for column, length in LENGTHS.items():
        if row.get(column) is not None:
            row[column] = str(row[column])[:length]
    return {column: _plain(value) for column, value in row.items()}


def _plain(value: Any) -> Any:
    """Return what jsonb can hold of whatever a model's field or a request held."""
    if isinstance(value, str):
        # Neither NUL nor half a surrogate pair is text to PostgreSQL.
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if value is None or (isinstance(value, int | float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return _plain(str(value))
