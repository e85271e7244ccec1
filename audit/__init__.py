"""The audit log: who did what to what, when and from where."""

from audit.contexts import context
from audit.services import record, record_many
from audit.tracking import track
from audit.triggers import captures

__all__ = ["captures", "context", "record", "record_many", "track"]
