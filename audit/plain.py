"""What jsonb can hold of whatever a model's field or a request held."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """Return a value, however deep, in terms of JSON; what has no such form becomes text."""
    if isinstance(value, str):
        # Neither NUL nor half a surrogate pair is text to PostgreSQL.
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if value is None or (isinstance(value, int | float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return plain(str(value))
