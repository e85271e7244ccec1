"""Rollback: the undo of a journalled run's steps, backwards, each committed on its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from weedgo.staged import consent, transact
from weedgo.staged.apply import Course, carried_out
from weedgo.staged.journal import Journal
from weedgo.staged.lease import Target
from weedgo.staged.model import (
    ObjectId,
    Options,
    Result,
    Stage,
    StagedError,
    Status,
    Step,
)
from weedgo.staged.records import RunRecord, StepRecord
from weedgo.staged.sizes import of_tables
from weedgo.staged.watch import Listen


@dataclass(frozen=True, slots=True)
class Way:
    """The way back from a run.

    Args:
        runs: the run and the unfinished ones that it carried on, the newest first.
        steps: the undo steps in the order in which they run.
        records: what the journal has of each, by the undo step's id.
    """

    runs: tuple[RunRecord, ...]
    steps: tuple[Step, ...]
    records: dict[str, StepRecord]


def rollback(
    target: Target,
    journal: Journal,
    options: Options,
    listen: Listen,
    *,
    run: str = "",
    stages: Iterable[Stage] = tuple(Stage),
    objects: Sequence[str] = (),
) -> tuple[Result, ...]:
    """Undo a run's done steps, and those of the unfinished runs that it carried on.

    Args:
        target: held for the rollback.
        journal: the target's.
        options: timeouts and retries.
        listen: told when a step begins, is blocked, and ends.
        run: its id; by default the newest that did something.
        stages: only steps that ran in these; one that a later stage still needs is refused.
        objects: only steps of objects that these patterns match.

    Returns:
        A result for each step to be undone; status ``undone`` where it was.

    Raises:
        StagedError: no such run, nothing to undo, or a later run has to be undone first.
    """
    way = asking(way_back(journal, run=run, stages=stages, objects=objects), target, options)
    back = UndoJournal(journal, way)
    back.begin()
    results = carried_out(
        Course(way.steps, target, back, replace(options, stages=tuple(Stage)), listen)
    )
    journal.conn = target.control
    for record in way.runs:
        left = journal.steps(record.id, Status.DONE.value)
        journal.finish("incomplete" if left else "undone", record.id)
    return tuple(
        replace(r, status=Status.UNDONE) if r.status is Status.DONE else r for r in results
    )


def way_back(
    journal: Journal,
    *,
    run: str = "",
    stages: Iterable[Stage] = tuple(Stage),
    objects: Sequence[str] = (),
) -> Way:
    """What a rollback would do; see `rollback` for the arguments and errors."""
    runs = _chain(journal, run)
    wanted = set(stages)
    done = [s for r in runs for s in reversed(journal.steps(r.id, Status.DONE.value))]
    chosen = [s for s in done if Stage(s.stage) in wanted]
    if not chosen:
        raise StagedError(f"run {runs[0].id} has no step to undo in the stages asked for")
    for pattern in objects:
        if not any(_matches(s, [pattern]) for s in chosen):
            raise StagedError(f"run {runs[0].id} has no step to undo that {pattern!r} matches")
    if objects:
        chosen = [s for s in chosen if _matches(s, objects)]
    records = {_key(s): s for s in chosen}
    users: dict[str, list[StepRecord]] = {}
    for record in done:
        for need in record.needs:
            users.setdefault(f"{record.run}/{need}", []).append(record)
    steps = [_undo(s, users.get(key, ()), records) for key, s in records.items()]
    return Way(tuple(runs), tuple(steps), records)


def asking(way: Way, target: Target, options: Options) -> Way:
    """The way with what its steps need the user's leave for: large tables rewritten under a lock.

    Args:
        way: back.
        target: held; its tables are as large as they are now.
        options: whether there is leave, and above which size a table is large.
    """
    if options.allow_rewrite or not any(
        s.rewrites or s.scans for w in way.steps for s in w.statements
    ):
        return way
    known, kin = of_tables(target.control), transact.families(target.control)

    def size(table: ObjectId) -> int:
        family = [(table.schema, table.name), *kin.get((table.schema, table.name), ())]
        return sum(known.get(".".join(names), 0) for names in family)

    steps = tuple(
        replace(s, consent=consent.asked(s.main.id, s.statements, size, options.rewrite_limit))
        for s in way.steps
    )
    return replace(way, steps=steps)


def _matches(record: StepRecord, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, p) for name in record.names() for p in patterns)


def _chain(journal: Journal, run: str) -> list[RunRecord]:
    """The run, those that carried it on, newest first, and those that it carried on itself."""
    known = {r.id: r for r in journal.runs()}
    if not known:
        raise StagedError("the target has no journal of a run; there is nothing to undo")
    if run and run not in known:
        raise StagedError(f"the journal has no run {run}; it has {', '.join(list(known)[-5:])}")
    active = [r for r in known if journal.steps(r, Status.DONE.value)]
    if not active:
        raise StagedError("no run in the journal has a step left to undo")
    start = run or active[-1]
    while newer := [r.id for r in known.values() if r.continues == start]:
        start = newer[-1]
    chain = [known[start]]
    while (before := chain[-1].continues) and before in known:
        chain.append(known[before])
    order = list(known)
    later = [r for r in active if order.index(r) > order.index(start)]
    if later:
        raise StagedError(
            f"run {later[-1]} came after run {start} and is not undone; roll it back first"
        )
    return chain


def _key(record: StepRecord) -> str:
    return f"{record.run}/{record.id}"


def _undo(record: StepRecord, users: Sequence[StepRecord], chosen: Collection[str]) -> Step:
    """The step that takes a done step back; it needs the undo of all that needs it.

    Args:
        record: of the step.
        users: done steps that need it.
        chosen: the keys of all that are undone.
    """
    forward = record.step()
    staying = [s for s in users if _key(s) not in chosen]
    refusal = forward.no_undo and f"cannot be undone: {forward.no_undo}"
    if staying:
        stages = sorted({s.stage for s in staying})
        named = ", ".join(str(s.object) for s in staying[:3])
        what = "that" if record.stage in stages else "that stage"
        refusal = (
            f"stage {', '.join(map(str, stages))} still needs it ({named}); roll {what} back first"
        )
    return replace(
        forward,
        id=_key(record),
        statements=forward.undo,
        undo=(),
        needs=tuple(key for key in map(_key, users) if key in chosen),
        guards=tuple(g for g in forward.undo_guards if not g.beforehand),
        # Those were the way there's.
        hazards=(),
        because="",
        refusal=refusal,
    )


class UndoJournal(Journal):
    """Writes what a rollback does to the rows of the steps that it undoes.

    Args:
        journal: the target's.
        way: what is undone.
    """

    def __init__(self, journal: Journal, way: Way) -> None:
        super().__init__(journal.conn)
        self._rows = {id: (r.run, r.seq) for id, r in way.records.items()}

    def begin(self) -> None:
        """Forget how far the steps had come forwards; what is counted now is the way back."""
        runs, numbers = zip(*self._rows.values(), strict=True)
        self.conn.execute(
            "UPDATE weedgo_migration.step SET phases = 0 WHERE (run, seq) IN"
            " (SELECT * FROM unnest(%s::text[], %s::integer[]))",
            [list(runs), list(numbers)],
        )

    def place(self, step: Step) -> tuple[str, int]:
        """Run and number of the step's row."""
        return self._rows[step.id]

    done = Status.UNDONE.value

    def failure(self, result: Result) -> str:
        """A step whose undo failed is still done."""
        return Status.UNDONE.value if result.status is Status.DONE else Status.DONE.value
