"""The app of the audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Audit logs, their aggregates and alerts; all shared, in the schema `public`."""

    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"
