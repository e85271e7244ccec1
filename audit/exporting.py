"""Entries as CSV or lines of JSON, by COPY: as fast as the server reads, in little memory."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from django.db import connections
from django.db.models import QuerySet
from psycopg import sql

from audit import services

Form = Literal["csv", "jsonl"]
FORMS: tuple[Form, ...] = ("csv", "jsonl")
LOGS = sql.Identifier("public", "agi_audit_logs")
# Salts and digests are of use to seals only.
COLUMNS = (
    "id", "occurred_at", "xid", "epoch", "tenant", "category", "severity", "outcome", "event_type",
    "actor_type", "actor_id", "actor_label", "impersonator_id", "db_role", "app_name",
    "request_id", "ip", "user_agent", "method", "route", "status", "duration_ms", "op",
    "target_table", "target_pk", "changes", "snapshot", "rows_affected", "truncated",
)  # fmt: skip
# A backslash is COPY's own sign for what follows; JSON doubles it, COPY would once more.
AS_JSON = (
    "COPY (SELECT to_json(e) FROM ({}) AS e) TO STDOUT"
    " (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
)
AS_CSV = "COPY ({}) TO STDOUT (FORMAT csv, HEADER)"


@dataclass(frozen=True)
class Selection:
    """Which entries; what is None does not matter.

    Args:
        since, until: `until` is not included.
        partition: one of the log's.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    tenant: str | None = None
    event_type: str | None = None
    actor_id: str | None = None
    target_table: str | None = None
    partition: str | None = None

    def query(self) -> sql.Composed:
        """Return the SELECT, oldest first."""
        conditions: list[sql.Composable] = [sql.SQL("true")]
        if self.since:
            conditions.append(sql.SQL("occurred_at >= {}").format(sql.Literal(self.since)))
        if self.until:
            conditions.append(sql.SQL("occurred_at < {}").format(sql.Literal(self.until)))
        for name in ("tenant", "event_type", "actor_id", "target_table"):
            if (value := getattr(self, name)) is not None:
                conditions.append(
                    sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
                )
        source = sql.Identifier("public", self.partition) if self.partition else LOGS
        return sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY occurred_at, id").format(
            sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
            source,
            sql.SQL(" AND ").join(conditions),
        )

    def document(self) -> dict[str, Any]:
        """Return what the log keeps of it."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: str(value) for name, value in found.items() if value is not None}


def stream(selection: Selection | QuerySet, form: Form, using: str = "default") -> Iterator[bytes]:
    """Yield entries in pieces as the server sends them; the export itself is an event.

    Args:
        selection: which entries; a queryset of AuditLog does, too.
        form: one of `FORMS`.
        using: the database alias.
    """
    if isinstance(selection, Selection):
        query, document = selection.query(), selection.document()
    else:
        query, document = _of_queryset(selection, using)
    services.record("audit.exported", category="security", severity="notice",
                    changes={"form": form, **document})  # fmt: skip
    # An inner function, so that the event is there before the first row leaves.
    return _pieces(query, form, using)


def _pieces(query: sql.Composed, form: Form, using: str) -> Iterator[bytes]:
    with connections[using].cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        statement = sql.SQL(AS_CSV if form == "csv" else AS_JSON).format(query)
        with cursor.copy(statement) as copy:
            for piece in copy:
                yield bytes(piece)


def _of_queryset(entries: QuerySet, using: str) -> tuple[sql.Composed, dict[str, Any]]:
    text, params = entries.values(*COLUMNS).query.sql_with_params()
    with connections[using].cursor() as cursor:
        mogrified = cursor.mogrify(text, params)
    return sql.Composed([sql.SQL(mogrified)]), {"query": str(entries.query.where)[:2000]}


def to_file(path: Path, selection: Selection, form: Form, using: str | None = None) -> int:
    """Write entries to a file, gzipped if its name ends with `.gz`; return the bytes written.

    The file is whole or not there.

    Raises:
        OSError: it cannot be written.
    """
    from audit import jobs

    part = path.with_name(f"{path.name}.part")
    open_file = gzip.open if path.suffix == ".gz" else open
    written = 0
    try:
        with open_file(part, "wb") as file:
            for piece in stream(selection, form, using or jobs.connection().alias):
                written += file.write(piece)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return written
