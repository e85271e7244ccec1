"""django-tenants' migrate_schemas, as the owner of the tables."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

from weedgo import project
from weedgo.tenancy import isolation


class Command(MigrateSchemasCommand):
    """Migrate the shared schema and all tenants' with MIGRATION_DATABASE_URL's role.

    Afterwards the roles of tenants have their rights to what is new.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Make the owner's alias the default of --database."""
        super().add_arguments(parser)
        parser.set_defaults(database=project.owner())

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then bring about roles and rights."""
        if options["database"] != project.owner():
            super().handle(*args, **options)
            return
        with isolation.as_owner():
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                off = isolation.isolate()
                if off and options["verbosity"] > 1:
                    self.stderr.write(f"Tenants are not isolated: {off}.")
