"""The app of tenants, their domains and the users."""

from django.apps import AppConfig, apps


class TenancyConfig(AppConfig):
    """Tenants, domains and users; all shared, in the schema `public`."""

    name = "weedgo.tenancy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put abstract models' triggers on the models made of them, and migrate by our executor."""
        from django.core.management.commands import migrate

        from weedgo.tenancy import isolation  # noqa: F401 - registers a check
        from weedgo.tenancy.executor import TenancyExecutor
        from weedgo.tenancy.triggers import register_inherited

        migrate.MigrationExecutor = TenancyExecutor  # type: ignore[attr-defined]
        register_inherited(apps.get_models())
