"""Indexes of several tables: one after the other, and side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.applying import Phases
from tests.benchmarks.measure import TIMES, Section, in_turn, line, say
from tests.benchmarks.online import do
from tests.servers import Server, server
from weedgo.staged import db, migrate
from weedgo.staged.model import Options

TABLES = 12
# A table of so many rows is too small for PostgreSQL to build its indexes in parallel by itself.
ROWS = 120_000
JOBS = 2


def standard(rounds: int) -> Section:
    """Two indexes and a check of each table, with `--jobs 1` and `--jobs 2`."""
    say(f"jobs: {TABLES} tables of {ROWS:,} rows")
    with _databases() as (where, wanted, standing):
        measured = in_turn(rounds, {
            "ours": partial(_applied, where, wanted, standing, JOBS),
            "--jobs 1": partial(_applied, where, wanted, standing, 1),
        })  # fmt: skip
    lines = [line(f"apply with --jobs {JOBS}", "--jobs 1", measured, f"< 1{TIMES}", 1.0)]
    setting = (
        f"PostgreSQL {server('18').version}: {TABLES} tables of {ROWS:,} rows each get two "
        "indexes, built concurrently, and a check, validated."
    )
    return Section("jobs", "Indexes and constraints side by side", setting, lines)


@contextlib.contextmanager
def _databases() -> Iterator[tuple[Server, str, str]]:
    where = server("18")
    urls = [where.create_database("bench") for _ in range(2)]
    try:
        for url in urls:
            do(url, *(f"CREATE TABLE t{n} (id int, word text)" for n in range(TABLES)))
        for n in range(TABLES):
            do(urls[0], f"CREATE INDEX t{n}_id ON t{n} (id)",
               f"CREATE INDEX t{n}_word ON t{n} (word)",
               f"ALTER TABLE t{n} ADD CONSTRAINT t{n}_id CHECK (id > 0)")  # fmt: skip
            rows = f"SELECT i, md5(i::text) FROM generate_series(1, {ROWS}) i"
            do(urls[1], f"INSERT INTO t{n} {rows}", f"VACUUM ANALYZE t{n}")
        yield where, *urls
    finally:
        for url in urls:
            where.drop_database(url)


def _applied(where: Server, wanted: str, standing: str, jobs: int) -> float:
    """Seconds that the engine applies."""
    phases = Phases()
    target = where.create_database("bench", db.parameters(standing)["dbname"])
    try:
        report = migrate(wanted, target, Options(jobs=jobs), backup=False, listen=phases)
        assert report.status == "equal", report.message
    finally:
        where.drop_database(target)
    return phases.seconds["applying"]
