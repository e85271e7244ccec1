"""Core types of the staged migration engine: plain data, no I/O.

Two catalogs are read, compared into changes, planned into steps, applied into results. Every
type here is a value: frozen, comparable, printable, and free of any connection.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from functools import cached_property, partial
from typing import Any, NamedTuple


class StagedError(Exception):
    """What went wrong, where, and what the user can do; printed as one line, exit status 2."""


class Stage(IntEnum):
    """The earliest moment at which a step may run; see the stage table in the docs."""

    PREREQUISITES = 0
    SEQUENCES = 1
    TABLES = 2
    COLUMNS = 3
    VIEWS = 4
    FUNCTIONS = 5
    TRIGGERS = 6
    INDEXES = 7
    CONSTRAINTS = 8
    ACCESS = 9
    RETIRE = 10

    @property
    def file(self) -> str:
        """Name of the SQL file that holds the stage's steps."""
        return f"stage{self.value}_{self.name.lower()}.sql"


class Action(StrEnum):
    """What a change does to its object."""

    CREATE = "create"
    ALTER = "alter"
    REPLACE = "replace"
    DROP = "drop"
    RETIRE = "retire"
    RENAME = "rename"


class Status(StrEnum):
    """Where a step stands."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    WAITING = "waiting"
    REFUSED = "refused"
    SKIPPED = "skipped"
    UNDONE = "undone"


class ObjectId(NamedTuple):
    """The one key of an object, for comparing, journal, options and reports.

    ``schema`` is empty for objects outside schemas; ``name`` of a routine holds its argument
    types; ``parent`` is the relation that owns a column, constraint, trigger, rule or policy.
    Facts about another object (comment, owner, privileges, default) repeat that object's
    schema, name and parent, and ``target`` holds its kind.
    """

    kind: str
    schema: str
    name: str
    parent: str = ""
    target: str = ""

    @property
    def of(self) -> ObjectId:
        """The object that this fact is about (itself, unless it is such a fact)."""
        return ObjectId(self.target, self.schema, self.name, self.parent) if self.target else self

    @property
    def path(self) -> str:
        """Dotted name for people: ``public.orders.status``."""
        return ".".join(part for part in (self.schema, self.parent, self.name) if part)

    def __str__(self) -> str:
        kind = self.kind.replace("_", " ")
        return f"{kind} of {self.target} {self.path}" if self.target else f"{kind} {self.path}"


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a catalog.

    ``attrs`` is everything that is compared. ``info`` is what is known beside it (size,
    position, rows): never compared.
    """

    id: ObjectId
    attrs: Mapping[str, Any]
    info: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __getitem__(self, key: str) -> Any:
        return self.attrs[key]

    @property
    def relation(self) -> str:
        """The relation that the object belongs to; empty where it stands on its own."""
        return self.id.parent or str(self.attrs.get("table") or "")

    def get(self, key: str, default: Any = None) -> Any:
        """The attribute, else what is known beside it, else the default."""
        return self.attrs.get(key, self.info.get(key, default))


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """An object of a kind that the engine does not handle: counted and named, never ignored."""

    kind: str
    path: str


@dataclass(frozen=True)
class Catalog:
    """A database's schema as read in one snapshot.

    ``needs`` says for each object which others must stand before it; ``relate`` works that out when
    it is first asked for, as a mere comparison never does.
    """

    objects: Mapping[ObjectId, Object]
    server_version: int
    relate: Callable[[], Mapping[ObjectId, frozenset[ObjectId]]] = dict
    unmodelled: tuple[Unmodelled, ...] = ()
    user: str = ""
    roles: frozenset[str] = frozenset()
    locate: Callable[[], Mapping[tuple[int, int, int], ObjectId]] = dict
    """Works out the objects by their addresses: catalog, oid and part."""
    retired: frozenset[str] = frozenset()
    """Names that retired objects have taken, read where something is to be retired."""

    def __getstate__(self) -> dict[str, Any]:
        """All of it, worked out: a catalog that is kept outlives what it was read by."""
        known: dict[str, Any] = {
            "relate": partial(dict, self.needs), "locate": partial(dict, self.locate()),
        }  # fmt: skip
        return {**self.__dict__, **known}

    def __contains__(self, id: object) -> bool:
        return id in self.objects

    def __iter__(self) -> Iterator[Object]:
        return iter(self.objects.values())

    def get(self, id: ObjectId) -> Object | None:
        """The object of that id, or None."""
        return self.objects.get(id)

    def needed(self, id: ObjectId) -> frozenset[ObjectId]:
        """What an object needs directly."""
        return self.needs.get(id, frozenset())

    @property
    def major(self) -> int:
        """Major server version, such as 17."""
        return self.server_version // 10000

    @cached_property
    def needs(self) -> Mapping[ObjectId, frozenset[ObjectId]]:
        """For each object those that must stand before it."""
        return self.relate()

    @cached_property
    def fingerprint(self) -> str:
        """A digest of what is compared: equal catalogs have equal digests, in any order."""
        digest = hashlib.sha256()
        for id in sorted(self.objects):
            attrs = json.dumps(self.objects[id].attrs, sort_keys=True, default=str)
            digest.update(f"{tuple(id)!r}{attrs}\n".encode())
        return digest.hexdigest()

    @cached_property
    def dependents(self) -> Mapping[ObjectId, frozenset[ObjectId]]:
        """For each object those that need it directly."""
        found: dict[ObjectId, set[ObjectId]] = {}
        for id, needs in self.needs.items():
            for need in needs:
                found.setdefault(need, set()).add(id)
        return {id: frozenset(ids) for id, ids in found.items()}

    @cached_property
    def families(self) -> Mapping[ObjectId, list[ObjectId]]:
        """For each table its partitions and those that inherit it, in order."""
        found: dict[ObjectId, list[ObjectId]] = {}
        for id in sorted(id for id in self.objects if id.kind == "table"):
            for schema, parent in self.objects[id].info.get("ancestors") or ():
                found.setdefault(ObjectId("table", schema, parent), []).append(id)
        return found

    @cached_property
    def members(self) -> Mapping[tuple[str, str, str], list[Object]]:
        """Objects that belong to a relation, in order, by kind, schema and relation."""
        found: dict[tuple[str, str, str], list[Object]] = {}
        for obj in self:
            if relation := obj.relation:
                found.setdefault((obj.id.kind, obj.id.schema, relation), []).append(obj)
        for siblings in found.values():
            siblings.sort(key=lambda o: (o.info.get("position", 0), o.id))
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs: only in the source, only in the target, or unlike in both."""

    id: ObjectId
    action: Action
    before: Object | None
    after: Object | None
    aside: bool = False
    """What leaves is retired, with what it holds, and what comes is brought back."""

    def inverse(self) -> Change:
        """The change that takes this one back."""
        swapped = {Action.CREATE: Action.DROP, Action.DROP: Action.CREATE}
        action = swapped.get(self.action, self.action)
        return Change(self.id, action, self.after, self.before, self.aside)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes that differ (of an alteration)."""
        if self.before is None or self.after is None:
            return ()
        names = self.before.attrs.keys() | self.after.attrs.keys()
        a, b = self.before.attrs, self.after.attrs
        return tuple(sorted(n for n in names if a.get(n) != b.get(n)))


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


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a step."""

    step: Step
    status: Status
    attempts: int = 0
    elapsed: float = 0.0
    sqlstate: str = ""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of a verification: what was asked, whether it holds, and why not."""

    check: str
    subject: str
    holds: bool
    detail: str = ""


@dataclass(frozen=True)
class Difference:
    """What two catalogs do not share."""

    changes: tuple[Change, ...]
    equal: int
    kept: tuple[Object, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    unverified: tuple[ObjectId, ...] = ()


class DropMode(StrEnum):
    """What becomes of objects that only the target has."""

    KEEP = "keep"
    RETIRE = "retire"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Rename:
    """That an object of the target is one of the source under another name.

    Args:
        section: of the file: ``tables``, ``columns`` …
        old: path in the target: schema, relation and name, as far as the section has them.
        new: path in the source, or the name alone.
        origin: the file that says so.
    """

    section: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    origin: str = ""

    def __str__(self) -> str:
        return f"{self.origin}: {self.section} {'.'.join(self.old)} = {'.'.join(self.new)}"


@dataclass(frozen=True)
class Options:
    """What a run is asked to do; times in seconds.

    Args:
        schemas, excludes: object patterns (``schema``, ``schema.name``, with ``*``).
        owners, privileges: whether owners and grants are compared.
        role_map: names of the source's roles in the target.
        stages: only steps whose actual stage is in it.
        drop: what becomes of what only the target has.
        renames: what is a rename and not a drop and an add.
        lock_timeout: how long a statement that locks an existing table may queue for the lock.
        statement_timeout: bound of one statement; 0 for none.
        wait_timeout: bound of all waiting for locks and old transactions by one step.
        retries: attempts after the first when a lock was not to be had.
        backfills: by the path of a column (``schema.table.column``) the SQL expression of the
            values that rows get which lack one.
        allow_rewrite: whether steps may rewrite or read a large table under a lock.
        rewrite_limit: bytes above which a table is large.
        scratch_url: server on which scratch databases are made; empty for the target's.
        tool_folders: where pg_dump and psql are looked for first.
    """

    schemas: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    owners: bool = True
    privileges: bool = True
    role_map: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[Stage, ...] = tuple(Stage)
    drop: DropMode = DropMode.KEEP
    renames: tuple[Rename, ...] = ()
    lock_timeout: float = 2.0
    statement_timeout: float = 0.0
    wait_timeout: float = 300.0
    retries: int = 30
    backfills: Mapping[str, str] = field(default_factory=dict)
    allow_rewrite: bool = False
    rewrite_limit: int = 16 * 1024 * 1024
    scratch_url: str = ""
    tool_folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tally:
    """How many objects of one kind a run planned and where they ended."""

    planned: int = 0
    done: int = 0
    failed: int = 0
    waiting: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class Parity:
    """What a fresh comparison of both catalogs says after the run."""

    equal: int
    different: tuple[Change, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    unverified: tuple[ObjectId, ...] = ()

    @property
    def percent(self) -> float:
        """Share of the source's objects that the target has alike, 0 to 100."""
        total = self.equal + len(self.different) + len(self.unmodelled)
        return 100.0 if not total else 100.0 * self.equal / total


@dataclass(frozen=True)
class Report:
    """All that is to be told of a run.

    ``status`` is one of equal, incomplete, refused, planned, error; ``counts`` is keyed by the
    kinds' labels (sequences, tables, columns, …), in the order of the stages.
    """

    run: str
    status: str
    source: str
    target: str
    counts: Mapping[str, Tally]
    results: tuple[Result, ...]
    parity: Parity | None
    seconds: float
    plan: Plan | None = None
    message: str = ""
    files: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exit(self) -> int:
        """Exit status of the command: 0 done, 1 something asked for is not done, 2 error."""
        return {"equal": 0, "planned": 0, "incomplete": 1, "refused": 1}.get(self.status, 2)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens during a run, for whoever shows progress.

    ``what`` is one of: phase (a part of the run begins; ``text`` names it), planned (the plan is
    known), step (a step begins), progress (how far the step is), blocked (a lock is waited for;
    ``text`` names the sessions), result (a step ended).
    """

    what: str
    text: str = ""
    plan: Plan | None = None
    step: Step | None = None
    result: Result | None = None
