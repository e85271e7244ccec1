"""A pair of schemas with rows, loaded once and copied for every fault."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from tests import pgdump
from tests.cases import harness
from tests.servers import Server
from weedgo.legacy.demo import FILES
from weedgo.staged import backfill, db
from weedgo.staged.model import Options

FOLDER = Path(__file__).parent / "scenarios"
SEED = "seed"
# The seed's schemas with few rows: fit to be migrated hundreds of times.
SMALL_SEED = "small seed"
SMALL = Path(__file__).parents[1] / "integration" / "legacy" / "small.sql"
NAMES = sorted(p.name for p in FOLDER.iterdir() if p.is_dir())
# Nobody else is in the way here, and what is lost is asked for again at once.
OPTIONS = Options(lock_timeout=2.0, retries=30)

Rows = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Scenario:
    """Two schemas on one server.

    Args:
        name: of its folder, or `SEED`.
        server: holds both.
        source: URL of the schema that is wanted.
        original: URL of the database to be migrated, of which copies are made.
        before: its schema.
        expected: the schema that a copy is to end with.
    """

    name: str
    server: Server
    source: str
    original: str
    before: pgdump.Dump
    expected: pgdump.Dump
    options: Options = OPTIONS

    @property
    def columns(self) -> Mapping[str, list[str]]:
        """The columns of each table whose values a migration keeps."""
        found = columns(self.original, self.source)
        filled = {path.removeprefix("public.") for path in self.options.backfills}
        return {t: [c for c in names if f"{t}.{c}" not in filled] for t, names in found.items()}

    @property
    def written(self) -> str:
        """What an application writes to the tables, whichever of both schemas they have."""
        file = FOLDER / self.name / "written.sql"
        return file.read_text() if file.exists() else ""

    @contextlib.contextmanager
    def target(self) -> Iterator[str]:
        """URL of a copy of the original."""
        url = self.server.create_database("fault", db.parameters(self.original)["dbname"])
        try:
            yield url
        finally:
            self.server.drop_database(url)


def load(name: str, server: Server) -> Scenario:
    """Load a scenario on a server that goes with its databases."""
    urls = [server.create_database("fault") for _ in range(2)]
    for url, texts in zip(urls, _texts(name), strict=True):
        harness.load(url, *texts)
    before, wanted = (pgdump.dump(url) for url in reversed(urls))
    expected, options = pgdump.expected(wanted, before), OPTIONS
    if (file := FOLDER / name / "backfill.toml").exists():
        # Every table counts as large, so that types change by a column beside the old one.
        options = replace(OPTIONS, backfills=backfill.load(file), rewrite_limit=0, jobs=3)
    return Scenario(name, server, *urls, before, expected, options)


@contextlib.contextmanager
def loaded(name: str, server: Server) -> Iterator[Scenario]:
    """Load a scenario on a server that stays."""
    found = load(name, server)
    try:
        yield found
    finally:
        for url in (found.source, found.original):
            server.drop_database(url)


def _texts(name: str) -> tuple[list[str], list[str]]:
    wanted, standing = ([f.read_text() for f in FILES[n]] for n in ("legacy", "current"))
    if name == SEED:
        return wanted, standing
    if name == SMALL_SEED:
        return wanted, [standing[0], SMALL.read_text()]
    folder = FOLDER / name
    old = [(folder / file).read_text() for file in ("old.sql", "seed.sql")]
    return [(folder / "new.sql").read_text()], old


def rows(url: str, columns: Mapping[str, list[str]]) -> Rows:
    """How many rows each table holds, and a sum over the values of some of its columns."""
    found = {}
    with psycopg.connect(url) as conn:
        for table, names in columns.items():
            # A number keeps its text when its type grows.
            values = sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Identifier(n)) for n in names
            )
            row = conn.execute(
                sql.SQL(
                    "SELECT count(*), coalesce(sum(hashtextextended(ROW({})::text, 0)), 0) FROM {}"
                ).format(values, sql.Identifier("public", table))
            ).fetchone()
            assert row is not None
            found[table] = (int(row[0]), int(row[1]))
    return found


def columns(*urls: str) -> Mapping[str, list[str]]:
    """The columns of each table of the schema public that all of some databases have."""
    shared: set[tuple[str, str]] | None = None
    for url in urls:
        with psycopg.connect(url) as conn:
            here = {(str(t), str(c)) for t, c in conn.execute(_COLUMNS)}
        shared = here if shared is None else shared & here
    found: dict[str, list[str]] = {}
    for table, column in sorted(shared or ()):
        found.setdefault(table, []).append(column)
    return found


_COLUMNS = """
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
"""
