"""A catalog's schema made in an empty database, as far as it goes."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from weedgo.staged import catalog as catalogs
from weedgo.staged import db, diff, planning
from weedgo.staged.db import Connection
from weedgo.staged.model import Catalog, ObjectId, Options, Plan, Stage


def materialize(
    wanted: Catalog, conn: Connection, options: Options | None = None
) -> list[tuple[ObjectId, str]]:
    """Make a catalog's schema in an empty database, as far as it goes.

    Args:
        wanted: the schema.
        conn: autocommit connection to the empty database.
        options: whether owners and grants are made too; by default neither.

    Returns:
        What could not be made, and why.
    """
    empty = catalogs.read(conn)
    options = replace(options or Options(owners=False, privileges=False), stages=tuple(Stage))
    plan = planning.make(wanted, empty, diff.compare(wanted, empty, options), options)
    try:
        # One message, and so one transaction: nobody else is in a scratch database.
        conn.execute(";\n".join(s.sent for step in plan.steps for s in step.statements).encode())
        return []
    except psycopg.Error:
        return _one_by_one(plan, conn)


def _one_by_one(plan: Plan, conn: Connection) -> list[tuple[ObjectId, str]]:
    failed = []
    for step in plan.steps:
        try:
            with conn.transaction():
                for statement in step.statements:
                    conn.execute(statement.sent.encode())
        except psycopg.Error as error:
            failed.append((step.main.id, db.one_line(error)))
    return failed
