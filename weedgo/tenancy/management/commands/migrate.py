"""`migrate` is `migrate_schemas`, as django-tenants has it."""

from weedgo.tenancy.management.commands.migrate_schemas import Command

__all__ = ["Command"]
