"""Extensions that move to another schema: first of all, and all that uses them by their new names.

As with renames, PostgreSQL itself says in a scratch database what becomes of the definitions.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace

import psycopg

from weedgo.staged import catalog as catalogs
from weedgo.staged import db, renaming, scratch
from weedgo.staged.db import Connection
from weedgo.staged.kinds.base import ident, name, render
from weedgo.staged.materialize import materialize
from weedgo.staged.model import (
    Action,
    Catalog,
    Change,
    Object,
    ObjectId,
    Options,
    Stage,
    StagedError,
    Statement,
    Step,
)
from weedgo.staged.renamed import Renamed, rewritten
from weedgo.staged.wanted import asked


def carried_out(
    standing: Catalog, wanted: Catalog, url: str, conn: Connection, options: Options, run: str
) -> Renamed:
    """The target once its extensions are where they are wanted and what is renamed is.

    Args:
        standing, wanted, url, conn, options, run: as for `renaming.carried_out`.

    Raises:
        StagedError: as `renaming.carried_out`.
    """
    first = Renamed()
    if found := _moving(standing, wanted, conn, options):
        # Without a rehearsal they move all the same; only their undo is less exact.
        with suppress(StagedError, psycopg.Error):
            first = _rehearsed(found, standing, url, conn, options, run)
    then = renaming.carried_out(first.catalog or standing, wanted, url, conn, options, run)
    return Renamed(then.catalog or first.catalog, (*first.steps, *then.steps))


def _moving(
    standing: Catalog, wanted: Catalog, conn: Connection, options: Options
) -> list[tuple[Object, str]]:
    """The extensions that move and are used, each with the schema that it moves to."""
    found = []
    for obj in standing:
        if obj.id.kind != "extension" or not obj.get("relocatable") or not asked(obj, options):
            continue
        other = wanted.get(obj.id)
        used = any(not dependent.target for dependent in standing.dependents.get(obj.id, ()))
        if other is not None and other["schema"] != obj["schema"] and used:
            found.append((obj, str(other["schema"])))
    possible = found and (options.scratch_url or scratch.possible(conn))
    return found if possible else []


def _rehearsed(
    found: list[tuple[Object, str]],
    standing: Catalog,
    url: str,
    conn: Connection,
    options: Options,
    run: str,
) -> Renamed:
    with (
        scratch.scratch_database(options.scratch_url or url, like=conn, run=run) as address,
        closing(db.connect(address, application=f"weedgo {run} extensions")) as trial,
    ):
        materialize(standing, trial)
        before = catalogs.read(trial)
        steps: list[Step] = []
        for extension, schema in found:
            steps.append(_step(extension, schema, before if not steps else catalogs.read(trial)))
            for statement in steps[-1].statements:
                trial.execute(statement.sql.encode())
        after = catalogs.read(trial)
    catalog, _ = rewritten(standing, before, after)
    # They are in other schemas from then on.
    own = {extension.id: after.needed(extension.id) for extension, _ in found}
    return Renamed(replace(catalog, relate=lambda: {**catalog.needs, **own}), tuple(steps))


def _step(extension: Object, schema: str, standing: Catalog) -> Step:
    """The step that moves an extension, to a schema that it may have to make."""
    text = "ALTER EXTENSION {} SET SCHEMA {}"
    forth, back = (
        [render(text, name(extension.id), ident(to))] for to in (schema, extension["schema"])
    )
    if ObjectId("schema", "", schema) not in standing:
        forth.insert(0, render("CREATE SCHEMA {}", ident(schema)))
        back.append(render("DROP SCHEMA {}", ident(schema)))
    after = Object(extension.id, {**extension.attrs, "schema": schema}, extension.info)
    return Step(
        id=f"move {extension.id}",
        changes=(Change(extension.id, Action.ALTER, extension, after),),
        statements=tuple(map(Statement, forth)),
        undo=tuple(map(Statement, back)),
        home=Stage.PREREQUISITES,
        stage=Stage.PREREQUISITES,
    )
