"""Texts of PostgreSQL's own: which mean the same, and how to write one so that it is printed again.

PostgreSQL prints some expressions in a way that it reads back as another tree, which it then prints
differently: dumping and restoring changes them once. What the engine writes has to be printed as
the source prints it; what was restored before has to count as the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_LITERAL = r"'(?:[^']|'')*'::character varying"
_INNER = re.compile(rf"\(({_LITERAL})\)::text")
_OUTER = re.compile(rf"\((ARRAY\[(?:{_LITERAL}(?:, )?)+\])\)::text\[\]")
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")

# What is the user's own text, word for word.
_OWN = re.compile(r"(CREATE (OR REPLACE )?(FUNCTION|PROCEDURE)|COMMENT ON)\b")

_RANGES = ((" AND ", " >= ", " <= ", "BETWEEN"), (" OR ", " < ", " > ", "NOT BETWEEN"))


def stable(statement: str) -> str:
    """A statement, written so that PostgreSQL prints the expressions in it as they stand here.

    ``varchar_column IN ('a')`` is printed with a cast around the array; read back, the cast moves
    inside. ``a BETWEEN 0 AND 1 AND …`` is printed as nested ANDs; read back, they are flattened.
    """
    if _OWN.match(statement):
        return statement
    if "::character varying" in statement:
        statement = _OUTER.sub(r"\1", statement)
    return _each_range(statement, lambda x, low, high, word: f"({x} {word} {low} AND {high})")


def text(definition: str) -> str:
    """A definition in the form in which those that mean the same are equal."""
    if "::character varying" in definition:
        definition = _OUTER.sub(r"\1", _INNER.sub(r"\1", definition))
    return _each_range(definition, _flat)


def same(a: Any, b: Any) -> bool:
    """Whether two attributes mean the same."""
    if a == b:
        return True
    return isinstance(a, str) and isinstance(b, str) and text(a) == text(b)


def _flat(x: str, low: str, high: str, word: str) -> str:
    join, below, above = (" OR ", " < ", " > ") if word[0] == "N" else (" AND ", " >= ", " <= ")
    return f"({x}{below}{low}){join}({x}{above}{high})"


def _each_range(text: str, write: Any) -> str:
    """The text with each ``((x >= low) AND (x <= high))`` in it written anew."""
    if not any(below in text and above in text for _, below, above, _ in _RANGES):
        return text
    done: list[str] = []
    position = 0
    for start, end, parts in sorted(_ranges(text)):
        if start >= position:
            done += [text[position:start], write(*parts)]
            position = end
    return "".join(done) + text[position:]


def _ranges(text: str) -> Iterator[tuple[int, int, tuple[str, str, str, str]]]:
    """Where ranges stand in a text: begin, end, and expression, limits and word."""
    masked = _QUOTED.sub(lambda m: "_" * len(m[0]), text)
    open_groups: list[tuple[int, list[tuple[int, int]]]] = []
    for at, character in enumerate(masked):
        if character == "(":
            open_groups.append((at, []))
        elif character == ")" and open_groups:
            start, children = open_groups.pop()
            if open_groups:
                open_groups[-1][1].append((start, at + 1))
            if len(children) == 2 and children[0][0] == start + 1 and children[1][1] == at:
                parts = _range(text, masked, children[0], children[1])
                if parts:
                    yield start, at + 1, parts


def _range(
    text: str, masked: str, first: tuple[int, int], second: tuple[int, int]
) -> tuple[str, str, str, str] | None:
    for join, below, above, word in _RANGES:
        if text[first[1] : second[0]] != join:
            continue
        low = _split(text, masked, first, below)
        high = _split(text, masked, second, above)
        if low and high and low[0] == high[0]:
            return low[0], low[1], high[1], word
    return None


def _split(text: str, masked: str, group: tuple[int, int], operator: str) -> tuple[str, str] | None:
    """Both sides of an operator that stands alone in a pair of parentheses."""
    start, end = group[0] + 1, group[1] - 1
    at = masked.find(operator, start, end)
    while at >= 0:
        before = masked[start:at]
        if before.count("(") == before.count(")"):
            return text[start:at], text[at + len(operator) : end]
        at = masked.find(operator, at + 1, end)
    return None
