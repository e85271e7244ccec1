"""What must be true after the run that follows a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from tests import pgdump
from tests.cases import harness
from tests.faults import scenario
from tests.faults.scenario import Rows, Scenario
from weedgo.staged.model import StagedError
from weedgo.staged.run import migrate, rollback

_OPEN = """
SELECT 'run ' || id || ' is ' || status FROM weedgo_migration.run
 WHERE status = 'running' OR (status <> 'equal' AND id = (
     SELECT id FROM weedgo_migration.run ORDER BY started DESC LIMIT 1))
UNION ALL
SELECT 'step ' || run || ' ' || id || ' is running'
  FROM weedgo_migration.step WHERE status = 'running'
UNION ALL
SELECT 'step ' || id || ' was done ' || count(*) || ' times'
  FROM weedgo_migration.step
 WHERE status = 'done' AND action = 'create' AND jsonb_array_length(statements) = 1
 GROUP BY id HAVING count(*) > 1
"""
_SESSIONS = """
SELECT 'session ' || pid || ' is left: ' || application_name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'weedgo %'
"""


@dataclass(frozen=True)
class Rest:
    """The rows as they were before the fault, by the columns that both schemas have."""

    rows: Rows

    @classmethod
    def of(cls, of: Scenario) -> Rest:
        return cls(scenario.rows(of.original, of.columns))


def finish(of: Scenario, target: str, rest: Rest) -> list[str]:
    """Run again, and again; what is wrong then.

    Args:
        of: the scenario.
        target: URL of the copy that something happened to.
        rest: the rows that it must hold.
    """
    report = migrate(of.source, target, of.options, backup=False)
    problems = [
        f"{r.status}: {r.step.id}: {r.sqlstate} {r.message}"
        for r in report.results
        if r.status != "done"
    ]
    if (report.status, report.exit) != ("equal", 0):
        problems.append(f"the next run ends {report.status}")
    problems += list(_left(of, target, rest))
    if again := migrate(of.source, target, of.options, backup=False).results:
        problems.append(f"the run after it: {[r.step.id for r in again]}")
    return problems


def _left(of: Scenario, target: str, rest: Rest) -> Iterator[str]:
    for unlike in pgdump.unlike(of.expected, pgdump.dump(target)):
        yield str(unlike)
    for name in harness.invalid(target):
        yield f"invalid index {name}"
    now = scenario.rows(target, of.columns)
    for table, held in rest.rows.items():
        if now[table] != held:
            yield f"rows of {table}: {held} before, {now[table]} after"
    with psycopg.connect(target) as conn:
        for query in (_OPEN, _SESSIONS):
            yield from (str(row[0]) for row in conn.execute(query.encode()))


def back(of: Scenario, target: str) -> list[str]:
    """Roll everything back, if there is anything; what is unlike it was before."""
    problems = []
    try:
        report = rollback(target, options=of.options)
    except StagedError as nothing:
        if not re.search("has no journal|has a step left to undo", str(nothing)):
            raise
    else:
        problems += [
            f"not undone: {r.step.id}: {r.sqlstate} {r.message}"
            for r in report.results
            if r.status != "undone"
        ]
    return problems + [str(u) for u in pgdump.unlike(of.before, pgdump.dump(target))]
