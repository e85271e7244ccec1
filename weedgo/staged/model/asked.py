"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from weedgo.staged.model.objects import Stage


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


TIMEOUTS: Mapping[str, float] = {"catalog": 30.0, "scan": 0.0, "build": 0.0, "batch": 0.0}
"""How long one statement may run if nothing else is asked for, in seconds, by its class.

``catalog``: it locks a table in use and does but a moment's work; ``scan``: it reads or rewrites a
table, or nobody is held up by it; ``build``: outside transactions, as concurrent builds are;
``batch``: a part of a backfill. 0 is for any time.
"""


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
        statement_timeout: bound of one statement; 0 for none, None for those of `TIMEOUTS`.
        statement_timeouts: the same for some classes of `TIMEOUTS`.
        wait_timeout: bound of all waiting for locks and old transactions by one step.
        retries: attempts after the first when a lock was not to be had.
        backfills: by the path of a column (``schema.table.column``) the SQL expression of the
            values that rows get which lack one.
        allow_rewrite: whether steps may rewrite or read a large table under a lock.
        rewrite_limit: bytes above which a table is large.
        jobs: connections on which indexes and constraints of different tables are built and
            validated side by side.
        scratch_url: server on which scratch databases are made; empty for the target's.
        follows: the run before, of the same job, that is taken back together with this one.
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
    statement_timeout: float | None = None
    statement_timeouts: Mapping[str, float] = field(default_factory=dict)
    wait_timeout: float = 300.0
    retries: int = 30
    backfills: Mapping[str, str] = field(default_factory=dict)
    allow_rewrite: bool = False
    rewrite_limit: int = 16 * 1024 * 1024
    jobs: int = 1
    scratch_url: str = ""
    follows: str = ""
    tool_folders: tuple[str, ...] = ()

    def timeout(self, what: str) -> float:
        """The bound of one statement of a class of `TIMEOUTS`, in seconds; 0 for none."""
        general = TIMEOUTS[what] if self.statement_timeout is None else self.statement_timeout
        return self.statement_timeouts.get(what, general)
