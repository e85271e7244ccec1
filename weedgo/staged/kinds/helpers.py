"""What stands in a database only while a step is under way: columns, triggers, indexes.

All of it has names of one form, is no part of any catalog, and is found again after a crash.
"""

from __future__ import annotations

import hashlib

PREFIX = "weedgo_tmp_"
# Triggers of one event fire in the order of their names: this one after the table's own.
TRIGGER = "~weedgo_tmp_"


def helper(name: str, *essence: str) -> str:
    """The name of a helper: another for each name and for each thing that it is to do.

    Args:
        name: of the object that it stands in for.
        essence: all that makes it what it is, so that another plan's is never taken for it.
    """
    return f"{PREFIX}{_digest(name, *essence)}_{name}"[:63]


def helper_trigger(name: str, *essence: str) -> str:
    """The name of a helper that is a trigger."""
    return f"{TRIGGER}{_digest(name, *essence)}_{name}"[:63]


def is_helper(name: str) -> bool:
    """Whether an object's name is that of a helper."""
    return name.startswith((PREFIX, TRIGGER))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
