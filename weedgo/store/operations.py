"""Operations of the tenants' migrations."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger import compiler


class AddTriggers(Operation):
    """Many triggers at once.

    pgtrigger's AddTrigger renders a table's model and all that are related to it anew, though no
    trigger changes a model: for the sixty tables of a tenant that is most of half a minute, in
    every tenant.

    Args:
        triggers: for each trigger the model's name and the trigger as pgtrigger compiled it.
    """

    touches_rows = False

    def __init__(self, triggers: list[tuple[str, compiler.Trigger]]) -> None:
        self.triggers = triggers

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return how a migration writes it."""
        return self.__class__.__name__, [], {"triggers": self.triggers}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Put the triggers into the models' options, where pgtrigger looks for changes."""
        for model, trigger in self.triggers:
            options = state.models[app_label, model].options
            options["triggers"] = [*options.get("triggers", []), trigger]

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Install the triggers."""
        if self._allowed(app_label, schema_editor):
            for _, trigger in self.triggers:
                schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Take the triggers away."""
        if self._allowed(app_label, schema_editor):
            for _, trigger in reversed(self.triggers):
                schema_editor.execute(trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        """Return what `migrate --plan` shows."""
        return f"Create {len(self.triggers)} triggers"

    def _allowed(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor) -> bool:
        from django.db import router

        return bool(router.allow_migrate(schema_editor.connection.alias, app_label))
