"""The seed's migration for real: two servers, data, live traffic, eight stages, and the proof.

Every figure is counted: from the catalogs before and after, from the rows, from what the traffic
measured. Nothing here knows how many objects the two databases hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from weedgo import embedded
from weedgo.legacy import checksums, integration, traffic
from weedgo.legacy.checksums import Snapshot
from weedgo.legacy.workload import Summary, Workload
from weedgo.staged import catalog, db, diff, report, run, scratch, sources, verify
from weedgo.staged.model import (
    Catalog,
    Difference,
    Event,
    Finding,
    ObjectId,
    Options,
    Report,
    StagedError,
)
from weedgo.staged.records import new_run_id

HERE = Path(__file__).parent
CHECKS = HERE / "checks.toml"
# One for each server, so that neither is taken for the site's own database.
DATABASES = {"legacy": "seed_legacy", "current": "seed_current"}
FILES = {
    "legacy": (HERE / "legacy.sql",),
    "current": (HERE / "current.sql", HERE / "data.sql"),
}
# What is counted, by the reports' word for it, in the order of the stages.
COUNTED = {
    "sequences": "sequence",
    "tables": "table",
    "columns": "column",
    "views": "view",
    "functions": "function",
    "triggers": "trigger",
    "indexes": "index",
    "constraints": "constraint",
}

Announce = Callable[[str], None]
Progress = Callable[[], AbstractContextManager[Callable[[Event], None]]]


@dataclass(frozen=True)
class Count:
    """Objects of one kind that the source had and the target lacked, and that it has now.

    Args:
        tables: of columns: how many tables, which stood before, they were added to.
    """

    planned: int
    done: int
    tables: int = 0


@dataclass(frozen=True)
class Outcome:
    """All that the demo found out."""

    report: Report
    counts: Mapping[str, Count]
    altered: tuple[ObjectId, ...]
    load: Summary
    before: Snapshot
    after: Snapshot
    rows: tuple[Finding, ...]
    own: tuple[Finding, ...]
    validation: tuple[Finding, ...]
    integration: tuple[Finding, ...]
    again: Report
    storage: Mapping[str, int]
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether everything is as it should be."""
        parity = self.report.parity
        findings = (*self.rows, *self.own, *self.validation, *self.integration)
        return (
            self.report.exit == 0
            and parity is not None
            and parity.percent == 100.0
            and all(count.done == count.planned for count in self.counts.values())
            and not self.load.failures
            and all(finding.holds for finding in findings)
            and self.again.exit == 0
            and not self.again.results
        )


class Demo:
    """The demo, phase by phase.

    Args:
        announce: told each phase as it begins.
        progress: shows the migration's progress while its context lasts.
        output: folder of the migration's files.
        sessions: connections of the live traffic.
    """

    def __init__(
        self, announce: Announce, progress: Progress, output: Path, sessions: int = 8
    ) -> None:
        self._announce, self._progress = announce, progress
        self._output, self._sessions = output, sessions
        self._seconds: dict[str, float] = {}
        self._urls: dict[str, str] = {}
        self._options = Options(tool_folders=(str(embedded.bin_dir(18)),))

    def run(self) -> Outcome:
        """Do everything; what does not hold is in the outcome.

        Raises:
            EmbeddedError: a server cannot be used here.
            StagedError: the migration cannot begin.
            WorkloadError: the traffic cannot begin.
        """
        versions = " and ".join(str(embedded.VERSIONS[name]) for name in DATABASES)
        with self._phase("servers", f"Starting two PostgreSQL servers, {versions}"):
            alone = _alone()
        with alone:
            self._start()
            with closing(db.connect(self._target, application="weedgo demo")) as conn:
                return self._migrate(conn)

    @property
    def _source(self) -> str:
        return self._urls["legacy"]

    @property
    def _target(self) -> str:
        return self._urls["current"]

    def _phase(self, name: str, text: str) -> _Timer:
        self._announce(text)
        return _Timer(self._seconds, name)

    def _start(self) -> None:
        for name in DATABASES:
            self._urls[name] = _fresh(name)
        with (
            self._phase("loading", "Loading the legacy and the current database, with their data"),
            ThreadPoolExecutor(len(DATABASES)) as pool,
        ):
            list(pool.map(self._load, DATABASES))

    def _load(self, name: str) -> None:
        psql = embedded.bin_dir(embedded.VERSIONS[name]) / "psql"
        for path in FILES[name]:
            scratch.load_sql(self._urls[name], path, psql=psql)

    def _migrate(self, conn: db.Connection) -> Outcome:
        with self._phase("counting", "Counting every row and summing every table"):
            standing = catalog.read(conn)
            own = _own_tables(conn, self._wanted(conn).source, standing)
            before = checksums.snapshot(conn, traffic.WRITTEN)
        found, load = self._under_traffic()
        with self._phase("checking rows", "Counting and summing again, traffic stopped"):
            rows, after = _compare(conn, load, before)
        sides = self._wanted(conn)
        valid, works = self._check(conn, sides)
        kept = _compare_own(own, _own_tables(conn, sides.source, sides.target))
        with self._phase("second run", "Running the migration again: nothing is to be done"):
            again = run.migrate(self._source, self._target, self._options, backup=False)
        counts = _counts(sides.source, standing, sides.target)
        altered = _altered(diff.compare(sides.source, standing, self._options))
        storage = {n: v for n, v in found.facts.items() if n.startswith("storage")}
        outcome = Outcome(
            found, counts, altered, load, before, after, rows, kept, valid, works, again, storage,
            self._seconds,
        )  # fmt: skip
        self._write(outcome)
        return outcome

    def _under_traffic(self) -> tuple[Report, Summary]:
        load = Workload(self._target, self._sessions)
        with self._phase("starting traffic", f"Starting live traffic in {self._sessions} sessions"):
            load.start()
        with load, self._phase("migration", "Migrating in stages, under that traffic"):
            with self._progress() as listen:
                found = self._run(listen)
            # A migration that is done in a blink must still be seen by some traffic after it.
            time.sleep(1)
        return found, load.summary

    def _check(
        self, conn: db.Connection, sides: sources.Sides
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """The findings of the validation and of the integration checks."""
        with self._phase("validation", "Validating every object"):
            _, changed = verify.objects_of_run(conn)
            checks = verify.load_checks(CHECKS)
            valid = verify.validate(sides.source, sides.target, changed, conn, checks)
        with self._phase("integration", "Checking that what was brought works together"):
            conn.execute("ANALYZE")
            new = integration.new_indexes(sides.source, changed)
            queries = integration.QUERIES.read_text(encoding="utf-8")
            return valid, integration.check(conn, sides.source, new, queries)

    def _run(self, listen: Callable[[Event], None]) -> Report:
        return run.migrate(
            self._source, self._target, self._options, output=self._output, listen=listen
        )

    def _wanted(self, conn: db.Connection) -> sources.Sides:
        return sources.both(self._source, self._target, conn, self._options, new_run_id())

    def _write(self, outcome: Outcome) -> None:
        """The reports once more, with what is known only now."""
        load = outcome.load
        facts = {
            "rows_before": sum(s.rows for s in outcome.before.values()),
            "rows_after": sum(s.rows for s in outcome.after.values()),
            "statements_of_the_traffic": load.count,
            "failed_statements_of_the_traffic": len(load.failures),
            "longest_pause": load.longest / 1000,
            "traffic": {name: asdict(found) for name, found in load.statements.items()},
        }
        told = replace(outcome.report, facts={**outcome.report.facts, **facts})
        findings = (*outcome.validation, *outcome.integration, *outcome.rows, *outcome.own)
        backup = self._output / "schema_backup.sql"
        report.write(
            told, self._output, options=self._options, findings=findings,
            backup=backup if backup.exists() else None,
        )  # fmt: skip


class _Timer:
    """Adds a phase's seconds to a table."""

    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self._seconds, self._name = seconds, name

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(self, *error: object) -> None:
        self._seconds[self._name] = time.monotonic() - self._started


def _alone() -> psycopg.Connection[Any]:
    """A connection that keeps other demos away from the two databases while it is open.

    Raises:
        StagedError: another demo is running.
    """
    urls = [embedded.url(name, "postgres") for name in DATABASES]
    guard = psycopg.connect(urls[-1], autocommit=True)
    row = guard.execute("SELECT pg_try_advisory_lock(hashtext('weedgo demo'))").fetchone()
    if not row or not row[0]:
        guard.close()
        raise StagedError("another demo is running on the embedded servers; wait until it is done")
    return guard


def _fresh(name: str) -> str:
    """An empty database on an embedded server; what a demo before left there is dropped."""
    database = sql.Identifier(DATABASES[name])
    with psycopg.connect(embedded.url(name, "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(database))
    return embedded.url(name, DATABASES[name])


def _counts(source: Catalog, before: Catalog, after: Catalog) -> dict[str, Count]:
    """What the source had and the target lacked, by kind; columns only on tables of both."""
    found = {}
    for label, kind in COUNTED.items():
        lacked = [id for id in source.objects if id.kind == kind and id not in before]
        tables = set()
        if kind == "column":
            lacked = [id for id in lacked if ObjectId("table", id.schema, id.parent) in before]
            tables = {(id.schema, id.parent) for id in lacked}
        found[label] = Count(len(lacked), sum(id in after for id in lacked), len(tables))
    return found


def _altered(difference: Difference) -> tuple[ObjectId, ...]:
    """What stood on both sides and differed."""
    return tuple(c.id for c in difference.changes if c.before and c.after)


def _compare(
    conn: db.Connection, load: Summary, before: Snapshot
) -> tuple[tuple[Finding, ...], Snapshot]:
    committed = checksums.verify(conn, traffic.WRITTEN, load.ledger)
    after = checksums.snapshot(conn, traffic.WRITTEN, before)
    return (*committed, *checksums.compare(before, after, load.ledger)), after


def _own_tables(conn: db.Connection, source: Catalog, target: Catalog) -> dict[str, Any]:
    """The tables that only the target has: their definitions, and where their rows are on disk."""
    found: dict[str, Any] = {}
    for id in sorted(target.objects):
        if id.kind == "table" and id not in source:
            name = sql.Identifier(id.schema, id.name).as_string(None)
            row = conn.execute("SELECT pg_relation_filenode(%s::regclass)", [name]).fetchone()
            parts = {
                str(obj.id): obj.attrs
                for obj in target
                if obj.id.schema == id.schema
                and id.name in (obj.id.parent, obj.id.name, obj.attrs.get("table"))
            }
            found[f"{id.schema}.{id.name}"] = (row, parts)
    return found


def _compare_own(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Whether the target's own tables are as they were, down to the file that holds their rows."""
    return tuple(
        Finding("own tables", name, before[name] == after.get(name), _what(before, after, name))
        for name in before
    )


def _what(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> str:
    if name not in after:
        return "is gone"
    (file, parts), (other_file, other_parts) = before[name], after[name]
    names = sorted(parts.keys() | other_parts.keys())
    changed = [part for part in names if parts.get(part) != other_parts.get(part)]
    if changed:
        return f"changed: {', '.join(changed)}"
    return "" if file == other_file else "was rewritten"
