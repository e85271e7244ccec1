"""The app of tenants, their domains and the users."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Tenants, domains and users; all shared, in the schema `public`."""

    name = "weedgo.tenancy"
    default_auto_field = "django.db.models.BigAutoField"
