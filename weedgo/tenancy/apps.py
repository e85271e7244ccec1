"""The app of tenants, their domains and the users."""

from django.apps import AppConfig, apps


class TenancyConfig(AppConfig):
    """Tenants, domains and users; all shared, in the schema `public`."""

    name = "weedgo.tenancy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the triggers of abstract models on the models made of them."""
        from weedgo.tenancy.triggers import register_inherited

        register_inherited(apps.get_models())
