"""Operations of migrations that Django has no model for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.migrations.operations import RunSQL


class SchemaSQL(RunSQL):
    """SQL that makes database objects and touches no rows.

    What it makes stands in the catalog, so a comparison of schemas brings it to another database;
    a plain RunSQL may change rows and has to be run. Operations of one's own say so by the same
    attribute.
    """

    touches_rows = False

    @classmethod
    def from_file(cls, path: Path, undo: str, **options: Any) -> SchemaSQL:
        """Return the operation that runs a file of SQL.

        Args:
            path: the file; named after its migration and, like it, never edited once released.
            undo: what takes the objects away again.
            options: other arguments of RunSQL, such as `state_operations`.
        """
        return cls(path.read_text(encoding="utf-8"), undo, **options)

    def describe(self) -> str:
        """Return what `migrate --plan` shows."""
        return "SQL that makes database objects"
