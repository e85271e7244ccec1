"""Bringing all tenants to the models at once; the engine's `fleet` with what Django knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from psycopg import sql

from weedgo.management.models import ahead, cache, standing
from weedgo.management.models.template import TOKEN
from weedgo.management.models.way import NAME, Goal
from weedgo.staged import db, figures, fleet, seen
from weedgo.staged.declared import Declared
from weedgo.staged.lease import Target, hold
from weedgo.staged.model import Catalog, Event, Options, Parity, Plan, Report, Result

Listen = Callable[[Event], None]
DRIFT = "drift"


@dataclass
class Brought:
    """What became of tenants' schemas.

    Args:
        left: those that an ordinary run has to see to.
        report: of the others.
        drift: schemas that were not like most, by what they lack or have.
        rights: whether something was made that tenants' roles need rights to.
    """

    left: list[Goal] = field(default_factory=list)
    done: list[Goal] = field(default_factory=list)
    equal: list[Goal] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    rights: bool = False
    seconds: float = 0.0

    def report(self, run: str, target: str) -> Report:
        """The part of a run's report that is about them."""
        steps = tuple(r.step for r in self.results)
        equal = sum(len(g.template.catalog.objects) for g in (*self.done, *self.equal))
        facts = {DRIFT: self.drift} if self.drift else {}
        return Report(
            run=run, status="equal", source=NAME, target=db.redact(target),
            counts=figures.tallies(self.results), results=tuple(self.results),
            parity=Parity(equal), seconds=self.seconds, plan=Plan("", "", steps), facts=facts,
        )  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What is known of goals before any schema is read.

    Args:
        sight: the engine's.
        known: the schemas that are what the models want, but perhaps for recorded migrations.
    """

    sight: seen.Sight
    known: frozenset[str]

    def complete(self, goal: Goal) -> bool:
        """Whether nothing is to be done for a goal."""
        return goal.schema in self.known and set(goal.template.migrations) <= goal.applied


def look(target: str, goals: Sequence[Goal], sight: seen.Sight | None = None) -> Look:
    """Find out which schemas have not changed since they were what the models want.

    Args:
        target: its URL.
        goals: of the schemas.
        sight: of them, if it was taken already.
    """
    sight = sight or ahead.look(target, [goal.schema for goal in goals])
    known = (g.schema for g in goals if sight.wanted.get(g.schema) == g.template.digest)
    return Look(sight, frozenset(known))


def remember(target: str, goals: Sequence[Goal]) -> None:
    """Keep that schemas are what the models want."""
    if not goals:
        return
    with ahead.connected(target) as conn:
        states = seen.states(conn, [goal.schema for goal in goals])
        for digest, group in groupby(sorted(goals, key=_digest), key=_digest):
            some = {g.schema: states[g.schema] for g in group if g.schema in states}
            seen.remember(conn, some, digest)


def _digest(goal: Goal) -> str:
    return goal.template.digest


@dataclass(frozen=True)
class Bringing:
    """How tenants' schemas are brought to the models.

    Args:
        target: the target's URL.
        options: as for a run.
        jobs: connections.
        listen: told of the progress.
    """

    target: str
    options: Options
    jobs: int
    listen: Listen

    def go(
        self, goals: Sequence[Goal], sight: seen.Sight, run: str, meanwhile: Callable[[], None]
    ) -> Brought:
        """Bring them there.

        Args:
            goals: of tenants.
            sight: of their schemas.
            run: the run's id.
            meanwhile: done when they are there, while it is being kept that they are.
        """
        started = time.monotonic()
        found = Brought(left=[g for g in goals if g.cuts])
        plain = sorted((g for g in goals if not g.cuts), key=_alike)
        self.listen(Event("phase", f"comparing {len(plain)} tenants"))
        with hold(self.target, run) as held, ahead.connected(self.target) as beside:
            db.check_writable(held.control)
            seen.settle(held.control, sight)
            keeping = [
                self._go({g.schema: g for g in group}, sight, held, beside, found)
                for _, group in groupby(plain, key=_alike)
            ]
            with ThreadPoolExecutor(1) as pool:
                kept = [pool.submit(keep) for keep in keeping]
                meanwhile()
            for keep in kept:
                keep.result()
        found.seconds = time.monotonic() - started
        return found

    def _go(
        self,
        some: Mapping[str, Goal],
        sight: seen.Sight,
        held: Target,
        beside: db.Connection,
        found: Brought,
    ) -> Callable[[], None]:
        """Bring those that are to be alike, and add what came of them to what was found."""
        wish = _wish(next(iter(some.values())))
        outcome = fleet.sort(held.control, list(some), sight, wish, self.options)
        self.listen(Event("phase", "applying"))
        noted = {schema: _noted(goal) for schema, goal in some.items()}
        sent = fleet.Fleet(held, wish, self.options, self.jobs, self.listen, noted.__getitem__)
        keep = sent.go(outcome, sight, held.run, beside)
        found.left += [some[s] for s in outcome.left]
        found.done += [some[s] for s in outcome.done]
        found.equal += [some[s] for s in outcome.equal]
        found.results += outcome.results
        found.rights |= any(shape.makes_relations for shape in outcome.shapes)
        found.drift += [_said(shape) for shape in fleet.drifted(outcome)]
        return keep


def _alike(goal: Goal) -> tuple[Any, ...]:
    return (goal.template.digest, sorted(goal.fills))


def _wish(goal: Goal) -> fleet.Wish:
    def declared(catalog: Catalog) -> Declared:
        return Declared(NAME, catalog, frozenset({TOKEN}), standing.roles())

    stops = tuple(stop.template for stop in goal.stops)
    return fleet.Wish(TOKEN, stops, declared, goal.template.digest, cache.catalog)


def _noted(goal: Goal) -> str:
    """Records a tenant's migrations, in the transaction that makes them true; empty for none."""
    new = [name for name in goal.template.migrations if name not in goal.applied]
    if not new:
        return ""
    rows = sql.SQL(", ").join(sql.SQL("({}, {}, now())").format(app, name) for app, name in new)
    table = sql.Identifier(goal.schema, "django_migrations")
    return (
        sql.SQL("INSERT INTO {} (app, name, applied) VALUES {}").format(table, rows).as_string(None)
    )


def _said(shape: fleet.Shape) -> str:
    what = ", ".join(str(step.main.id).replace(f"{TOKEN}.", "") for step in shape.steps[:3])
    more = f" and {len(shape.steps) - 3} more" if len(shape.steps) > 3 else ""
    names = ", ".join(shape.schemas[:5]) + (", …" if len(shape.schemas) > 5 else "")
    return f"{names}: {what}{more}"
