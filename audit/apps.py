"""The app of the audit log."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class AuditConfig(AppConfig):
    """Audit logs, their aggregates, seals and alerts; all shared, in the schema `public`."""

    name = "audit"
    verbose_name = "Audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Sign what connections write, and listen to log-ins."""
        from audit import nodes, signals, statements

        connection_created.connect(statements.sign_writes, dispatch_uid="audit.sign_writes")
        signals.connect()
        nodes.register()
