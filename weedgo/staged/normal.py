"""Texts of PostgreSQL's own: which mean the same, and how to write one so that it is printed again.

PostgreSQL prints some expressions in a way that it reads back as another tree, which it then prints
differently: dumping and restoring changes them once. What the engine writes has to be printed as
the source prints it; what was restored before has to count as the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_LITERAL = r"'(?:[^']|'')*'::character varying"
_INNER = re.compile(rf"\(({_LITERAL})\)::text")
_OUTER = re.compile(rf"\((ARRAY\[(?:{_LITERAL}(?:, )?)+\])\)::text\[\]")
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_NEGATED = re.compile(_QUOTED.pattern + r"|\(- (?P<number>\d+(?P<part>\.\d+)?)\)")
_TYPE = r"(?:(?! AS )[\w. ])+(?:\(\d+(?:,\d+)?\))?(?:\[\])?"
_UNNAMED = re.compile(
    rf"{_QUOTED.pattern}|(?P<value>(?:\bSELECT |,\n\s+)(?:'(?:[^']|'')*'|NULL)::{_TYPE})"
    r"(?=,?\n|\)|$)"
)

# What is the user's own text, word for word: not a body that PostgreSQL has parsed.
_OWN = re.compile(r"COMMENT ON\b|CREATE (OR REPLACE )?(FUNCTION|PROCEDURE)\b[\s\S]*\nAS ")
_JOINS = (" AND ", " OR ")

Group = tuple[int, int]

_RANGES = ((" AND ", " >= ", " <= ", "BETWEEN"), (" OR ", " < ", " > ", "NOT BETWEEN"))


def stable(statement: str) -> str:
    """A statement, written so that PostgreSQL prints the expressions in it as they stand here.

    ``varchar_column IN ('a')`` is printed with a cast around the array; read back, the cast moves
    inside. ``a BETWEEN 0 AND 1 AND …`` is printed as nested ANDs; read back, they are flattened,
    as are those of ``(a, b) = (1, 2) AND …`` but where a cast, which leaves no trace, keeps them.
    ``-1::integer`` is printed without the cast, and read back as a constant. A constant in a
    subquery is printed with its type, by which it is called when read back.
    """
    if _OWN.match(statement):
        return statement
    if "::character varying" in statement:
        statement = _OUTER.sub(r"\1", statement)
    statement = _NEGATED.sub(_negated, statement)
    statement = _UNNAMED.sub(_named, statement)
    ranges = {end for _, end, _ in _ranges(statement)}
    kept = {end - 1: ")::boolean" for _, end in _nested(statement) if end not in ranges}
    statement = _exchanged(statement, kept)
    return _each_range(statement, lambda x, low, high, word: f"({x} {word} {low} AND {high})")


def text(definition: str) -> str:
    """A definition in the form in which those that mean the same are equal."""
    if "::character varying" in definition:
        definition = _OUTER.sub(r"\1", _INNER.sub(r"\1", definition))
    if _OWN.match(definition):
        return definition
    definition = _NEGATED.sub(_constant, definition)
    nested = {at: "" for start, end in _nested(definition) for at in (start, end - 1)}
    return _each_range(_exchanged(definition, nested), _flat)


def same(a: Any, b: Any) -> bool:
    """Whether two attributes mean the same."""
    if a == b:
        return True
    return isinstance(a, str) and isinstance(b, str) and text(a) == text(b)


def _negated(found: re.Match[str]) -> str:
    type = "numeric" if found["part"] else "integer"
    return f"(- {found['number']}::{type})" if found["number"] else found[0]


def _named(found: re.Match[str]) -> str:
    return f'{found[0]} AS "?column?"' if found["value"] else found[0]


def _constant(found: re.Match[str]) -> str:
    type = "numeric" if found["part"] else "integer"
    return f"'-{found['number']}'::{type}" if found["number"] else found[0]


def _flat(x: str, low: str, high: str, word: str) -> str:
    join, below, above = (" OR ", " < ", " > ") if word[0] == "N" else (" AND ", " >= ", " <= ")
    return f"({x}{below}{low}){join}({x}{above}{high})"


def _each_range(text: str, write: Any) -> str:
    """The text with each ``((x >= low) AND (x <= high))`` in it written anew."""
    done: list[str] = []
    position = 0
    for start, end, parts in sorted(_ranges(text)):
        if start >= position:
            done += [text[position:start], write(*parts)]
            position = end
    return "".join(done) + text[position:]


def _ranges(text: str) -> Iterator[tuple[int, int, tuple[str, str, str, str]]]:
    """Where ranges stand in a text: begin, end, and expression, limits and word."""
    if not any(below in text and above in text for _, below, above, _ in _RANGES):
        return
    masked = _masked(text)
    for start, end, children in _groups(masked):
        if len(children) == 2 and children[0][0] == start + 1 and children[1][1] == end - 1:
            parts = _range(text, masked, children[0], children[1])
            if parts:
                yield start, end, parts


def _nested(text: str) -> Iterator[Group]:
    """Where, at the head of operands joined by AND (or OR), others stand that are joined alike."""
    if not any(f"){join}" in text for join in _JOINS):
        return
    masked = _masked(text)
    for start, _, children in _groups(masked):
        first = children[0] if children and children[0][0] == start + 1 else None
        for join in _JOINS if first else ():
            if first and masked.startswith(join, first[1]) and _split(text, masked, first, join):
                yield first


def _exchanged(text: str, characters: Mapping[int, str]) -> str:
    """The text with other strings in the place of single characters."""
    done: list[str] = []
    position = 0
    for at, new in sorted(characters.items()):
        done += [text[position:at], new]
        position = at + 1
    return "".join(done) + text[position:]


def _masked(text: str) -> str:
    return _QUOTED.sub(lambda m: "_" * len(m[0]), text)


def _groups(masked: str) -> Iterator[tuple[int, int, list[Group]]]:
    """The pairs of parentheses in a text: begin, end, and those right within, inner ones first."""
    open_groups: list[tuple[int, list[Group]]] = []
    for at, character in enumerate(masked):
        if character == "(":
            open_groups.append((at, []))
        elif character == ")" and open_groups:
            start, children = open_groups.pop()
            if open_groups:
                open_groups[-1][1].append((start, at + 1))
            yield start, at + 1, children


def _range(text: str, masked: str, first: Group, second: Group) -> tuple[str, str, str, str] | None:
    for join, below, above, word in _RANGES:
        if text[first[1] : second[0]] != join:
            continue
        low = _split(text, masked, first, below)
        high = _split(text, masked, second, above)
        if low and high and low[0] == high[0]:
            return low[0], low[1], high[1], word
    return None


def _split(text: str, masked: str, group: Group, operator: str) -> tuple[str, str] | None:
    """Both sides of an operator that stands alone in a pair of parentheses."""
    start, end = group[0] + 1, group[1] - 1
    at = masked.find(operator, start, end)
    while at >= 0:
        before = masked[start:at]
        if before.count("(") == before.count(")"):
            return text[start:at], text[at + len(operator) : end]
        at = masked.find(operator, at + 1, end)
    return None
