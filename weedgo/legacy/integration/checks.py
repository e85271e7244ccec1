"""One check: run in a savepoint of its own, and what came of it as a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, LiteralString

import psycopg

from weedgo.staged.model import Finding

Connection = psycopg.Connection[Any]


class _UnmetError(Exception):
    """A check does not hold; the message says why."""


Check = Callable[[Connection], None]


def each(conn: Connection, group: str, checks: dict[str, Check]) -> Iterator[Finding]:
    """Run the checks of a group, by subject."""
    for subject, run in checks.items():
        yield finding(conn, group, subject, run)


def finding(conn: Connection, group: str, subject: str, run: Check) -> Finding:
    """One check in a savepoint of its own: a statement that fails must not fail the next check."""
    try:
        with conn.transaction(force_rollback=True):
            run(conn)
    except _UnmetError as error:
        return Finding(group, subject, holds=False, detail=str(error))
    except psycopg.Error as error:
        message = error.diag.message_primary or str(error).strip()
        detail = f"{' '.join(message.split())} (SQLSTATE {error.sqlstate})"
        return Finding(group, subject, holds=False, detail=detail)
    return Finding(group, subject, holds=True)


def expect(met: object, why: str) -> None:
    """Say within a check why it does not hold, unless something is met."""
    if not met:
        raise _UnmetError(why)


def value(conn: Connection, query: LiteralString, *arguments: Any) -> Any:
    """The first column of the first row, or None."""
    row = conn.execute(query, arguments or None).fetchone()
    return row[0] if row else None


def refused(conn: Connection, what: str, query: LiteralString, *arguments: Any) -> None:
    """Expect the database to refuse a statement."""
    try:
        with conn.transaction():
            conn.execute(query, arguments or None)
    except (
        psycopg.IntegrityError,
        psycopg.errors.RaiseException,
        psycopg.errors.InsufficientPrivilege,
    ):
        return
    raise _UnmetError(f"{what} is not refused")
