"""The app of the audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Audit logs, their aggregates and alerts; all shared, in the schema `public`."""

    name = "audit"
    verbose_name = "Audit"
    default_auto_field = "django.db.models.BigAutoField"
