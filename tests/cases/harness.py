"""Runs a pair of schemas through the engine and proves the outcome by other means.

A case is a folder with ``old.sql``, ``new.sql`` and sometimes ``seed.sql``. Old is loaded into the
target (and seeded), new into the source; the target is migrated and then has to be equal by
pg_dump, with its rows, without invalid indexes, and with nothing left to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests import pgdump
from tests.servers import Server
from weedgo.staged.model import DropMode, Options, Report, Status
from weedgo.staged.run import migrate, rollback

CASES = Path(__file__).parent / "schema"


@dataclass(frozen=True)
class Outcome:
    """What came of a case: problems are empty when all is right."""

    report: Report
    problems: tuple[str, ...]
    refused: tuple[str, ...]


def names() -> list[str]:
    """All cases, in order."""
    return sorted(p.name for p in CASES.iterdir() if (p / "new.sql").exists())


def load(url: str, *texts: str) -> None:
    """Load SQL as a script that does not look into function bodies."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("SET check_function_bodies = off")
        for text in texts:
            conn.execute(text)  # type: ignore[arg-type]


def roles(server: Server, *texts: str) -> None:
    """Make the roles ``hr1`` … that a case names: they belong to the server, not to a database."""
    with psycopg.connect(server.url, autocommit=True) as conn:
        for number in range(1, 6):
            role = f"hr{number}"
            if any(role in text for text in texts):
                conn.execute(
                    sql.SQL(
                        "DO $$ BEGIN CREATE ROLE {}; "
                        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
                    ).format(sql.Identifier(role))
                )


def read(case: str, file: str) -> str:
    """A file of a case, without the making of roles; empty where there is none."""
    path = CASES / case / file
    text = path.read_text() if path.exists() else ""
    for number in range(1, 6):
        text = text.replace(f"create role hr{number};", "")
    return text


def run(
    source_server: Server,
    target_server: Server,
    old: str,
    new: str,
    seed: str = "",
    *,
    undo: bool = True,
    printed: bool = True,
    backfills: Mapping[str, str] | None = None,
) -> Outcome:
    """Migrate old to new, and roll it back, and look for what is wrong.

    Args:
        source_server, target_server: where new and old are loaded.
        old, new, seed: SQL texts.
        undo: whether it is rolled back at the end.
        printed: whether both servers print the same schema the same.
        backfills: values for rows that lack one, by column.
    """
    for server in (source_server, target_server):
        roles(server, old, new)
    source = source_server.create_database("case_new")
    target = target_server.create_database("case_old")
    try:
        load(source, new)
        load(target, old, *([seed] if seed else []))
        rows = counts(target)
        before = pgdump.dump(target)
        options = Options(
            drop=DropMode.DROP, lock_timeout=2.0, retries=3, backfills=backfills or {}
        )
        report = migrate(source, target, options, output=None, backup=False, listen=lambda _: None)
        refused = tuple(
            f"{r.step.id}: {r.message}" for r in report.results if r.status is Status.REFUSED
        )
        problems = [
            f"{r.status}: {r.step.id}: {r.sqlstate} {r.message}"
            for r in report.results
            if r.status not in (Status.DONE, Status.REFUSED)
            and not (refused and r.status is Status.WAITING)
        ]
        if not refused:
            problems += _unlike(source, target, rows, options, printed=printed)
        if undo and not problems and not refused and report.results:
            problems += _not_back(target, before, report)
        return Outcome(report, tuple(problems), refused)
    finally:
        source_server.drop_database(source)
        target_server.drop_database(target)


def retired_and_back(server: Server, old: str, new: str) -> tuple[str, ...]:
    """Migrate old to new, retire what only old has, and roll it back; what is wrong afterwards."""
    roles(server, old, new)
    source, target = server.create_database("case_new"), server.create_database("case_old")
    try:
        load(source, new)
        load(target, old)
        before = pgdump.dump(target)
        options = Options(drop=DropMode.RETIRE)
        report = migrate(source, target, options, output=None, backup=False, listen=lambda _: None)
        left = [f"{r.status}: {r.step.id}: {r.message}" for r in report.results if r.message]
        return tuple(left + ([] if left else _not_back(target, before, report)))
    finally:
        server.drop_database(source)
        server.drop_database(target)


def kept_and_back(server: Server, old: str, new: str, seed: str = "") -> Outcome:
    """Migrate old to new beside what only old has, and roll it back; what is wrong afterwards."""
    roles(server, old, new)
    source, target = server.create_database("case_new"), server.create_database("case_old")
    try:
        load(source, new)
        load(target, old, *([seed] if seed else []))
        before, held = pgdump.dump(target), _held(target)
        options = Options(drop=DropMode.KEEP)
        report = migrate(source, target, options, output=None, backup=False, listen=lambda _: None)
        refused = tuple(r.message for r in report.results if r.status is Status.REFUSED)
        problems = [f"{r.status}: {r.step.id}: {r.message}" for r in report.results if r.message]
        if not problems:
            gone = _columns(before) - _columns(pgdump.dump(target))
            problems += [f"gone: {column}" for column in sorted(gone)]
            again = migrate(
                source, target, options, output=None, backup=False, listen=lambda _: None
            )
            problems += [f"second run: {r.step.id}" for r in again.results]
            problems += _not_back(target, before, report)
            problems += [f"after rollback: {row}" for row in sorted(_held(target) ^ held)]
        return Outcome(report, tuple(problems), refused)
    finally:
        server.drop_database(source)
        server.drop_database(target)


def _held(url: str) -> set[str]:
    """The rows of all tables, as INSERT statements."""
    text = pgdump.text(url, "--data-only", "--column-inserts")
    return {line for line in text.splitlines() if line.startswith("INSERT")}


def _columns(dump: pgdump.Dump) -> set[tuple[str, str, str]]:
    """Columns of tables in a dump, and what stands beside them, without what may change of them."""
    return {
        (schema, name, line.split()[0])
        for (schema, kind, name), body in dump.items()
        if kind == "TABLE"
        for line in body.splitlines()
        if line.startswith("    ") and not line.startswith("    CONSTRAINT")
    }


def _unlike(
    source: str, target: str, rows: Mapping[str, Rows], options: Options, *, printed: bool
) -> list[str]:
    dumps = (pgdump.dump(source), pgdump.dump(target)) if printed else ({}, {})
    problems = [str(u) for u in pgdump.unlike(*dumps)]
    problems += lost(rows, counts(target))
    problems += [f"invalid index {i}" for i in set(invalid(target)) - set(invalid(source))]
    problems += [f"no INSERT into {t}: {e}" for t, e in insertable(source, target)]
    again = migrate(source, target, options, output=None, backup=False, listen=lambda _: None)
    problems += [f"second run: {r.step.id}" for r in again.results]
    if again.status != "equal":
        problems.append(f"second run: {again.status}")
    return problems


def _not_back(target: str, before: pgdump.Dump, report: Report) -> list[str]:
    """What a rollback leaves unlike it was, unless the plan said so."""
    if any(r.step.no_undo for r in report.results):
        return []
    undone = rollback(target)
    problems = [
        f"not undone: {r.step.id}: {r.sqlstate} {r.message}"
        for r in undone.results
        if r.status is not Status.UNDONE
    ]
    return problems + [f"after rollback: {u}" for u in pgdump.unlike(before, pgdump.dump(target))]


@dataclass(frozen=True)
class Rows:
    """How many rows a table shows, and which tables are partitions of it, directly or not."""

    count: int
    partitions: frozenset[str]


def counts(url: str) -> Mapping[str, Rows]:
    """Rows of each table, by name without schema (tables may move)."""
    with psycopg.connect(url, autocommit=True) as conn:
        found = {}
        for schema, table, kind, partitions in conn.execute(_TABLES).fetchall():
            # What inherits is counted by itself.
            query = sql.SQL("SELECT count(*) FROM {} {}").format(
                sql.SQL("ONLY" if kind == "r" else ""), sql.Identifier(schema, table)
            )
            count = conn.execute(query).fetchone()[0]  # type: ignore[index]
            found[table] = Rows(count, frozenset(partitions))
        return found


def lost(before: Mapping[str, Rows], now: Mapping[str, Rows]) -> list[str]:
    """Tables that show fewer rows than before.

    Rows may move between a table's partitions, and those of a detached one are no longer the
    table's.
    """
    inside = {p for t, rows in before.items() if t in now for p in rows.partitions}
    found = []
    for table, rows in before.items():
        if table not in now or table in inside:
            continue
        apart = rows.partitions - now[table].partitions
        kept = now[table].count + sum(now[p].count for p in apart if p in now)
        if kept < rows.count:
            found.append(f"rows of {table}: {rows.count} before, {kept} after")
    return found


_TABLES = """
SELECT n.nspname, c.relname, c.relkind,
       ARRAY(SELECT p.relname::text FROM pg_partition_tree(c.oid) t
             JOIN pg_class p ON p.oid = t.relid WHERE t.relid <> c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
  AND n.nspname NOT IN ('information_schema', 'weedgo_migration', 'retired')
  -- Rows of foreign partitions are elsewhere: no server answers.
  AND NOT EXISTS (SELECT FROM pg_partition_tree(c.oid) t
                  JOIN pg_foreign_table f ON f.ftrelid = t.relid)
"""


def invalid(url: str) -> Sequence[str]:
    """Names of invalid indexes."""
    with psycopg.connect(url) as conn:
        rows = conn.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready)"
        ).fetchall()
        return [str(r[0]) for r in rows]


def insertable(source: str, target: str) -> list[tuple[str, str]]:
    """Tables that take a row of defaults in the source but not in the target."""
    return [(t, e) for t, e in _inserts(target).items() if e and not _inserts(source).get(t)]


def _inserts(url: str) -> dict[str, str]:
    outcome = {}
    with psycopg.connect(url) as conn:
        for schema, table, *_ in conn.execute(_TABLES).fetchall():
            try:
                with conn.transaction(force_rollback=True):
                    conn.execute(
                        sql.SQL("INSERT INTO {} DEFAULT VALUES").format(
                            sql.Identifier(schema, table)
                        )
                    )
                outcome[f"{schema}.{table}"] = ""
            except psycopg.Error as error:
                outcome[f"{schema}.{table}"] = f"{error.sqlstate} {error}"
    return outcome
