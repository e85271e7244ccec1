r"""What may stand in an SQL file that is loaded into a scratch database, and there only.

A file is a source: it is read, and nothing else may change by that. psql carries out whatever
stands in it, on the target's server, so what reaches beyond the scratch database (``\connect``,
CREATE DATABASE, roles, a shell) is found beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from weedgo.staged.model import StagedError

# psql's commands that go to another database, to the shell or into files.
COMMANDS = frozenset({"c", "connect", "!", "cd", "o", "out", "w", "write", "setenv"})
INCLUDES = {"i": False, "include": False, "ir": True, "include_relative": True}
BEYOND = re.compile(
    r"(?:CREATE|ALTER|DROP) (?:DATABASE|GROUP|ROLE|TABLESPACE|USER(?! MAPPING))\b"
    r"|ALTER SYSTEM\b"
    r"|COMMENT ON (?:DATABASE|ROLE|TABLESPACE)\b"
    r"|(?:GRANT|REVOKE)(?: \w+)*? ON (?:DATABASE|PARAMETER|TABLESPACE)\b"
)
# Of a statement that gives rights all words count, of others the first.
RIGHTS = ("GRANT", "REVOKE")
ENOUGH = 8

_TOKEN = re.compile(
    r"--[^\n]*|(?P<comment>/\*)"
    r"|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    r"|(?P<dollar>\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)"
    r"|\\(?P<command>[^\s\\]+)(?P<rest>[^\n]*)|(?P<end>;)|(?P<word>[A-Za-z_\x80-\xff][\w$]*)",
    re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_FROM_STDIN = re.compile(r"\bFROM\s+STDIN\b", re.IGNORECASE)
_DATA_ENDS = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)


def check(path: Path) -> None:
    """Look through a file, and through those that it includes, before psql carries it out.

    Raises:
        StagedError: something in it reaches beyond the database that it is loaded into; the line
            is named.
    """
    _check(path, set())


def _check(path: Path, seen: set[Path]) -> None:
    seen.add(path.resolve())
    try:
        # Every encoding of PostgreSQL's servers has ASCII in it; other bytes do not matter here.
        text = path.read_bytes().decode("latin-1")
    except OSError:
        # psql says so, with the line that includes it.
        return
    scan = _Scan(text)
    for place, what in scan.beyond():
        raise StagedError(
            f"{path}, line {text.count(chr(10), 0, place) + 1}: {what} reaches beyond the scratch "
            "database that the file is read in; take it out of the file (of a dump: make it "
            "without --create)"
        )
    for relative, name in scan.includes:
        included = (path.parent if relative else Path()) / name
        if included.resolve() not in seen:
            _check(included, seen)


@dataclass
class _Scan:
    """A pass over a file, which knows quotes, comments and the data of COPY apart from SQL."""

    text: str
    includes: list[tuple[bool, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    start: int = 0

    def beyond(self) -> Iterator[tuple[int, str]]:
        """Where something reaches beyond the database, and what it is."""
        place = 0
        while found := _TOKEN.search(self.text, place):
            place = found.end()
            if found["word"]:
                self._word(found["word"], found.start())
            elif found["comment"]:
                place = self._comment_ends(place)
            elif found["dollar"]:
                end = self.text.find(found["dollar"], place)
                place = len(self.text) if end < 0 else end + len(found["dollar"])
            elif found["command"]:
                yield from self._command(found)
            elif found["end"]:
                yield from self._statement()
                place = self._data_ends(found.start(), place)
                self.words = []
        yield from self._statement()

    def _word(self, word: str, place: int) -> None:
        if not self.words:
            self.start = place
        if len(self.words) < ENOUGH or self.words[0] in RIGHTS:
            self.words.append(word.upper())

    def _comment_ends(self, place: int) -> int:
        """Behind a comment in which others may stand."""
        depth = 1
        while depth and (found := _COMMENT.search(self.text, place)):
            depth += 1 if found[0] == "/*" else -1
            place = found.end()
        return len(self.text) if depth else place

    def _data_ends(self, end: int, place: int) -> int:
        """Behind the rows that follow COPY … FROM stdin."""
        if self.words[:1] != ["COPY"] or not _FROM_STDIN.search(self.text, self.start, end):
            return place
        found = _DATA_ENDS.search(self.text, place)
        return found.end() if found else len(self.text)

    def _statement(self) -> Iterator[tuple[int, str]]:
        said = " ".join(self.words)
        if found := BEYOND.match(said):
            yield self.start, found[0]
        elif self.words[:1] and self.words[0] in RIGHTS and "ON" not in self.words:
            yield self.start, f"{self.words[0]} of a role"

    def _command(self, found: re.Match[str]) -> Iterator[tuple[int, str]]:
        name, rest = found["command"], found["rest"].strip()
        # The shell's needs no blank before what it is to do.
        name = "!" if name.startswith("!") else name
        if name in COMMANDS:
            yield found.start(), f"\\{name}"
        elif name in INCLUDES and rest:
            self.includes.append((INCLUDES[name], rest.strip("'\"")))
