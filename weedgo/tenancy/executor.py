"""Django's executor of migrations, for schemas that hold some of the apps only."""

from __future__ import annotations

from django.db import router
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class TenancyExecutor(MigrationExecutor):
    """Goes past migrations of apps whose tables do not belong into the schema.

    Django would do nothing in the database for them either, but work out the models before and
    after each of their operations: most of the time that a new tenant or a test database takes.
    """

    def apply_migration(
        self,
        state: ProjectState,
        migration: Migration,
        fake: bool = False,  # noqa: FBT001, FBT002
        fake_initial: bool = False,  # noqa: FBT001, FBT002
    ) -> ProjectState:
        """Apply a migration, or only note it where the router has no place for its app."""
        if fake or router.allow_migrate(self.connection.alias, migration.app_label):
            return super().apply_migration(state, migration, fake, fake_initial)
        state = super().apply_migration(state, migration, fake=True)
        # Models that were worked out are dropped, not kept up with each change.
        state.__dict__.pop("apps", None)
        return migration.mutate_state(state, preserve=False)
