"""Normal forms: texts that mean the same though PostgreSQL prints them differently."""

from __future__ import annotations

import re
from typing import Any

_LITERAL = r"'(?:[^']|'')*'::character varying"
_INNER = re.compile(rf"\(({_LITERAL})\)::text")
_OUTER = re.compile(rf"\((ARRAY\[(?:{_LITERAL}(?:, )?)+\])\)::text\[\]")


def text(definition: str) -> str:
    """A definition with the casts left out that PostgreSQL moves about when it reads its own text.

    ``varchar_column IN ('a')`` is printed with the cast outside the array when it was written so,
    and inside when that text was read back.
    """
    if "::character varying" not in definition:
        return definition
    return _OUTER.sub(r"\1", _INNER.sub(r"\1", definition))


def same(a: Any, b: Any) -> bool:
    """Whether two attributes mean the same."""
    if a == b:
        return True
    return isinstance(a, str) and isinstance(b, str) and text(a) == text(b)
