"""Statements as data, the steps that they make, and the plan of the steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from weedgo.staged.model.objects import Change, ObjectId, Stage


@dataclass(frozen=True, slots=True)
class Fill:
    """Values for the rows that a table holds already, written in batches.

    Args:
        assignment: what UPDATE … SET takes.
        missing: the condition of the rows that still lack the value.
        subject: what is filled, as the journal keeps it: a column's path.
        value: the expression of the values, by which a run knows its own work again.
        path: the search_path of the expressions.
        silent: the table's own triggers do not fire, where the role may have it so.
    """

    assignment: str
    missing: str
    subject: str
    value: str
    path: str
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement as data.

    Args:
        sql: the text, without a closing semicolon.
        lock: the table lock that it takes on ``table``, as PostgreSQL names it; empty for none.
        table: the existing table that it locks; None where nobody else can be using it.
        scans: it reads the whole table while it holds the lock.
        rewrites: it rewrites the whole table while it holds the lock.
        transactional: False for statements that PostgreSQL refuses inside a transaction.
        phase: statements of one phase share one transaction; phases commit one after another.
        late: comes after all others of its phase.
        secret: what is sent instead of ``sql`` because it holds a password; shown nowhere.
        fill: it is not sent as it is, but in batches, each a transaction of its own.
    """

    sql: str
    lock: str = ""
    table: ObjectId | None = None
    scans: bool = False
    rewrites: bool = False
    transactional: bool = True
    phase: int = 0
    late: bool = False
    secret: str = field(default="", repr=False, compare=False)
    fill: Fill | None = None

    @property
    def sent(self) -> str:
        """The text that goes to the server."""
        return self.secret or self.sql


@dataclass(frozen=True, slots=True)
class Guard:
    """A question to the target before a step, without locks: a count above zero refuses it."""

    query: str
    message: str
    remedy: str
    sqlstate: str = ""
    """What PostgreSQL would have said, had the step been tried."""
    beforehand: bool = False
    """Of an undo: asked when the plan is made, of the rows as they stand then."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind answers when asked to create, alter or drop: statements and their conditions.

    Args:
        statements: in order.
        rebuild: objects of the state before that must be taken away first and put back after.
        replace: the object cannot be altered: drop and create it, with all that hangs on it.
        guards: refuse the step when any of these counts rows.
        hazards: what the user should know before agreeing.
        refusal: why this cannot be done at all; no statement runs.
        no_undo: why what this does cannot be taken back.
        needs: objects of the state after that must stand before, beyond those of the catalog.
    """

    statements: tuple[Statement, ...] = ()
    rebuild: frozenset[ObjectId] = frozenset()
    replace: bool = False
    guards: tuple[Guard, ...] = ()
    hazards: tuple[str, ...] = ()
    refusal: str = ""
    no_undo: str = ""
    needs: frozenset[ObjectId] = frozenset()

    def after(self, other: Work) -> Work:
        """The same, in phases that follow another's."""
        last = max((s.phase for s in other.statements), default=0)
        return replace(
            self, statements=tuple(replace(s, phase=s.phase + last) for s in self.statements)
        )

    def then(self, other: Work) -> Work:
        """Both, one after the other."""
        return Work(
            self.statements + other.statements,
            self.rebuild | other.rebuild,
            self.replace or other.replace,
            self.guards + other.guards,
            self.hazards + other.hazards,
            self.refusal or other.refusal,
            self.no_undo or other.no_undo,
            self.needs | other.needs,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """The unit that commits on its own: one object, or a group that must change together.

    The first ``own`` of its changes are what it is there for; the others follow from them (the
    columns of a new table, the indexes of a dropped one).
    """

    id: str
    changes: tuple[Change, ...]
    statements: tuple[Statement, ...]
    undo: tuple[Statement, ...]
    home: Stage
    stage: Stage
    needs: tuple[str, ...] = ()
    because: str = ""
    guards: tuple[Guard, ...] = ()
    hazards: tuple[str, ...] = ()
    refusal: str = ""
    no_undo: str = ""
    rebuilt: tuple[ObjectId, ...] = ()
    own: int = 1
    consent: str = ""
    """What it asks the user's leave for: a large table rewritten or read under a lock."""
    undo_guards: tuple[Guard, ...] = ()

    @property
    def main(self) -> Change:
        """The change that the step is named for."""
        return self.changes[0]

    @property
    def counted(self) -> tuple[Change, ...]:
        """What reports count as objects: facts count only where they are all of the step."""
        own = self.changes[: self.own]
        return tuple(c for c in own if not c.id.target) or own[:1]

    @property
    def transactional(self) -> bool:
        """Whether all of it is one transaction."""
        return all(s.transactional and s.phase == 0 for s in self.statements)

    @property
    def locks(self) -> tuple[tuple[str, str], ...]:
        """Pairs of table path and lock, in the order taken."""
        pairs = [(s.table.path, s.lock) for s in self.statements if s.table and s.lock]
        return tuple(dict.fromkeys(pairs))

    def at(self, stage: Stage, because: str, needs: Iterable[str]) -> Step:
        """The same step in another stage."""
        return replace(self, stage=stage, because=because, needs=tuple(needs))


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order in which they run."""

    source_fingerprint: str
    target_fingerprint: str
    steps: tuple[Step, ...]
    kept: tuple[ObjectId, ...] = ()

    def stage(self, stage: Stage) -> tuple[Step, ...]:
        """The steps that run in a stage."""
        return tuple(s for s in self.steps if s.stage == stage)
