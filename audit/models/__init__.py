"""What the audit log holds, what proves it, and what of the platform is tracked.

Rows name tenants by their schemas and people by their ids, with no foreign keys: what was
recorded stays as it was when tenants and users are gone.
"""

from audit.models.log import (
    ActorType,
    AuditAggregate,
    AuditAlert,
    AuditLog,
    Category,
    Outcome,
    Severity,
)
from audit.models.seals import AuditCursor, AuditLeaves, AuditSeal

__all__ = [
    "ActorType",
    "AuditAggregate",
    "AuditAlert",
    "AuditCursor",
    "AuditLeaves",
    "AuditLog",
    "AuditSeal",
    "Category",
    "Outcome",
    "Severity",
]
