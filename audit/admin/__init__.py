"""The audit log in the admin: to search and to read, never to write; alerts to look after."""

from audit.admin.alerts import AuditAggregateAdmin, AuditAlertAdmin, AuditSealAdmin
from audit.admin.log import AuditLogAdmin

__all__ = ["AuditAggregateAdmin", "AuditAlertAdmin", "AuditLogAdmin", "AuditSealAdmin"]
