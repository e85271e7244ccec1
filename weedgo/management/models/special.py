"""Migrations that a comparison of schemas cannot stand in for: Django has to run them.

What they leave in the catalog would be found by comparing, but not what they do to rows, nor that
a new name is an old thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.migrations import operations as django_operations
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation

# All that these modules define, but for what is looked at below, changes nothing but the schema.
_KNOWN = ("django.db.migrations.operations.", "django.contrib.postgres.operations", "pgtrigger.")
_RENAMES = (
    django_operations.RenameModel,
    django_operations.RenameField,
    django_operations.RenameIndex,
    django_operations.AlterModelTable,
)


def touches_rows(migration: Migration) -> str:
    """What in a migration may change rows, in words; empty if nothing may."""
    return _words(
        operation
        for operation in _flat(migration.operations)
        if _may_touch_rows(operation) and not isinstance(operation, _RENAMES)
    )


def renames(migration: Migration) -> str:
    """What in a migration gives something standing another name, in words; empty if nothing."""
    return _words(o for o in _flat(migration.operations) if _renames(o))


def _flat(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, django_operations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _may_touch_rows(operation: Operation) -> bool:
    # So operations of the project's own say that they do not.
    if not getattr(operation, "touches_rows", True):
        return False
    if isinstance(operation, django_operations.RunPython):
        return operation.code is not django_operations.RunPython.noop
    if isinstance(operation, django_operations.RunSQL):
        return operation.sql != django_operations.RunSQL.noop
    return not type(operation).__module__.startswith(_KNOWN)


def _renames(operation: Operation) -> bool:
    if isinstance(operation, django_operations.AlterField):
        return getattr(operation.field, "db_column", None) is not None
    return isinstance(operation, _RENAMES)


def _words(operations: Iterator[Operation]) -> str:
    return ", ".join(dict.fromkeys(type(operation).__name__ for operation in operations))
