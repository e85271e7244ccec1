"""Wiring between the libraries that the project joins."""

from django.apps import AppConfig, apps


class WeedgoConfig(AppConfig):
    """The project itself: its management commands and what has to be set up once."""

    name = "weedgo"
    default = True

    def ready(self) -> None:
        """Let django-tenants' migrate find triggers.

        pgtrigger extends the autodetector of Django's `migrate`, which django-tenants replaces by
        a command with a plain one; system check commands.E001 then stops every command.
        """
        if not apps.is_installed("django_tenants"):
            return
        from django.core.management.commands import makemigrations
        from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand

        MigrateSchemasCommand.autodetector = makemigrations.Command.autodetector


class EngineConfig(AppConfig):
    """The project's management commands alone."""

    name = "weedgo"
