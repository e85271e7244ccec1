"""The app of what operators look after."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Runs of migrations, drifting schemas, jobs and the admin's home; shared, in `public`."""

    name = "weedgo.console"
    label = "console"
    verbose_name = "Migrations"
    default_auto_field = "django.db.models.BigAutoField"
