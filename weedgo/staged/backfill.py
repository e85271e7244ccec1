"""The values that a user gives for rows that lack one: a TOML file of SQL expressions by column."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from weedgo.staged import db
from weedgo.staged.db import Connection
from weedgo.staged.kinds.filling import path as search_path
from weedgo.staged.model import Action, Catalog, Change, Difference, ObjectId, Options, StagedError

_FORM = 'write schema.table.column = "SQL expression"'
# What an expression may need that is made by the same run.
_MADE_LATER = ("42703", "42883", "42P01", "42704")


def load(path: Path) -> dict[str, str]:
    """Read the expressions of a file, by the paths of their columns.

    Args:
        path: of a TOML file; tables in it are schemas and tables, so that
            ``public.orders.region = "'eu'"`` and a table ``[public.orders]`` mean the same.

    Raises:
        StagedError: the file cannot be read, or is not of that form.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StagedError(f"cannot read the backfill file {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StagedError(f"{path} is not TOML: {error}; {_FORM}") from None
    found = dict(_entries(path, document, ()))
    if not found:
        raise StagedError(f"{path} holds no entry; {_FORM}")
    return found


def _entries(
    path: Path, table: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        names = (*above, key)
        if isinstance(value, Mapping):
            yield from _entries(path, value, names)
            continue
        name = ".".join(names)
        if not isinstance(value, str | int | float):
            raise StagedError(f"{path}: {name} is no expression; {_FORM}")
        expression = (str(value).lower() if isinstance(value, bool) else str(value)).strip()
        if name.count(".") == 1:
            name = f"public.{name}"
        if name.count(".") < 2 or not expression:
            raise StagedError(f"{path}: {name} = {expression!r} is no column's values; {_FORM}")
        yield name, expression


def resumed(options: Options, unfinished: Mapping[str, str]) -> Options:
    """The options with what a run before had begun to fill in, unless it is given anew."""
    if not unfinished:
        return options
    return replace(options, backfills={**unfinished, **options.backfills})


def check(conn: Connection, options: Options, source: Catalog, difference: Difference) -> None:
    """Refuse entries that would fill nothing, and expressions that are none.

    Args:
        conn: to the target.
        options: with the entries.
        source: what is wanted.
        difference: between it and the target.

    Raises:
        StagedError: an entry is wrong, with the remedy; nothing was changed.
    """
    columns = {id.path: id for id in source.objects if id.kind == "column"}
    changes = {c.id: c for c in difference.changes}
    for path, expression in options.backfills.items():
        id = columns.get(path)
        if id is None:
            raise StagedError(_unknown(path, columns))
        column = source.objects[id]
        if not column["not_null"] and id in changes:
            raise StagedError(
                f"the backfill of {path} is for a column that may be NULL in the source; "
                "make it NOT NULL there, or take the entry out"
            )
        if _wanted(changes.get(id)):
            _parse(conn, id, expression, difference)


def _wanted(change: Change | None) -> bool:
    """Whether a column's change asks for values of rows in a table that stands."""
    if change is None or change.after is None or not change.after["not_null"]:
        return False
    return change.before is None or not change.before["not_null"]


def _unknown(path: str, columns: Mapping[str, ObjectId]) -> str:
    near = get_close_matches(path, columns, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"the backfill of {path} fits no column of the source{meant}"


def _parse(conn: Connection, id: ObjectId, expression: str, difference: Difference) -> None:
    """Have the target's own parser read an expression as it will be used."""
    table = ObjectId("table", id.schema, id.parent)
    query = sql.SQL("EXPLAIN SELECT {} FROM {}").format(
        sql.SQL(expression), sql.Identifier(id.schema, id.parent)
    )
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(
                "SELECT pg_catalog.set_config('search_path', %s, true)", [search_path(table)]
            )
            conn.execute(query)
    except psycopg.Error as error:
        if error.sqlstate in _MADE_LATER and _comes(expression, id, difference):
            return
        message = error.diag.message_primary or db.one_line(error)
        raise StagedError(
            f"the backfill of {id.path} is no expression of {table.path}: {message} "
            f"[{error.sqlstate}]: {expression}"
        ) from None


def _comes(expression: str, id: ObjectId, difference: Difference) -> bool:
    """Whether something that the expression names, or its own table, is made by this run.

    Of names that the run gives, it is known only once they are given.
    """
    if any(c.action is Action.RENAME for c in difference.changes):
        return True
    words = set(re.findall(r"\w+", expression))
    made = [c.id for c in difference.changes if c.action is Action.CREATE and c.id != id]
    return any(m.name.split("(")[0] in words for m in made) or any(
        m.kind == "table" and m.path == f"{id.schema}.{id.parent}" for m in made
    )
