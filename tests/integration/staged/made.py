"""Steps and runs built by hand, for the modules that touch a connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from weedgo.staged.apply import apply
from weedgo.staged.journal import Journal, new_run_id
from weedgo.staged.lease import Target, hold
from weedgo.staged.model import (
    Action,
    Change,
    Event,
    ObjectId,
    Options,
    Plan,
    Result,
    Stage,
    Statement,
    Step,
)

ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"
IMPATIENT = Options(lock_timeout=0.05, retries=2, wait_timeout=60.0)
PATIENT = Options(lock_timeout=0.5, retries=1000, wait_timeout=300.0)


def table(name: str) -> ObjectId:
    """A table of the schema public."""
    return ObjectId("table", "public", name)


def on(name: str, sql: str, lock: str = ACCESS_EXCLUSIVE, **more: Any) -> Statement:
    """A statement that locks an existing table."""
    return Statement(sql, lock, table(name), **more)


def step(
    id: ObjectId,
    *statements: Statement | str,
    undo: tuple[str | Statement, ...] = (),
    stage: Stage = Stage.TABLES,
    needs: tuple[Step, ...] = (),
    **more: Any,
) -> Step:
    """A step that makes one object."""
    return Step(
        id=str(id),
        changes=(Change(id, Action.CREATE, None, None),),
        statements=tuple(_statement(s) for s in statements),
        undo=tuple(_statement(s) for s in undo),
        home=stage,
        stage=stage,
        needs=tuple(s.id for s in needs),
        **more,
    )


def _statement(given: Statement | str) -> Statement:
    return Statement(given) if isinstance(given, str) else given


def new_table(name: str, **more: Any) -> Step:
    """A step that makes a table of one column."""
    return step(
        table(name),
        f"CREATE TABLE public.{name} (id integer)",
        undo=(f"DROP TABLE public.{name}",),
        **more,
    )


def new_column(parent: str, name: str, **more: Any) -> Step:
    """A step that adds a column to an existing table."""
    return step(
        ObjectId("column", "public", name, parent),
        on(parent, f"ALTER TABLE public.{parent} ADD COLUMN {name} integer"),
        undo=(on(parent, f"ALTER TABLE public.{parent} DROP COLUMN {name}"),),
        stage=Stage.COLUMNS,
        **more,
    )


def new_index(parent: str, column: str, *, unique: bool = False, **more: Any) -> Step:
    """A step that builds an index of an existing table concurrently."""
    name = f"{parent}_{column}_index"
    kind = "UNIQUE INDEX" if unique else "INDEX"
    sql = f"CREATE {kind} CONCURRENTLY {name} ON public.{parent} USING btree ({column})"
    return step(
        ObjectId("index", "public", name, parent),
        on(parent, sql, "SHARE UPDATE EXCLUSIVE", transactional=False),
        undo=(
            on(
                parent,
                f"DROP INDEX CONCURRENTLY public.{name}",
                "SHARE UPDATE EXCLUSIVE",
                transactional=False,
            ),
        ),
        stage=Stage.INDEXES,
        **more,
    )


@dataclass
class Heard:
    """A listener that keeps what it is told, and does what it is asked at an event."""

    events: list[Event] = field(default_factory=list)
    then: Callable[[Event], None] = lambda event: None

    def __call__(self, event: Event) -> None:
        """Hear an event."""
        self.events.append(event)
        self.then(event)

    def texts(self, what: str) -> list[str]:
        """The texts of all events of a sort."""
        return [e.text for e in self.events if e.what == what]


@contextmanager
def started(
    url: str, *steps: Step, options: Options = PATIENT, continues: str | None = None
) -> Iterator[tuple[Target, Journal, Plan]]:
    """A run that holds the target and has recorded its plan."""
    plan = Plan("source", "target", steps)
    with hold(url, new_run_id()) as target:
        journal = Journal(target.control)
        journal.ensure()
        journal.start(
            target.run, source=url, target=url, plan=plan, options=options, continues=continues
        )
        yield target, journal, plan


def run(
    url: str,
    *steps: Step,
    options: Options = PATIENT,
    listen: Callable[[Event], None] | None = None,
    continues: str | None = None,
) -> dict[str, Result]:
    """Apply steps in a run of their own; results by the name of the step's object."""
    with started(url, *steps, options=options, continues=continues) as (target, journal, plan):
        results = apply(plan, target, journal, options, listen or Heard())
        journal.conn = target.control
        ended = {r.status.value for r in results}
        journal.finish("equal" if ended <= {"done"} else "incomplete")
    return {r.step.main.id.name: r for r in results}


def ask(url: str, query: str, *args: Any) -> Any:
    """The first column of the first row of a query."""
    with psycopg.connect(url, autocommit=True) as conn:
        row = conn.execute(query.encode(), args).fetchone()
    return row[0] if row else None


def do(url: str, *statements: str) -> None:
    """Run statements, each on its own."""
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement.encode())


def invalid_indexes(url: str) -> int:
    """How many indexes of a database are invalid."""
    return int(ask(url, "SELECT count(*) FROM pg_index WHERE NOT indisvalid OR NOT indisready"))


def journalled(url: str) -> dict[str, str]:
    """The status of each step in the journal's last run, by the name of its object."""
    with psycopg.connect(url, autocommit=True) as conn:
        journal = Journal(conn)
        last = journal.last()
        assert last is not None
        return {s.name: s.status for s in journal.steps(last.id)}


def with_timeout(options: Options, seconds: float) -> Options:
    """Options with a statement timeout."""
    return replace(options, statement_timeout=seconds)
