"""Issue 2: the seed's legacy database, on PostgreSQL 16.10, into its current one, on 17.6."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests import pgdump
from tests.acceptance.conftest import OPTIONS, SEED, TOOLS, Copy
from tests.servers import ROOT
from weedgo import staged
from weedgo.legacy import checksums, traffic
from weedgo.legacy.workload import Summary, Workload
from weedgo.staged import scratch
from weedgo.staged.model import Options, Report, Stage, StagedError

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

FIGURES = {
    "types": 1,
    "sequences": 6,
    "tables": 6,
    "columns": 400,
    "views": 1,
    "functions": 89,
    "triggers": 39,
    "indexes": 312,
    "constraints": 155,
}
STAGES = {
    "sequence": 1, "table": 2, "column": 3, "view": 4, "function": 5, "trigger": 6, "index": 7,
    "constraint": 8,
}  # fmt: skip
OWN = 16


def manage(*arguments: str) -> tuple[int, dict]:
    """Run a command as a user does, with --json; its exit status and its document."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments, "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def own_tables(legacy: str, current: str) -> list[str]:
    """The tables that only the current database has."""
    query = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
    names = []
    for url in (current, legacy):
        with psycopg.connect(url) as connection:
            names.append({name for (name,) in connection.execute(query)})
    return sorted(names[0] - names[1])


def bytes_of(url: str, tables: list[str]) -> str:
    """Definitions and rows of some tables as pg_dump prints them; its own random key left out."""
    options = [option for table in tables for option in ("-t", f"public.{table}")]
    return re.sub(r"^\\(un)?restrict .*$", "", pgdump.text(url, *options), flags=re.MULTILINE)


def columns(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT table_name::text, column_name::text FROM information_schema.columns c"
            " JOIN pg_tables t ON (t.schemaname, t.tablename) = (table_schema, table_name)"
            " WHERE table_schema = 'public'"
        ).fetchall()


def assert_parity(legacy: str, before: pgdump.Dump, after: str) -> None:
    """The target has all of the source's, and what only it had is as it was: pg_dump says so."""
    unlike = pgdump.unlike(pgdump.expected(pgdump.dump(legacy), before), pgdump.dump(after))
    assert not unlike, "\n".join(map(str, unlike[:5]))


def done(report: Report) -> Mapping[str, int]:
    return {label: tally.done for label, tally in report.counts.items()}


@dataclass(frozen=True)
class Migrated:
    """The current database after the migration, and what is known of the time before."""

    legacy: str
    current: str
    folder: Path
    report: Report
    load: Summary
    own: list[str]
    before: pgdump.Dump
    own_before: str
    columns_before: list[tuple[str, str]]
    rows_before: checksums.Snapshot


def migrate_under_traffic(legacy: str, current: str, folder: Path) -> Migrated:
    own = own_tables(legacy, current)
    before, own_before = pgdump.dump(current), bytes_of(current, own)
    columns_before = columns(current)
    with psycopg.connect(current) as connection:
        rows_before = checksums.snapshot(connection, traffic.WRITTEN)
    with Workload(current, sessions=4, rate=20) as load:
        report = staged.migrate(legacy, current, OPTIONS, output=folder)
    return Migrated(
        legacy, current, folder, report, load.summary, own, before, own_before, columns_before,
        rows_before,
    )  # fmt: skip


def all_is_done(m: Migrated) -> None:
    assert (m.report.status, m.report.exit) == ("equal", 0)
    assert m.report.parity is not None
    assert m.report.parity.percent == 100.0
    assert {label: done(m.report).get(label) for label in FIGURES} == FIGURES


def no_object_is_made_before_its_stage(m: Migrated) -> None:
    assert m.report.plan is not None
    early = [
        (str(change.id), int(step.stage))
        for step in m.report.plan.steps
        for change in step.changes[: step.own]
        if change.before is None and step.stage < STAGES.get(change.id.kind, 0)
    ]
    assert early == []


def columns_are_added_to_102_tables_that_stood_before(m: Migrated) -> None:
    tables = {table for table, _ in m.columns_before}
    added = [c for c in columns(m.current) if c not in m.columns_before and c[0] in tables]
    assert (len(added), len({table for table, _ in added})) == (400, 102)


def pg_dump_finds_both_sides_alike(m: Migrated) -> None:
    assert_parity(m.legacy, m.before, m.current)


def another_comparer_finds_nothing_to_create_or_change(m: Migrated) -> None:
    assert left_for_dbdiff(m.legacy, m.current, m.own) == []


def its_own_tables_are_byte_for_byte_as_they_were(m: Migrated) -> None:
    assert len(m.own) == OWN
    assert bytes_of(m.current, m.own) == m.own_before


def no_statement_of_the_traffic_failed(m: Migrated) -> None:
    assert m.load.failures == ()
    assert m.load.count > 0


def no_row_is_lost(m: Migrated) -> None:
    ledger = m.load.ledger
    with psycopg.connect(m.current) as connection:
        found = checksums.verify(connection, traffic.WRITTEN, ledger)
        after = checksums.snapshot(connection, traffic.WRITTEN, m.rows_before)
    found += checksums.compare(m.rows_before, after, ledger)
    assert {finding.subject for finding in found} == set(m.rows_before)
    assert sum(map(len, ledger.inserted.values())) > 0
    assert [finding for finding in found if not finding.holds] == []


def every_file_of_the_scripts_that_this_replaces_is_there(m: Migrated) -> None:
    stages = [stage.file for stage in Stage]
    assert stages[1] == "stage1_sequences.sql"
    assert stages[8] == "stage8_constraints.sql"
    for name in (
        "schema_comparison_report.txt", "schema_differences.json", "schema_migration.sql",
        *stages, "MIGRATION_REPORT.md", "FINAL_SUMMARY.md", "report.html", "schema_backup.sql",
    ):  # fmt: skip
        assert (m.folder / name).stat().st_size > 0, name


def validation_holds(m: Migrated) -> None:
    status, told = manage(
        "validate_migration", "--source", m.legacy, "--target", m.current,
        "--checks", str(SEED / "checks.toml"),
    )  # fmt: skip
    assert [f for f in told["findings"] if not f["holds"]] == []
    assert (status, told["percent"]) == (0, 100.0)


def integration_checks_hold(m: Migrated) -> None:
    with psycopg.connect(m.current, autocommit=True) as connection:
        connection.execute("ANALYZE")
    status, told = manage("check_integration", "--source", m.legacy, "--target", m.current)
    assert [f for f in told["findings"] if not f["holds"]] == []
    assert (status, told["percent"]) == (0, 100.0)
    # The 34 that the migration brought, and stores, where it stood before.
    assert told["counts"]["tenancy"]["checks"] == 34 + 1


def a_second_run_does_nothing(m: Migrated) -> None:
    again = staged.migrate(m.legacy, m.current, OPTIONS)
    assert (again.status, again.exit, again.results) == ("equal", 0, ())


def the_way_back_leads_to_the_schema_and_the_rows_before(m: Migrated) -> None:
    back = staged.rollback(m.current, options=OPTIONS)
    assert (back.status, back.exit) == ("equal", 0)
    unlike = pgdump.unlike(m.before, pgdump.dump(m.current))
    assert not unlike, "\n".join(map(str, unlike[:5]))
    no_row_is_lost(m)


PROMISES = (
    all_is_done,
    no_object_is_made_before_its_stage,
    columns_are_added_to_102_tables_that_stood_before,
    pg_dump_finds_both_sides_alike,
    another_comparer_finds_nothing_to_create_or_change,
    its_own_tables_are_byte_for_byte_as_they_were,
    no_statement_of_the_traffic_failed,
    no_row_is_lost,
    every_file_of_the_scripts_that_this_replaces_is_there,
    validation_holds,
    integration_checks_hold,
    a_second_run_does_nothing,
    the_way_back_leads_to_the_schema_and_the_rows_before,
)


# `make demo`, which test_demo.py runs, does the same but for the way back.
@pytest.mark.soak
def test_the_seed_migrates_under_traffic_and_back(
    legacy: str, current: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    migrated = migrate_under_traffic(legacy, current, tmp_path / "run")

    for promise in PROMISES:
        with subtests.test(promise.__name__):
            promise(migrated)


def left_for_dbdiff(legacy: str, current: str, own: list[str]) -> list[str]:
    """What `results dbdiff` would do to make the current database the legacy one, drops apart."""
    program = Path(sys.executable).with_name("results")
    found = subprocess.run(
        [program, "dbdiff", current, legacy, "--exclude-schema", "weedgo_migration"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout, found.stderr
    statements = [s.strip() for s in found.stdout.split(";") if s.strip()]
    drops = re.compile(
        r'drop .*|alter table "public"\."(' + "|".join(own) + r')" drop constraint .*', re.DOTALL
    )
    assert any(own[0] in statement for statement in statements)
    return [statement for statement in statements if not drops.fullmatch(statement)]


def test_the_stage_files_give_the_same_schema_with_psql(
    legacy: str, copy: Copy, pg176, tmp_path: Path
) -> None:
    target = copy()
    before = pgdump.dump(target)
    planned = staged.plan(legacy, target, OPTIONS, output=tmp_path)
    assert (planned.status, pgdump.unlike(before, pgdump.dump(target))) == ("planned", [])

    for stage in Stage:
        for _ in range(2):  # a stage can be run again, alone
            scratch.load_sql(target, tmp_path / stage.file, psql=pg176.psql)

    assert_parity(legacy, before, target)
    assert staged.migrate(legacy, target, OPTIONS).results == ()


def test_one_file_runs_all_stages(legacy: str, copy: Copy, pg176, tmp_path: Path) -> None:
    target = copy()
    before = pgdump.dump(target)
    staged.plan(legacy, target, OPTIONS, output=tmp_path)

    scratch.load_sql(target, tmp_path / "run_all.sql", psql=pg176.psql)

    assert_parity(legacy, before, target)


def test_two_plans_of_a_difference_are_the_same_bytes(
    legacy: str, copy: Copy, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        staged.plan(legacy, copy(), OPTIONS, output=tmp_path / name)

    for path in sorted((tmp_path / "first").glob("stage*.sql")):
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes(), path.name


def test_it_is_rolled_back_stage_by_stage(legacy: str, copy: Copy) -> None:
    target = copy()
    before = pgdump.dump(target)
    report = staged.migrate(legacy, target, OPTIONS)
    assert report.plan is not None
    stages = sorted({step.stage for step in report.plan.steps}, reverse=True)

    for stage in stages:
        back = staged.rollback(target, stages=(stage,), options=OPTIONS)
        assert back.exit == 0, [r.message for r in back.results if r.message]

    unlike = pgdump.unlike(before, pgdump.dump(target))
    assert not unlike, "\n".join(map(str, unlike[:5]))
    with pytest.raises(StagedError):
        staged.rollback(target, options=OPTIONS)


def test_stage_7_runs_alone_after_those_before_it(legacy: str, copy: Copy) -> None:
    target = copy()
    first = staged.migrate(legacy, target, only(0, 1, 2, 3, 4, 5, 6))
    assert done(first).get("indexes", 0) == 0
    assert done(first)["columns"] == FIGURES["columns"]

    seventh = staged.migrate(legacy, target, only(7))

    assert {step.step.stage for step in seventh.results if step.status == "done"} == {7}
    assert done(seventh)["indexes"] == FIGURES["indexes"]
    assert done(seventh).get("constraints", 0) == 0
    rest = staged.migrate(legacy, target, OPTIONS)
    assert (rest.status, done(rest)["constraints"]) == ("equal", FIGURES["constraints"])


def only(*stages: int) -> Options:
    return Options(tool_folders=(str(TOOLS),), stages=tuple(map(Stage, stages)))
