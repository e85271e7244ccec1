"""Switching the audit of a model on, and knowing for which it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import pgtrigger
from django.db import models

from audit.triggers import Capture, captures

Tracked = TypeVar("Tracked", bound=type[models.Model])


def track(
    *, masked: Iterable[str] = (), ignored: Iterable[str] = ()
) -> Callable[[Tracked], Tracked]:
    """Record every change of a model's rows, whoever makes it by whatever way.

    The next `makemigrations` writes the triggers into a migration. `triggers = audit.captures(…)`
    in a model's Meta is the same.

    Args:
        masked: fields whose values the log keeps as keyed hashes only: equal values stay equal.
        ignored: fields that the log leaves out; if nothing else changes, nothing is recorded.

    Raises:
        ImproperlyConfigured: the model has no such field; raised by the first check or command.
    """

    def switch_on(model: Tracked) -> Tracked:
        pgtrigger.register(*captures(masked, ignored))(model)
        return model

    return switch_on


def tracked() -> list[tuple[type[models.Model], Capture]]:
    """Return each tracked model with each of its triggers."""
    return [
        (model, trigger)
        for model, trigger in pgtrigger.registered()
        if isinstance(trigger, Capture)
    ]
