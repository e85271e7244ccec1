"""Bringing all tenants to the models at once; the engine's `fleet` with what Django knows."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from psycopg import sql

from weedgo.management.models import standing
from weedgo.management.models.template import TOKEN, Template
from weedgo.management.models.way import NAME, Goal
from weedgo.staged import db, figures, fleet
from weedgo.staged.db import Connection
from weedgo.staged.declared import Declared
from weedgo.staged.lease import hold
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
    """

    left: list[Goal] = field(default_factory=list)
    done: list[Goal] = field(default_factory=list)
    equal: list[Goal] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
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


def digest(template: Template) -> str:
    """What tells a template from any other."""
    return hashlib.sha256(template.catalog.fingerprint.encode()).hexdigest()[:32]


def known(conn: Connection, goals: Sequence[Goal]) -> set[str]:
    """The schemas that are what the models want, as they have not changed since that was so."""
    schemas = [goal.schema for goal in goals]
    now = fleet.states(conn, schemas)
    seen = fleet.unchanged(conn, schemas, now)
    return {
        g.schema
        for g in goals
        if seen.get(g.schema) == digest(g.template) and set(g.template.migrations) <= g.applied
    }


def remember(target: str, goals: Sequence[Goal]) -> None:
    """Keep that schemas are what the models want."""
    with closing(db.connect(target, application="weedgo models")) as conn:
        for _, group in groupby(goals, key=lambda g: digest(g.template)):
            some = list(group)
            fleet.remember(conn, [g.schema for g in some], digest(some[0].template))


def bring(
    goals: Sequence[Goal], target: str, options: Options, jobs: int, listen: Listen, *, run: str
) -> Brought:
    """Bring tenants' schemas to the models.

    Args:
        goals: of tenants.
        target: its URL.
        options: as for a run.
        jobs: connections.
        listen: told of the progress.
        run: the run's id.
    """
    started = time.monotonic()
    found = Brought(left=[g for g in goals if g.cuts])
    plain = sorted((g for g in goals if not g.cuts), key=_alike)
    listen(Event("phase", f"comparing {len(plain)} tenants"))
    with hold(target, run) as held:
        db.check_writable(held.control)
        for _, group in groupby(plain, key=_alike):
            some = {g.schema: g for g in group}
            wish = _wish(next(iter(some.values())))
            outcome = fleet.sort(held.control, list(some), wish, options)
            listen(Event("phase", "applying"))
            noted = {schema: _noted(goal) for schema, goal in some.items()}
            sent = fleet.Fleet(held, wish, options, jobs, listen, noted.__getitem__)
            sent.go(outcome, run)
            found.left += [some[s] for s in outcome.left]
            found.done += [some[s] for s in outcome.done]
            found.equal += [some[s] for s in outcome.equal]
            found.results += outcome.results
            found.drift += [_said(shape) for shape in fleet.drifted(outcome)]
    found.seconds = time.monotonic() - started
    return found


def _alike(goal: Goal) -> tuple[Any, ...]:
    return (digest(goal.template), sorted(goal.fills))


def _wish(goal: Goal) -> fleet.Wish:
    def declared(catalog: Catalog) -> Declared:
        return Declared(NAME, catalog, frozenset({TOKEN}), standing.roles())

    stops = tuple(stop.template for stop in goal.stops)
    return fleet.Wish(TOKEN, stops, declared, digest(goal.template))


def _noted(goal: Goal) -> str:
    """Records a tenant's migrations, in the transaction that makes them true."""
    new = [name for name in goal.template.migrations if name not in goal.applied]
    if not new:
        return "SELECT 1"
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
