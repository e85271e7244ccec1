"""The sandbox provider as tests use it."""

from __future__ import annotations

from django.utils import timezone

from payments.models import Operation
from payments.providers.sandbox import Sandbox


def wire(provider):
    """The sandbox as a provider sees it."""
    return Sandbox(provider.config["path"], provider.code, deduplicates=provider.deduplicates)


def due():
    """Let the time pass until everything unknown is looked up."""
    Operation.objects.filter(next_check_at__isnull=False).update(next_check_at=timezone.now())
