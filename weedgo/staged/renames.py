"""The file that says what is a rename and not a drop and an add (``--rename FILE``, TOML).

One table for each sort of object; each line has the target's name on the left and the source's on
the right, with schema (and relation) before the name, each in double quotes where it has a dot::

    [tables]
    "public.customer" = "public.customers"

    [columns]
    "public.customer.mail" = "email"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from weedgo.staged.model import Rename, StagedError

SECTIONS: Mapping[str, int] = {
    "schemas": 1,
    "types": 2,
    "tables": 2,
    "views": 2,
    "sequences": 2,
    "functions": 2,
    "indexes": 2,
    "columns": 3,
    "constraints": 3,
    "triggers": 3,
    "policies": 3,
    "enum_values": 3,
}
"""What can be renamed, outermost first, and of how many names its path is made."""

FORMS = {
    1: "schema",
    2: "schema.name",
    3: "schema.relation.name",
}
_NAME = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def load(path: Path) -> tuple[Rename, ...]:
    """Read a file of renames.

    Args:
        path: of the TOML file.

    Raises:
        StagedError: it cannot be read, is no TOML, or says what cannot be meant.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StagedError(f"{path} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StagedError(f"{path} is no TOML: {error}") from None
    renames = tuple(_entries(found, str(path)))
    _check(renames)
    return renames


def _entries(found: Mapping[str, Any], origin: str) -> Iterator[Rename]:
    for section, lines in found.items():
        if section not in SECTIONS or not isinstance(lines, dict):
            raise StagedError(
                f"{origin}: nothing is renamed in {section!r}; its tables are "
                f"{', '.join(f'[{name}]' for name in SECTIONS)}"
            )
        for old, new in lines.items():
            if not isinstance(new, str) or not new:
                raise StagedError(f'{origin}: {section}."{old}" must lead to a name in quotes')
            yield _entry(section, old, new, origin)


def _entry(section: str, old: str, new: str, origin: str) -> Rename:
    length = SECTIONS[section]
    left, right = names(old), names(new)
    if section == "functions" and len(right) in (1, 2):
        right = (*right[:-1], right[-1].split("(", 1)[0])
    if len(left) != length or len(right) not in (1, length):
        raise StagedError(
            f'{origin}: {section}."{old}" = "{new}" is not of the form '
            f"{FORMS[length]} = name or {FORMS[length]}; a name with a dot takes double quotes"
        )
    return Rename(section, left, right, origin)


def names(path: str) -> tuple[str, ...]:
    """The names of a dotted path; empty if it is none. A function's arguments are its name's."""
    head, paren, arguments = path.partition("(")
    found: list[str] = []
    position = 0
    while position <= len(head):
        match = _NAME.match(head, position)
        if not match:
            return ()
        found.append(match[1].replace('""', '"') if match[1] else match[2])
        position = match.end() + 1
        if match.end() < len(head) and head[match.end()] != ".":
            return ()
    return (*found[:-1], found[-1] + paren + arguments)


def dotted(path: Sequence[str]) -> str:
    """The path as the file has it."""
    quoted = [
        '"' + n.replace('"', '""') + '"' if re.search(r'[."]', n.partition("(")[0]) else n
        for n in path
    ]
    return ".".join(quoted)


def line(section: str, old: Sequence[str], new: Sequence[str]) -> str:
    """A line that can be put at the head of the file: ``tables."a.b" = "a.c"``."""
    return f"{section}.{_string(dotted(old))} = {_string(dotted(new))}"


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _check(renames: Sequence[Rename]) -> None:
    """Two things cannot get one name, and nothing is renamed to what it is called."""
    seen: dict[tuple[str, tuple[str, ...]], Rename] = {}
    for rename in renames:
        if rename.old[-1] == rename.new[-1] and len(rename.new) in (1, SECTIONS[rename.section]):
            same = len(rename.new) == 1 or rename.new == rename.old
            if same:
                raise StagedError(f"{rename} changes nothing; remove the line")
        key = (rename.section, (*rename.old[: -len(rename.new)], *rename.new))
        other = seen.setdefault(key, rename)
        if other is not rename:
            raise StagedError(f"{rename} and {other} lead to the same name")
