"""django-tenants' migrate_schemas, as the owner of the tables."""

from __future__ import annotations

from argparse import ArgumentParser

from django.conf import settings
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand


class Command(MigrateSchemasCommand):
    """Migrate the shared schema and all tenants' with MIGRATION_DATABASE_URL's role."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Make the owner's alias the default of --database."""
        super().add_arguments(parser)
        parser.set_defaults(database=settings.MIGRATION_ALIAS)
