"""`migrate` is `migrate_schemas`, as django-tenants has it; without tenants it is Django's."""

from weedgo import project

if project.tenanted():
    from weedgo.tenancy.management.commands.migrate_schemas import Command
else:
    from django.core.management.commands.migrate import Command  # type: ignore[assignment]

__all__ = ["Command"]
