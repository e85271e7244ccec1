"""Schemas as pg_dump prints them: a proof of parity that shares no code with the engine.

A dump becomes a mapping of entries (a table, an index, a comment, …) to their text, in which only
what a migration need not keep is levelled: the order of entries and of columns.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict

from weedgo.embedded import bin_dir

NEWEST = 18
NOT_COMPARED = ("weedgo_migration", "retired")
ENVIRONMENT = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}  # fmt: skip
_HEADER = re.compile(
    r"^--\n-- (?:Data for )?Name: (?P<name>.*); Type: (?P<type>.*?); Schema: (?P<schema>.*?);"
    r" Owner: ?.*\n--\n",
    re.MULTILINE,
)
_NOISE = re.compile(
    r"^(SET [a-z_]+ = .*;|SELECT pg_catalog\.set_config\(.*\);|\\.*)$", re.MULTILINE
)
# What PostgreSQL counts in a column's options since November 2026; an older pg_dump prints it.
_VERSION = re.compile(
    r"^ALTER (?:FOREIGN )?TABLE .* SET \(pg_attver=\d+\);$|pg_attver=\d+, |, pg_attver=\d+",
    re.MULTILINE,
)
_LITERAL = r"'(?:[^']|'')*'::character varying"
# PostgreSQL prints the cast of a list outside of it or, once it has read its own text, inside.
_CAST_INSIDE = re.compile(rf"\(({_LITERAL})\)::text")
_CAST_OUTSIDE = re.compile(rf"\((ARRAY\[(?:{_LITERAL}(?:, )?)+\])\)::text\[\]")
_PUBLISHED = re.compile(
    r"^(ALTER PUBLICATION .* ADD TABLE ONLY .*? \()(.*?)(\)(?: WHERE .*)?;)$", re.MULTILINE
)
_NAME = r'(?:"(?:[^"]|"")+"|[^\s".]+)'
_MEASURED = re.compile(r"^(CREATE STATISTICS .*? ON )(.*)( FROM .*;)$", re.MULTILINE)
_ALTERED = re.compile(
    r"(?:^ALTER FOREIGN TABLE ONLY .* ALTER COLUMN (?:[^;]|;.)*;\n)+", re.MULTILINE
)
_TABLE = re.compile(
    rf"^CREATE (?:UNLOGGED |FOREIGN )?TABLE {_NAME}\.{_NAME}(?: OF {_NAME}\.{_NAME})? \($",
    re.MULTILINE,
)

Dump = Mapping[tuple[str, str, str], str]


@dataclass(frozen=True)
class Unlike:
    """An entry that two dumps print differently; None where a dump lacks it."""

    entry: tuple[str, str, str]
    left: str | None
    right: str | None

    def __str__(self) -> str:
        left, right = (text or "(absent)" for text in (self.left, self.right))
        return f"{' '.join(self.entry)}:\n  {left}\n  {right}"


def environment(url: str) -> dict[str, str]:
    """The environment in which PostgreSQL's programs reach the database of a URL.

    Args:
        url: a connection string; its password ends up in no argument list.
    """
    given = conninfo_to_dict(url)
    known = {ENVIRONMENT[k]: str(v) for k, v in given.items() if k in ENVIRONMENT}
    return {**{k: v for k, v in os.environ.items() if not k.startswith("PG")}, **known}


def dump(url: str, *options: str) -> Dump:
    """The database's schema by entry: (schema, type, name) → normalised text.

    Args:
        url: the database.
        options: further options of pg_dump, such as ``--no-owner``.

    Raises:
        subprocess.CalledProcessError: pg_dump failed; its complaint is in ``stderr``.
    """
    return entries(text(url, "--schema-only", *options))


def text(url: str, *options: str) -> str:
    """What pg_dump prints for a database, with the schemas of the engine left out."""
    left_out = [option for schema in NOT_COMPARED for option in ("-N", schema)]
    done = subprocess.run(
        [bin_dir(NEWEST) / "pg_dump", *left_out, *options],
        env=environment(url), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def entries(text: str) -> Dump:
    """A dump's entries, normalised."""
    headers = list(_HEADER.finditer(text))
    found: dict[tuple[str, str, str], str] = {}
    for header, following in zip(headers, [*headers[1:], None][: len(headers)], strict=True):
        body = text[header.end() : following.start() if following else len(text)]
        key = (header["schema"], header["type"], header["name"])
        found[key] = (found[key] + "\n" if key in found else "") + normalised(body)
    return found


def normalised(body: str) -> str:
    """An entry's statements without settings, blank lines and the order of columns."""
    body = body.split("\n--\n-- PostgreSQL database dump complete", maxsplit=1)[0]
    body = _VERSION.sub("", _NOISE.sub("", body))
    table = _TABLE.search(body)
    if table:
        end = _closing(body, table.end() - 1)
        parts = sorted(part.strip() for part in split(body[table.end() : end]))
        body = body[: table.end()] + "\n    " + ",\n    ".join(parts) + "\n" + body[end:]
    body = _PUBLISHED.sub(_published, body)
    body = _ALTERED.sub(_altered, _MEASURED.sub(_measured, body))
    body = _CAST_OUTSIDE.sub(r"\1", _CAST_INSIDE.sub(r"\1", body))
    return "\n".join(line for line in body.splitlines() if line.strip())


def _published(found: re.Match[str]) -> str:
    """A publication's columns, which PostgreSQL lists in the table's order."""
    columns = sorted(column.strip() for column in split(found[2]))
    return f"{found[1]}{', '.join(columns)}{found[3]}"


def _measured(found: re.Match[str]) -> str:
    """What statistics are of: columns, listed in the table's order, and expressions after them."""
    parts = [part.strip() for part in split(found[2])]
    columns = sorted(part for part in parts if re.fullmatch(_NAME, part))
    others = (part for part in parts if not re.fullmatch(_NAME, part))
    return f"{found[1]}{', '.join((*columns, *others))}{found[3]}"


def _altered(found: re.Match[str]) -> str:
    """What is said of a foreign table's columns, one after the other in the table's order."""
    statements = re.split(r"(?<=;\n)(?=ALTER FOREIGN TABLE)", found[0])
    return "".join(sorted(statements))


def unlike(left: Dump, right: Dump) -> list[Unlike]:
    """The entries that differ between two dumps, in order."""
    keys = sorted(left.keys() | right.keys())
    return [
        Unlike(key, left.get(key), right.get(key))
        for key in keys
        if left.get(key) != right.get(key)
    ]


def expected(source: Dump, before: Dump) -> Dump:
    """The target after an additive migration: all of the source's, and what only it had.

    An index of the target's gives way to a constraint of the source's that has its name.
    """
    constraints = {name.split(" ")[-1] for _, kind, name in source if kind == "CONSTRAINT"}
    kept = {
        key: text for key, text in before.items() if key[1] != "INDEX" or key[2] not in constraints
    }
    return {**kept, **source}


def split(text: str) -> Iterator[str]:
    """Split at the commas that stand outside parentheses and quotes."""
    start = 0
    for position, character in _outside(text):
        if character == ",":
            yield text[start:position]
            start = position + 1
    yield text[start:]


def _closing(text: str, opening: int) -> int:
    """The position of the parenthesis that closes the one at ``opening``."""
    body = text[opening + 1 :]
    return opening + 1 + next(i for i, character in _outside(body) if character == ")")


def _outside(text: str) -> Iterator[tuple[int, str]]:
    """Characters at parenthesis depth zero, an unmatched closing one included."""
    depth, quote = 0, ""
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]" and depth:
            depth -= 1
        elif not depth:
            yield position, character
