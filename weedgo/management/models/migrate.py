"""Bringing a target to the models: the engine's runs, and what only Django can do between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from weedgo.management.models import standing
from weedgo.management.models.template import PUBLIC, Name
from weedgo.management.models.way import Goal, Leg, Way
from weedgo.staged import figures
from weedgo.staged import run as engine
from weedgo.staged.lease import hold
from weedgo.staged.model import Event, Options, Plan, Report, Stage, StagedError, Status
from weedgo.staged.records import new_run_id

Listen = Callable[[Event], None]
BY_DJANGO = "migrations_run_by_django"
ISOLATION = "isolation"


def plan(way: Way, target: str, options: Options, **more: Any) -> Report:
    """What a migration would do; nothing is changed.

    Where Django has to run migrations on the way, the plan leads to the schema that the first of
    them expects; they are named, as what comes after depends on them.

    Args:
        way: of the target.
        target, options, more: as for `weedgo.staged.plan`.

    Raises:
        StagedError: as there.
    """
    planned = engine.plan(next(way.legs()).declared, target, options, **more)
    if not way.told:
        return planned
    facts = {**planned.facts, BY_DJANGO: list(way.told)}
    after = f"then Django runs {'; '.join(way.told)}, and the rest is planned from there"
    message = "; ".join(filter(None, (planned.message, after)))
    return replace(planned, facts=facts, message=message)


def migrate(  # noqa: PLR0913 - the whole of what a run can be asked for
    way: Way,
    target: str,
    options: Options,
    *,
    run: str,
    output: Path | None,
    backup: bool,
    expected: Path | None,
    listen: Listen,
) -> Report:
    """Bring a target to the models, and record the migrations as applied where all of it is there.

    Args:
        way: of the target.
        target: its URL.
        options: what is asked for; a part of the schema is compared, but nothing recorded.
        run: the run's id.
        output: folder of the files; a leg before the last has a folder of its own in it.
        backup, expected, listen: as for `weedgo.staged.migrate`.

    Raises:
        StagedError: nothing was changed.
    """
    if expected is not None and way.told:
        raise StagedError(
            "--apply cannot run migrations of Django's, which this plan needs "
            f"({'; '.join(way.told)}); run without --apply"
        )
    standing.make_roles(target)
    walk = _Walk(target, options, output, backup, expected, listen)
    if _partial(options):
        walk.go(Leg(way.planned), run)
        return walk.report
    for number, leg in enumerate(way.legs(walk.broken)):
        walk.go(leg, run if not number else new_run_id())
        if PUBLIC in walk.broken:
            break
    else:
        walk.record(way.goals)
    walk.isolate()
    return walk.report


def _partial(options: Options) -> bool:
    return bool(options.schemas or options.excludes) or set(options.stages) != set(Stage)


@dataclass
class _Walk:
    """A way as it is gone.

    ``broken`` are the schemas that could not be brought to the end of a leg.
    """

    target: str
    options: Options
    output: Path | None
    backup: bool
    expected: Path | None
    listen: Listen
    broken: set[str] = field(default_factory=set)
    _reports: list[Report] = field(default_factory=list)
    _errors: list[str] = field(default_factory=list)
    _done: list[str] = field(default_factory=list)
    _off: str = ""

    def go(self, leg: Leg, id: str) -> None:
        """Migrate to the end of a leg, then have Django run what is to be run there."""
        output = self.output
        if output is not None and leg.then:
            output = output / f"before {'.'.join(leg.then[0][1].migration)}"
        found = engine.migrate(
            leg.declared, self.target, self.options, run=id, output=output,
            backup=self.backup and not self._reports, expected=self.expected, listen=self.listen,
        )  # fmt: skip
        self._reports.append(found)
        self.broken |= _broken(found)
        for goal, cut in leg.then:
            if goal.schema not in self.broken and PUBLIC not in self.broken:
                self._run(goal, cut.migration, str(cut))

    @property
    def _run_id(self) -> str:
        """The run of the engine that came last."""
        return self._reports[-1].run

    def _run(self, goal: Goal, name: Name, said: str) -> None:
        self.listen(Event("phase", f"Django runs {said} in {goal.schema}"))
        before = goal.template.migrations[: goal.template.migrations.index(name)]
        try:
            with hold(self.target, new_run_id()):
                standing.record(self.target, goal.schema, before, signal=False, run=self._run_id)
                standing.run_migration(self.target, goal.schema, name, self.options)
                standing.note_migration(
                    self.target, goal.schema, name, self._run_id, new=not goal.applied
                )
            self._done.append(f"{said} in {goal.schema}")
        except StagedError as error:
            self.broken.add(goal.schema)
            self._errors.append(str(error))

    def record(self, goals: Iterable[Goal]) -> None:
        """Record all migrations of the schemas that are as the models want them."""
        for goal in goals:
            if goal.schema not in self.broken and set(goal.template.migrations) - goal.applied:
                standing.record(
                    self.target, goal.schema, goal.template.migrations,
                    signal=True, run=self._run_id,
                )  # fmt: skip

    def isolate(self) -> None:
        """Give the roles of tenants their rights to what is new."""
        if PUBLIC not in self.broken and (off := standing.isolate(self.target)):
            self._off = f"tenants are not isolated: {off} (docs/concepts/isolation.md)"

    @property
    def report(self) -> Report:
        """What came of all legs, as one report."""
        last = self._reports[-1]
        plans = [r.plan for r in self._reports if r.plan]
        results = tuple(result for r in self._reports for result in r.results)
        facts = {key: value for r in self._reports for key, value in r.facts.items()}
        if self._off:
            facts[ISOLATION] = self._off
        if self._done:
            facts[BY_DJANGO] = self._done
        first = plans[0] if plans else Plan("", "", ())
        status = next((r.status for r in self._reports if r.exit), last.status)
        return replace(
            last,
            run=self._reports[0].run,
            status="incomplete" if self._errors else status,
            message="; ".join(filter(None, [*self._errors, last.message])),
            counts=figures.tallies(results),
            results=results,
            seconds=sum(r.seconds for r in self._reports),
            plan=replace(first, steps=tuple(s for p in plans for s in p.steps)),
            files=tuple(dict.fromkeys(f for r in self._reports for f in r.files)),
            facts=facts,
        )


def _broken(report: Report) -> set[str]:
    """The schemas in which something is not as it was wanted."""
    ids = [
        c.id
        for r in report.results
        if r.status not in (Status.DONE, Status.SKIPPED)
        for c in r.step.changes
    ]
    ids += [c.id for c in report.parity.different] if report.parity else []
    return {id.schema or id.name if id.kind == "schema" else id.schema or PUBLIC for id in ids}
