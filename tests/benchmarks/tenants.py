"""Many tenants: a change of all of them, nothing to do, and one more."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psycopg

from tests.benchmarks.measure import DURABLE, TIMES, Line, Section, in_turn, say, seconds, timed
from tests.servers import Server, private_server

ROOT = Path(__file__).parent.parent.parent
# Django's way is measured on so few of them, and scaled: it takes as long for each.
SAMPLE = 8
CONNECTIONS = 2
SCHEMAS = "SELECT schema_name FROM tenancy_tenant WHERE schema_name <> 'public' ORDER BY 1"
CHANGE = """
ALTER TABLE {0}.labels ADD COLUMN colour varchar(20);
CREATE INDEX labels_colour_idx ON {0}.labels (colour, printed_at);
INSERT INTO {0}.django_migrations (app, name, applied) VALUES ('fleet', '0002_colour', now())
"""
BACK = """
ALTER TABLE {0}.labels DROP COLUMN IF EXISTS colour;
DELETE FROM {0}.django_migrations WHERE app = 'fleet' AND name <> '0001_initial'
"""
FORGET = "DELETE FROM public.django_migrations WHERE app = 'fleet' AND name <> '0001_initial'"


class Site:
    """A database of so many tenants; what is timed runs in a process of its own.

    Args:
        where: its server.
        tenants: how many.
    """

    def __init__(self, where: Server, tenants: int) -> None:
        self.url = where.create_database("bench")
        self.tenants = tenants

    def make(self) -> float:
        """Bring it to the models as they were, with its tenants; seconds for these."""
        self._run("before", "ours")
        return self._run("before", "make", str(self.tenants))

    def after(self, what: str, name: str = "") -> float:
        """Seconds that something takes with the models as they are to be."""
        return self._run("after", what, name)

    def changed(self, what: str, name: str = "") -> float:
        """The same, from how it was before, as each way expects it."""
        self.reset()
        return self.after(what, name)

    def plain(self) -> float:
        """Seconds that the change takes by psycopg alone."""
        self._each(BACK)
        return timed(partial(self._each, CHANGE))

    def reset(self) -> None:
        """Take the change back, and have ours know all tenants as they were."""
        self._each(BACK)
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(FORGET)
        self._run("before", "ours")

    def _each(self, statements: str) -> None:
        with psycopg.connect(self.url) as conn:
            names = [name for (name,) in conn.execute(SCHEMAS).fetchall()]

        def work(some: Sequence[str]) -> None:
            with psycopg.connect(self.url, autocommit=True) as own:
                for name in some:
                    own.execute(statements.format(name).encode())

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(work, [names[n::CONNECTIONS] for n in range(CONNECTIONS)]))

    def _run(self, stage: str, what: str, name: str = "") -> float:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fleet.timed", what, name, str(SAMPLE)],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env={"PATH": os.defpath, "DJANGO_SETTINGS_MODULE": "tests.fleet.settings",
                 "DATABASE_URL": self.url, "FLEET": stage},
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        return float(json.loads(done.stdout))


@contextlib.contextmanager
def site(tenants: int) -> Iterator[Site]:
    """A database of so many tenants, at the models before the change."""
    with private_server("18", settings=DURABLE) as where:
        made = Site(where, tenants)
        say(f"tenants: making {tenants} took {made.make():.0f} s")
        made.after("template")
        yield made


def standard(rounds: int, tenants: int = 200) -> Section:
    """All of 200 tenants changed, nothing to do, and one more."""
    with site(tenants) as found:
        tables = _tables(found.url)
        measured = in_turn(rounds, {
            "ours": partial(found.changed, "ours"),
            "psycopg": found.plain,
            **{name: partial(_scaled, found, name) for name in PEERS},
        })  # fmt: skip
        found.changed("ours")
        first = found.after("ours")
        still = in_turn(rounds, {
            "ours": partial(found.after, "ours"),
            "migrate_schemas": partial(_still, found),
        })  # fmt: skip
        more = in_turn(rounds, {
            "ours": partial(found.after, "create"),
            "migrations": partial(found.after, "create_schema"),
            "clone": partial(found.after, "clone_schema", "shop001"),
        })  # fmt: skip
    what = f"column and index in {tenants} tenants"
    lines = [_faster(what, name, measured["ours"], measured[name], 100) for name in PEERS]
    lines.append(_ratio(what,
                        f"psycopg, {CONNECTIONS} connections", measured["ours"],
                        measured["psycopg"], 2))  # fmt: skip
    limit = 1 if tenants <= 200 else 3
    lines.append(_within(f"nothing to do in {tenants}, after the change", [first], limit))
    lines.append(_within(f"nothing to do in {tenants}, again", still["ours"], limit))
    lines.append(_faster(f"nothing to do in {tenants}, again", "`migrate_schemas`, scaled",
                         still["ours"], still["migrate_schemas"], 1))  # fmt: skip
    lines += [
        _faster("one more tenant", "`create_schema` by migrations", more["ours"],
                more["migrations"], 6),
        _faster("one more tenant", "`clone_schema`", more["ours"], more["clone"], 6),
    ]  # fmt: skip
    setting = (
        f"PostgreSQL 18, fsync and synchronous_commit on; {tenants} tenants of {tables} tables, "
        f"django-tenants {version('django-tenants')}, all in one database. Ours is all of "
        "`migrate_staged`, from reading to the journal; a new tenant's registration, role and "
        f"rights are part of it. `migrate_schemas` is measured on {SAMPLE} of the tenants, and its "
        f"seconds for these are scaled to {tenants}. The models' template was made before, as a "
        "deployment makes it once."
    )
    name = "tenants" if tenants <= 200 else f"tenants-{tenants}"
    return Section(name, f"{tenants:,} tenants", setting, lines)


def thousand(rounds: int) -> Section:
    """The same for 1,000."""
    return standard(rounds, 1000)


PEERS = {
    "`migrate_schemas`, scaled": "standard",
    "`migrate_schemas`, processes, scaled": "multiprocessing",
}


def _scaled(found: Site, name: str) -> float:
    found.reset()
    shared = found.after("migrate_shared")
    return found.after("migrate_schemas", PEERS[name]) / SAMPLE * found.tenants + shared


def _still(found: Site) -> float:
    return found.after("migrate_schemas", "standard") / SAMPLE * found.tenants


def _faster(what: str, peer: str, ours: Sequence[float], theirs: Sequence[float], bar: int) -> Line:
    ratio = median(theirs) / median(ours)
    said = f"≥ {bar}{TIMES} faster"
    return Line(what, peer, seconds(ours), seconds(theirs), f"{ratio:.0f}{TIMES} faster", said,
                ratio >= bar)  # fmt: skip


def _ratio(what: str, peer: str, ours: Sequence[float], theirs: Sequence[float], bar: int) -> Line:
    ratio = median(ours) / median(theirs)
    return Line(what, peer, seconds(ours), seconds(theirs), f"{ratio:.2f}{TIMES}",
                f"≤ {bar}{TIMES}", ratio <= bar)  # fmt: skip


def _within(what: str, ours: Sequence[float], limit: int) -> Line:
    return Line(what, "the limit", seconds(ours), "", "", f"≤ {limit} s", median(ours) <= limit)


def _tables(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'shop001'").fetchone()
    return int(row[0]) if row else 0
