"""What does not agree about money: opened once, given to somebody, and resolved with a reason."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from payments import scrubbing
from payments.errors import PaymentError
from payments.models import Discrepancy
from payments.money import Money


def open_one(kind: str, key: str, money: Money, detail: str, **about: Any) -> None:
    """Open what a person has to see to; what is open already stays as it is.

    Args:
        kind: one of `DiscrepancyKind`.
        key: what it is about.
        money: how much is in question.
        detail: in words.
        about: settlement, line, operation or bank_line.
    """
    Discrepancy.objects.bulk_create(
        [
            Discrepancy(
                kind=kind,
                key=key,
                amount_minor=money.minor,
                currency=money.currency,
                detail=scrubbing.text(detail, 300),
                **about,
            )
        ],
        ignore_conflicts=True,
    )


def exceptions() -> QuerySet[Discrepancy]:
    """Return what is open, the oldest first."""
    return Discrepancy.objects.filter(resolved_at__isnull=True).order_by("opened_at", "id")


def assign(discrepancy: Discrepancy, owner: int | None) -> None:
    """Give it to somebody.

    Args:
        discrepancy: an open one.
        owner: the user's id; None for nobody.
    """
    exceptions().filter(pk=discrepancy.pk).update(owner_id=owner)


def resolve(discrepancy: Discrepancy, resolution: str, actor: int | None) -> None:
    """Close it.

    Args:
        discrepancy: an open one.
        resolution: what was found and done.
        actor: the user's id.

    Raises:
        PaymentError: there is no reason, or it is closed already.
    """
    if not resolution.strip():
        raise PaymentError(f"{discrepancy}: say what was found and done")
    closed = (
        exceptions()
        .filter(pk=discrepancy.pk)
        .update(
            resolved_at=timezone.now(),
            resolved_by_id=actor,
            resolution=scrubbing.text(resolution.strip(), 300),
        )
    )
    if not closed:
        raise PaymentError(f"{discrepancy} is resolved already")
