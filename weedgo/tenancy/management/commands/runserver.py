"""Django's runserver, whose thread asks which migrations lack as an operator."""

from django.apps import apps

from weedgo.tenancy.backend.activation import be_platform, kept

if apps.is_installed("django.contrib.staticfiles"):
    from django.contrib.staticfiles.management.commands.runserver import Command as Django
else:
    from django.core.management.commands.runserver import Command as Django  # type: ignore[assignment]


class Command(Django):
    """Serve the site on this machine."""

    def check_migrations(self) -> None:
        """Say which migrations are not applied; a new thread begins with nobody active."""
        with kept():
            be_platform()
            super().check_migrations()
