"""Runs and steps as the journal keeps them, and statements as JSON."""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from weedgo.staged.model import Action, Change, Fill, Guard, ObjectId, Stage, Statement, Step


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A row of ``weedgo_migration.run``."""

    id: str
    started: datetime
    finished: datetime | None
    status: str
    source: str
    target: str
    options: Mapping[str, Any]
    source_fingerprint: str
    target_fingerprint: str
    client_host: str
    client_pid: int
    server_pid: int
    engine: str
    continues: str | None
    client_user: str = ""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A row of ``weedgo_migration.step``."""

    run: str
    seq: int
    id: str
    stage: int
    home: int
    action: str
    kind: str
    schema: str
    name: str
    parent: str
    target: str
    status: str
    attempts: int
    phases: int
    started: datetime | None
    finished: datetime | None
    elapsed: float
    sqlstate: str
    message: str
    remedy: str
    needs: Sequence[str]
    statements: Sequence[Mapping[str, Any]]
    undo: Sequence[Mapping[str, Any]]
    no_undo: str
    because: str
    hazards: Sequence[str]
    objects: Sequence[Sequence[str]]
    own: int
    undo_guards: Sequence[Mapping[str, Any]] = ()

    @property
    def object(self) -> ObjectId:
        """The object that the step is named for."""
        return ObjectId(self.kind, self.schema, self.name, self.parent, self.target)

    def names(self) -> frozenset[str]:
        """What patterns of objects are matched with: relations and whole paths."""
        found = set()
        for _, _, schema, name, parent, _ in self.objects:
            path = ".".join(part for part in (schema, parent, name) if part)
            found |= {path, f"{schema}.{parent or name}"}
        return frozenset(found)

    def step(self) -> Step:
        """The step as it was planned, without the objects' definitions."""
        actions = [Action(str(o[0])) for o in self.objects]
        ids = [ObjectId(*o[1:]) for o in self.objects]
        return Step(
            id=self.id,
            changes=tuple(Change(i, a, None, None) for i, a in zip(ids, actions, strict=True)),
            statements=tuple(map(decode, self.statements)),
            undo=tuple(map(decode, self.undo)),
            home=Stage(self.home),
            stage=Stage(self.stage),
            needs=tuple(self.needs),
            because=self.because,
            hazards=tuple(self.hazards),
            no_undo=self.no_undo,
            own=self.own,
            undo_guards=tuple(Guard(**g) for g in self.undo_guards),
        )


def new_run_id() -> str:
    """An id for a run: the time in UTC and four random hex digits."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M}-{secrets.token_hex(2)}"


def run_by() -> str:
    """Who a run is by: RUN_BY in the environment, for those who run it for another, or the user."""
    try:
        return os.environ.get("RUN_BY") or getpass.getuser()
    except (KeyError, OSError):
        # A container's user may have a number and no name.
        return str(os.getuid())


def encode(statement: Statement) -> dict[str, Any]:
    """A statement as JSON, without what is as by default, and without its secret."""
    found: dict[str, Any] = {}
    for name, usual in _USUAL.items():
        value = getattr(statement, name)
        if name == "sql" or value != usual:
            found[name] = value
    if statement.fill is not None:
        found["fill"] = asdict(statement.fill)
    if statement.table is not None:
        found["table"] = words(statement.table)
    return found


# Of what a statement says, all but its secret.
_USUAL = {
    field.name: getattr(Statement(""), field.name)
    for field in fields(Statement)
    if field.name != "secret"
}


def decode(data: Mapping[str, Any]) -> Statement:
    """The statement that `encode` wrote."""
    table = data.get("table")
    fill = data.get("fill")
    rest = {k: v for k, v in data.items() if k not in ("table", "fill")}
    return Statement(
        table=None if table is None else ObjectId(*table),
        fill=None if fill is None else Fill(**fill),
        **rest,
    )


def words(id: ObjectId) -> list[str]:
    """An id as JSON holds it."""
    return [id.kind, id.schema, id.name, id.parent, id.target]
