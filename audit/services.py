"""What enters the audit log beside changed rows: events, and the partitions all go to.

No models here: the log takes rows by functions of its owner's only, which set time, transaction
and database role themselves.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import Error, connections
from django.db.models import Model

from audit import contexts
from audit.plain import plain
from weedgo import project

if TYPE_CHECKING:
    # Its module cannot be imported before Django's apps are.
    from django.contrib.auth.base_user import AbstractBaseUser

# Columns that hold less than what a request may bring.
LENGTHS = {"actor_id": 64, "actor_label": 254, "method": 10, "route": 200, "target_pk": 200}
# A request that tells more than this is written meanwhile.
BUFFERED = 500

logger = logging.getLogger(__name__)


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


def record(event_type: str, /, **details: Unpack[Details]) -> int | None:
    """Record an event that stays whatever becomes of the transaction at hand.

    Within a request it is written when the request ends, with others of the request by one
    statement; elsewhere at once. Who acts is taken from the context, unless it is said here.

    Args:
        event_type: what happened, in the form `noun.verb`, such as `login.denied`.
        details: see `Details`.

    Returns:
        The id of the entry, None if it is written later.

    Raises:
        IntegrityError: the severity is none that there is.
        DataError: the type or another name is longer than its column.
        ProgrammingError: the type is one of those that only triggers record.
    """
    event = Event(event_type=event_type, **details)
    at_hand = contexts.current()
    if at_hand is None or at_hand.request is None:
        return record_many([event], using=_outliving())[0]
    # The tenant may be another when the request ends.
    event.setdefault("tenant", _active_tenant())
    at_hand.events.append(event)
    if len(at_hand.events) >= BUFFERED:
        flush(at_hand)
    return None


def record_many(events: Iterable[Event], using: str = "default") -> list[int]:
    """Record events by one statement, in their order, in the transaction at hand if there is one.

    Args:
        events: what happened; none at all is nothing to do.
        using: the database alias.

    Returns:
        The ids of the entries.
    """
    at_hand = contexts.current()
    known = at_hand.resolve() if at_hand is not None else {}
    rows = [_row(event, known) for event in events]
    if not rows:
        return []
    connection: Any = connections[using]
    if using != "default":
        connection.resume(connections["default"].activation)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.agi_audit_record(%s::jsonb)", [json.dumps(rows)])
        return [id for (id,) in cursor.fetchall()]


def flush(context: contexts.Context) -> None:
    """Write what a request's context has gathered; what cannot be written goes to the error log."""
    events, context.events[:] = list(context.events), []
    if not events:
        return
    try:
        record_many(events, using=_outliving())
    except Error:
        types = ", ".join(sorted({event["event_type"] for event in events}))
        logger.exception("%d events could not be recorded: %s", len(events), types)


def make_partitions(ahead: int = 1) -> list[str]:
    """Make the partitions that lack for this month and the next `ahead`; return their names."""
    from audit.models import AuditLog
    from weedgo.tenancy import partitions

    return partitions.make_partitions(AuditLog, "month", ahead)


def _outliving() -> str:
    """The alias whose next statement commits by itself."""
    return project.audit_alias() if connections["default"].in_atomic_block else "default"


def _active_tenant() -> str | None:
    return None if project.on_platform() else project.schema_of()


def _row(event: Event, known: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {**event}
    actor, target = row.pop("actor", None), row.pop("target", None)
    for name, value in contexts.actor_fields(actor).items():
        row.setdefault(name, value)
    if not row.keys() & {"actor_type", "actor_id", "actor_label"}:
        row = {**known, **row}
    else:
        named = ("actor_type", "actor_id", "actor_label", "impersonator_id")
        row = {**{name: value for name, value in known.items() if name not in named}, **row}
    if target is not None:
        row.setdefault("target_table", target._meta.db_table)
        row.setdefault("target_pk", str(target.pk))
    if "tenant" not in row:
        # The second connection may be in another schema than the first.
        row["tenant"] = _active_tenant()
    for column, length in LENGTHS.items():
        if row.get(column) is not None:
            row[column] = str(row[column])[:length]
    return plain(row)
