"""The app that has the audit log track the platform's own tables."""

from django.apps import AppConfig


class TrackedConfig(AppConfig):
    """Users, groups, tenants and domains, tracked; their own apps lie below the audit log."""

    name = "weedgo.tracked"
    default_auto_field = "django.db.models.BigAutoField"
