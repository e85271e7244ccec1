"""Rows of the journal: how a run and its steps are written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from psycopg.types.json import Jsonb

from weedgo.staged.db import redact
from weedgo.staged.model import Options, Status, Step
from weedgo.staged.records import encode, words

Query = tuple[str, list[Any]]
"""A statement and its arguments."""

dumps = partial(json.dumps, default=str)
"""JSON of what a run was asked for."""


def addition(run: str, step: Step) -> Query:
    """The statement that adds a step to a run as done, for use in the transaction that does it."""
    values = dict(zip(_COLUMNS, row(run, 0, step), strict=True))
    values["status"] = Status.DONE.value
    names = ", ".join(n for n in _COLUMNS if n != "seq")
    places = ", ".join("%s" for n in _COLUMNS if n != "seq")
    text = (
        f"INSERT INTO weedgo_migration.step ({names}, seq, finished) SELECT {places},"  # noqa: S608
        " coalesce(max(seq), 0) + 1, clock_timestamp() FROM weedgo_migration.step WHERE run = %s"
    )
    return text, [*(v for n, v in values.items() if n != "seq"), run]


_COLUMNS = (
    "run", "seq", "id", "stage", "home", "action", "kind", "schema", "name", "parent", "target",
    "status", "needs", "statements", "undo", "no_undo", "because", "hazards",
    "objects", "own", "undo_guards",
)  # fmt: skip
COPY = f"COPY weedgo_migration.step ({', '.join(_COLUMNS)}) FROM STDIN"
_JSON = {"needs", "statements", "undo", "hazards", "objects", "undo_guards"}
_NUMBERS = {"seq": "int4", "stage": "int2", "home": "int2", "own": "int4"}
COPY_TYPES = ["jsonb" if c in _JSON else _NUMBERS.get(c, "text") for c in _COLUMNS]


def row(run: str, seq: int, step: Step) -> Iterator[Any]:
    """The values of a planned step, in the order of `COPY`."""
    id = step.main.id
    yield from (run, seq, step.id, step.stage.value, step.home.value, step.main.action.value)
    yield from (id.kind, id.schema, id.name, id.parent, id.target, Status.PLANNED.value)
    yield Jsonb(list(step.needs))
    yield Jsonb([encode(s) for s in step.statements])
    yield Jsonb([encode(s) for s in step.undo])
    yield from (step.no_undo, step.because)
    yield Jsonb(list(step.hazards))
    yield Jsonb([[c.action.value, *words(c.id)] for c in step.changes])
    yield step.own
    yield Jsonb([asdict(g) for g in step.undo_guards])


def options(options: Options) -> dict[str, Any]:
    """What a run was asked for, without secrets."""
    data = asdict(options)
    data["stages"] = [int(s) for s in options.stages]
    data["role_map"] = dict(options.role_map)
    data["backfills"] = dict(options.backfills)
    data["statement_timeouts"] = dict(options.statement_timeouts)
    data["scratch_url"] = redact(options.scratch_url) if options.scratch_url else ""
    return data
