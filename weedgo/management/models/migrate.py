"""Bringing a target to the models: the engine's runs, and what only Django can do between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from weedgo.management.models import fleet, standing
from weedgo.management.models.template import Name
from weedgo.management.models.way import MANY, Goal, Leg, Way
from weedgo.project import PUBLIC
from weedgo.staged import figures, report
from weedgo.staged import run as engine
from weedgo.staged.lease import hold
from weedgo.staged.model import DropMode, Event, Options, Plan, Report, Stage, StagedError, Status
from weedgo.staged.records import new_run_id

Listen = Callable[[Event], None]
BY_DJANGO = "migrations_run_by_django"
ISOLATION = "isolation"
TENANTS = "tenants"
# Connections that change many tenants.
JOBS = 4


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
    jobs: int = JOBS,
) -> Report:
    """Bring a target to the models, and record the migrations as applied where all of it is there.

    Args:
        way: of the target.
        target: its URL.
        options: what is asked for; a part of the schema is compared, but nothing recorded.
        run: the run's id.
        output: folder of the files; a leg before the last has a folder of its own in it.
        backup, expected, listen: as for `weedgo.staged.migrate`.
        jobs: connections that work side by side where there are many tenants.

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
    tenants = [goal for goal in way.goals if goal.schema != PUBLIC]
    if expected is None and len(tenants) >= MANY and options.drop is DropMode.KEEP:
        return walk.many(way, tenants, run, jobs)
    walk.whole(way, run)
    walk.isolate()
    walk.remember(way.goals)
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
    _tenants: dict[str, int] = field(default_factory=dict)

    def whole(self, way: Way, run: str) -> None:
        """Go all of a way, and record the migrations."""
        for number, leg in enumerate(way.legs(self.broken)):
            self.go(leg, run if not number and not self._reports else new_run_id())
            if PUBLIC in self.broken:
                break
        else:
            self.record(way.goals, self._run_id)

    def many(self, way: Way, tenants: list[Goal], run: str, jobs: int) -> Report:
        """Bring the shared schema to the models, then all tenants at once."""
        looked = fleet.look(self.target, way.goals, way.sight.result() if way.sight else None)
        shared = [g for g in way.goals if g.schema == PUBLIC and not looked.complete(g)]
        changed = [g for g in shared if g.schema not in looked.known or g.cuts]
        if changed:
            self.whole(Way(tuple(changed)), run)
            looked = fleet.look(self.target, way.goals)
        if PUBLIC in self.broken:
            return self.report
        run = new_run_id() if self._reports else run
        bringing = fleet.Bringing(self.target, self._next, jobs, self.listen)
        meanwhile = partial(self.record, shared, run)
        brought = bringing.go(tenants, looked.sight, run, meanwhile)
        self._reports.append(brought.report(run, self.target))
        self._tenants = {
            "asked": len(tenants),
            "unchanged": len(brought.equal),
            "at_once": len(brought.done),
            "one_by_one": len(brought.left),
        }
        if brought.left:
            self.whole(Way(tuple(brought.left)), run)
        if changed or brought.left or brought.rights:
            self.isolate()
        new = (*changed, *brought.left, *((*brought.done, *brought.equal) * brought.rights))
        self.remember(new)
        return self._written()

    def remember(self, goals: Iterable[Goal]) -> None:
        """Keep of goals that were reached that they were."""
        fleet.remember(self.target, [g for g in goals if g.schema not in self.broken])

    def _written(self) -> Report:
        """The report with its files."""
        found = self.report
        if self.output is None:
            return found
        files = report.write(found, self.output, options=self.options)
        return replace(found, files=tuple(dict.fromkeys((*files, *found.files))))

    def go(self, leg: Leg, id: str) -> None:
        """Migrate to the end of a leg, then have Django run what is to be run there."""
        output = self.output
        if output is not None and leg.then:
            output = output / f"before {'.'.join(leg.then[0][1].migration)}"
        found = engine.migrate(
            leg.declared, self.target, self._next, run=id, output=output,
            backup=self.backup and not self._reports, expected=self.expected, listen=self.listen,
        )  # fmt: skip
        self._reports.append(found)
        self.broken |= _broken(found)
        for goal, cut in leg.then:
            if goal.schema not in self.broken and PUBLIC not in self.broken:
                self._run(goal, cut.migration, str(cut))

    @property
    def _next(self) -> Options:
        """Options of the next run, which is part of the same job as the last."""
        ran = [r.run for r in self._reports if r.results]
        return replace(self.options, follows=ran[-1] if ran else "")

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

    def record(self, goals: Iterable[Goal], run: str) -> None:
        """Record all migrations of the schemas that are as the models want them."""
        for goal in goals:
            if goal.schema not in self.broken and set(goal.template.migrations) - goal.applied:
                standing.record(
                    self.target, goal.schema, goal.template.migrations,
                    signal=True, run=run,
                )  # fmt: skip

    def isolate(self) -> None:
        """Give the roles of tenants their rights to what is new."""
        if PUBLIC not in self.broken and (off := standing.isolate(self.target)):
            self._off = f"tenants are not isolated: {off} (docs/concepts/isolation.md)"

    def _told(self, facts: Mapping[str, Any]) -> list[str]:
        """Lines about tenants."""
        told = []
        if counts := self._tenants:
            broken = sorted(self.broken - {PUBLIC})
            facts[TENANTS]["not_done"] = broken
            told.append(
                f"Tenants: {counts['asked']:,}, of them {counts['unchanged']:,} unchanged, "
                f"{counts['at_once']:,} changed by one message each, {counts['one_by_one']:,} "
                f"object by object, {len(broken):,} not done"
                + (f": {', '.join(broken[:10])}{', …' * (len(broken) > 10)}." if broken else ".")
            )
        told += [f"Not like most: {line}" for line in facts.get(fleet.DRIFT, ())]
        told += [f"Run by Django: {line}" for line in facts.get(BY_DJANGO, ())][:10]
        return [*told, *([f"Warning: {self._off}."] if self._off else [])]

    @property
    def report(self) -> Report:
        """What came of all legs, as one report."""
        last = self._reports[-1]
        plans = [r.plan for r in self._reports if r.plan]
        results = tuple(result for r in self._reports for result in r.results)
        facts = {key: value for r in self._reports for key, value in r.facts.items()}
        if self._off:
            facts[ISOLATION] = self._off
        if self._tenants:
            facts[TENANTS] = dict(self._tenants)
        if self._done:
            facts[BY_DJANGO] = self._done
        if told := self._told(facts):
            facts["told"] = told
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
