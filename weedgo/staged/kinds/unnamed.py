"""Columns without a name in PostgreSQL's own text of a query.

A constant in a subquery or in a later branch of a union has no name: PostgreSQL prints it with its
type as a cast and without AS. Read again, that cast would give it the name of its type.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""(?P<quoted>[eE]?'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*")|(?P<word>\w+)|(?P<other>.)""",
    re.DOTALL,
)
_CAST = re.compile(
    r"""::(?:"(?:[^"]|"")+"\.|\w+\.)?(?:"(?:[^"]|"")+"|[a-z_]\w*"""
    r"""(?:\ varying|\ precision)?(?:\(\d+(?:,\d+)?\))?(?:\ with(?:out)?\ time\ zone)?)"""
    r"""(?:\[\])*\s*\Z""",
    re.VERBOSE,
)
_ENDS = (
    "EXCEPT", "FETCH", "FOR", "FROM", "GROUP", "HAVING", "INTERSECT", "LIMIT", "OFFSET", "ORDER",
    "RETURNING", "UNION", "WHERE", "WINDOW",
)  # fmt: skip


def unnamed(text: str) -> str:
    """The text of a query in which columns without a name stay without one.

    Args:
        text: as PostgreSQL prints views and rules.
    """
    if "::" not in text or "SELECT" not in text:
        return text
    ends: list[int] = []
    depth = 0
    items: list[tuple[int, int]] = []  # of SELECT lists: the depth, and where the item begins
    for token in _TOKEN.finditer(f"{text};"):
        word, mark = token["word"], token["other"]
        closing = mark in (")", "]", ";")
        if items and items[-1][0] == depth and (closing or mark == "," or word in _ENDS):
            begin = items.pop()[1]
            if _CAST.search(text[begin : token.start()]):
                ends.append(begin + len(text[begin : token.start()].rstrip()))
            if mark == ",":
                items.append((depth, token.end()))
        if mark in ("(", "["):
            depth += 1
        elif closing and mark != ";":
            depth -= 1
        if word == "SELECT":
            items.append((depth, token.end()))
    parts = [text[i:j] for i, j in zip([0, *ends], [*ends, len(text)], strict=True)]
    return ' AS "?column?"'.join(parts)
