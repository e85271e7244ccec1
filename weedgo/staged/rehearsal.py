"""Steps tried on an empty clone of the target's schema: PostgreSQL says what it would refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby

import psycopg

from weedgo.staged import db, scratch
from weedgo.staged.db import Connection
from weedgo.staged.materialize import materialize
from weedgo.staged.model import Catalog, ObjectId, Options, Statement, Step


@dataclass(frozen=True, slots=True)
class Fault:
    """What PostgreSQL refused of a step, and why."""

    statement: Statement
    error: psycopg.Error

    def __str__(self) -> str:
        return f"{self.error.sqlstate} {db.one_line(self.error)}"

    @property
    def brief(self) -> str:
        """The same without where in the text it is, and without advice."""
        said = self.error.diag
        detail = f": {said.message_detail}" if said.message_detail else ""
        return f"{self.error.sqlstate} {said.message_primary}{detail}".rstrip(".")


@contextmanager
def clone(
    standing: Catalog, target: str, like: Connection, options: Options, run: str, purpose: str
) -> Iterator[tuple[Connection, frozenset[ObjectId]]]:
    """A scratch database with the target's schema, without its rows.

    Args:
        standing: the target's catalog.
        target: its URL; the clone is made on its server, or on the one of the options.
        like: a connection to it.
        options: what of the schema is made, and where.
        run, purpose: name the scratch database and the session in it.

    Yields:
        A connection to it, and what could not be made there.

    Raises:
        StagedError: no scratch database can be made.
    """
    place = options.scratch_url or target
    with (
        scratch.scratch_database(place, like=like, run=run) as url,
        closing(db.connect(url, application=f"weedgo {run} {purpose}")) as conn,
    ):
        lacking = frozenset(id for id, _ in materialize(standing, conn, options))
        conn.execute("SET search_path TO DEFAULT")
        yield conn, lacking


def rehearse(step: Step, conn: Connection) -> Fault | None:
    """Carry a step out on a clone; what PostgreSQL refuses of it, if it does."""
    statement = None
    try:
        for (_, shared), phase in groupby(step.statements, lambda s: (s.phase, s.transactional)):
            with conn.transaction() if shared else nullcontext():
                for statement in phase:
                    conn.execute(statement.sent.encode())
    except psycopg.Error as error:
        assert statement is not None
        return Fault(statement, error)
    return None
