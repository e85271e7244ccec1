"""Triggers that fill the audit log, and that keep it as it was written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pgtrigger
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import connections, models
from pgtrigger import compiler

from weedgo.tenancy.triggers import ATTACH, SharedTrigger, SharedTriggerSql

ALWAYS = """
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {pgid};
"""
# Kept by a trigger of timestamped models: its change says nothing.
TOUCHED = "updated_at"
# What each statement's trigger may read: the rows as they were, and as they are.
OLD, NEW = "oldt", "newt"
EVENTS: dict[str, tuple[pgtrigger.Operation, pgtrigger.Referencing | None]] = {
    "insert": (pgtrigger.Insert, pgtrigger.Referencing(new=NEW)),
    "update": (pgtrigger.Update, pgtrigger.Referencing(old=OLD, new=NEW)),
    "delete": (pgtrigger.Delete, pgtrigger.Referencing(old=OLD)),
    "truncate": (pgtrigger.Truncate, None),
}


class RefuseChange(SharedTrigger):
    """Refuses to change or delete a row; on rows, so that it holds in each partition too."""

    name = "refuse_change"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    function = "public.agi_audit_refuse"


class RefuseTruncate(SharedTrigger):
    """Refuses to empty the table; weedgo_make_partitions puts it on each partition."""

    name = "refuse_truncate"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Truncate
    function = "public.agi_audit_refuse"


class CaptureSql(SharedTriggerSql):
    """A trigger that fires in replica mode too, in which ordinary triggers are silent."""

    def get_template(self) -> str:
        """Return the statements with places for the trigger's parts."""
        return ATTACH + ALWAYS


class Capture(SharedTrigger):
    """Records the rows of one kind of statement in the audit log.

    Args:
        event: a key of `EVENTS`.
        masked: fields whose values are kept as keyed hashes.
        ignored: fields that are not kept, and whose change alone records nothing.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After
    function = "public.agi_audit_capture"
    sql_class: type[compiler.UpsertTriggerSql] = CaptureSql

    def __init__(self, event: str, masked: Iterable[str] = (), ignored: Iterable[str] = ()) -> None:
        operation, referencing = EVENTS[event]
        super().__init__(name=f"audit_{event}", operation=operation, referencing=referencing)
        self.masked = tuple(masked)
        self.ignored = tuple(ignored)

    def render_execute(self, model: type[models.Model]) -> str:
        """Return the call, with the table's name and the key's, masked and ignored columns."""
        keys = [str(field.column) for field in model._meta.pk_fields]
        ignored = list(self.ignored)
        # By its name: migrations render models that have no base of ours.
        if any(field.name == TOUCHED for field in model._meta.fields):
            ignored.append(TOUCHED)
        lists = (keys, self._columns(model, self.masked), self._columns(model, ignored))
        arguments = ", ".join(_literal("{" + ",".join(names) + "}") for names in lists)
        return f"{self.function}({_literal(model._meta.db_table)}, {arguments})"

    def get_installation_status(
        self, model: type[models.Model], database: str | None = None
    ) -> tuple[str, bool | None]:
        """Return pgtrigger's words; a trigger that always fires counts as enabled."""
        status, enabled = super().get_installation_status(model, database=database)
        if status == "INSTALLED" and not enabled:
            with connections[database or "default"].cursor() as cursor:
                cursor.execute(
                    "SELECT tgenabled = 'A' FROM pg_trigger WHERE tgname = %s"
                    " AND tgrelid = %s::regclass",
                    [self.get_pgid(model), f'"{model._meta.db_table}"'],
                )
                enabled = bool(cursor.fetchone()[0])
        return status, enabled

    def _columns(self, model: type[models.Model], names: Iterable[str]) -> list[str]:
        found = []
        for name in names:
            try:
                field: Any = model._meta.get_field(name)
            except FieldDoesNotExist:
                raise ImproperlyConfigured(
                    f"{model._meta.label} has no field {name!r} to mask or ignore in the audit log"
                ) from None
            found.append(field.column)
        return sorted(set(found))


def captures(masked: Iterable[str] = (), ignored: Iterable[str] = ()) -> list[Capture]:
    """Return the triggers of a tracked model, for its `Meta.triggers`; see `audit.track`."""
    masked, ignored = tuple(masked), tuple(ignored)
    return [Capture(event, masked, ignored) for event in EVENTS]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
