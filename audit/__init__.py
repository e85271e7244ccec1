"""The audit log: who did what to what, when and from where."""

from audit.services import record

__all__ = ["record"]
