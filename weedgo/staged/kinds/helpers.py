"""What stands in a database only while a step is under way: columns, triggers, indexes.

All of it has names of one form, is no part of any catalog, and is found again after a crash.
"""

from __future__ import annotations

import hashlib

PREFIX = "weedgo_tmp_"
# Triggers of one event fire in the order of their names: this one after the table's own.
TRIGGER = "~weedgo_tmp_"
_LENGTH = 63  # bytes


def helper(name: str, *essence: str) -> str:
    """The name of a helper: another for each name and for each thing that it is to do.

    Args:
        name: of the object that it stands in for.
        essence: all that makes it what it is, so that another plan's is never taken for it.
    """
    return cut(f"{PREFIX}{_digest(name, *essence)}_{name}")


def helper_trigger(name: str, *essence: str) -> str:
    """The name of a helper that is a trigger."""
    return cut(f"{TRIGGER}{_digest(name, *essence)}_{name}")


def beside(name: str, prefix: str = "weedgo_") -> str:
    """A name for what stands beside an object, or in its place, within a step.

    Long names that begin alike get others.
    """
    plain = f"{prefix}{name}"
    return plain if len(plain.encode()) <= _LENGTH else cut(f"{prefix}{_digest(name)}_{name}")


def cut(name: str) -> str:
    """A name as PostgreSQL would shorten it."""
    return name.encode()[:_LENGTH].decode(errors="ignore")


def is_helper(name: str) -> bool:
    """Whether an object's name is that of a helper."""
    return name.startswith((PREFIX, TRIGGER))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
