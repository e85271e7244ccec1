"""Concurrent builds and drops of indexes, and what a failed step leaves half done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

import psycopg
from psycopg import sql

from weedgo.staged import transact
from weedgo.staged.db import Connection
from weedgo.staged.model import Options, Statement

Index = tuple[str, str]
"""Schema and name."""

_IDENT = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_BUILD = re.compile(
    rf"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?({_IDENT})"
    rf"\s+ON\s+(?:ONLY\s+)?({_IDENT})\.{_IDENT}",
    re.IGNORECASE,
)
_DROP = re.compile(
    rf"\s*DROP\s+INDEX\s+CONCURRENTLY\s+(?:IF\s+EXISTS\s+)?({_IDENT})\.({_IDENT})\s*$",
    re.IGNORECASE,
)
_NOT_VALID = re.compile(
    rf"\s*ALTER\s+TABLE\s+(?:ONLY\s+)?({_IDENT})\.({_IDENT})\s+ADD\s+CONSTRAINT\s+({_IDENT})\s"
    r".*\sNOT\s+VALID\s*$",
    re.IGNORECASE | re.DOTALL,
)


def built(statement: Statement) -> Index | None:
    """The index that a statement builds concurrently."""
    found = _BUILD.match(statement.sql)
    return (_plain(found[2]), _plain(found[1])) if found else None


def dropped(statement: Statement) -> Index | None:
    """The index that a statement drops concurrently."""
    found = _DROP.match(statement.sql)
    return (_plain(found[1]), _plain(found[2])) if found else None


def recognised(statement: Statement) -> bool:
    """Whether the catalog tells if a statement outside transactions has done its work."""
    return built(statement) is not None or dropped(statement) is not None


def stands(conn: Connection, statement: Statement) -> bool:
    """Whether a recognised statement has done its work."""
    index, gone = built(statement), dropped(statement)
    if index:
        return state(conn, index) == "valid"
    return gone is not None and state(conn, gone) == "absent"


def state(conn: Connection, index: Index) -> str:
    """Whether an index is valid, invalid or absent.

    The parent of a partitioned index is never invalid here: it waits for its partitions.
    """
    row = conn.execute(
        "SELECT i.indisvalid AND i.indisready FROM pg_catalog.pg_index i"
        " JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND c.relkind = 'i'",
        index,
    ).fetchone()
    return "absent" if row is None else "valid" if row[0] else "invalid"


def drop(conn: Connection, index: Index) -> None:
    """Drop an index without holding up readers and writers."""
    conn.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(*index)))


def clean_up(
    conn: Connection, options: Options, phases: Sequence[Sequence[Statement]], done: int
) -> list[str]:
    """Take away what a failed step left half done.

    Args:
        conn: to the target, in autocommit.
        options: timeouts.
        phases: of the step.
        done: how many of them are over; the next one failed.

    Returns:
        What could not be taken away, in words.
    """
    left = []
    for statement in phases[done] if done < len(phases) else ():
        index = built(statement)
        if index and not _drop_invalid(conn, options, index):
            left.append(f"the invalid index {'.'.join(index)}")
    for phase in phases[:done]:
        for text in filter(None, map(taking_back, phase)):
            try:
                transact.transaction(conn, options, [(text, [])])
            except psycopg.Error:
                left.append("a constraint that is not validated")
    return left


def _drop_invalid(conn: Connection, options: Options, index: Index) -> bool:
    """Drop an index that is not valid; whether none is left."""
    try:
        if state(conn, index) == "invalid":
            patience = transact.milliseconds(max(options.lock_timeout, 1.0))
            conn.execute("SELECT pg_catalog.set_config('lock_timeout', %s, false)", [patience])
            drop(conn, index)
    except psycopg.Error:
        return False
    finally:
        with suppress(psycopg.Error):
            conn.execute("SET lock_timeout = 0")
    return True


def taking_back(statement: Statement) -> str:
    """The statement that takes away a constraint which was added as not valid; else empty."""
    found = _NOT_VALID.match(statement.sql)
    if not found:
        return ""
    return (
        sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}")
        .format(
            sql.Identifier(_plain(found[1]), _plain(found[2])), sql.Identifier(_plain(found[3]))
        )
        .as_string(None)
    )


def _plain(identifier: str) -> str:
    if identifier.startswith('"'):
        return identifier[1:-1].replace('""', '"')
    return identifier.lower()
