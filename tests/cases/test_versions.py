"""The same schema on any two server versions compares equal, either way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests import servers
from tests.cases import harness
from tests.servers import Server
from weedgo.staged.run import compare

VERSIONS = ("15", "16", "17.6", "18")
_CANNOT = (psycopg.errors.FeatureNotSupported, psycopg.errors.SyntaxError)


@contextmanager
def _databases(case: str) -> Iterator[dict[str, str]]:
    """A database with the case's new schema on each server that can hold it, by version."""
    text = harness.read(case, "new.sql")
    made: list[tuple[Server, str]] = []
    held: dict[str, str] = {}
    try:
        for version in (v for v in VERSIONS if v in servers.available()):
            server = servers.server(version)
            harness.roles(server, text)
            url = server.create_database("version")
            made.append((server, url))
            try:
                harness.load(url, text)
            except _CANNOT:
                continue
            held[version] = url
        yield held
    finally:
        for server, url in made:
            server.drop_database(url)


def _some(step: int) -> list[object]:
    return [
        case if place % step == 0 else pytest.param(case, marks=pytest.mark.soak)
        for place, case in enumerate(harness.names())
    ]


@pytest.mark.parametrize("case", _some(40))
def test_any_two_versions_compare_equal(case: str) -> None:
    with _databases(case) as held:
        for a, b in itertools.permutations(held, 2):
            found = compare(held[a], held[b])
            unlike = [(str(c.id), c.action, c.attributes) for c in found.changes]
            assert (a, b, unlike, found.kept, found.unverified) == (a, b, [], (), ())


@pytest.mark.parametrize("version", ["15", "16"])
def test_a_rollback_is_written_for_the_server_that_it_runs_on(version: str, pg18: Server) -> None:
    if version not in servers.available():
        pytest.skip(f"PostgreSQL {version} is not installed")
    old = "CREATE TABLE t (id int, a int NOT NULL, b int); CREATE TABLE u (id int NOT NULL);"
    new = "CREATE TABLE t (id int, a int, b int NOT NULL); CREATE TABLE u (id int);"
    for source, target in ((pg18, servers.server(version)), (servers.server(version), pg18)):
        outcome = harness.run(source, target, old, new, "INSERT INTO t VALUES (1, 2, 3)")
        assert (outcome.problems, outcome.refused) == ((), ())


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    "case",
    [
        "385-not_null_of_partitions_stays_when_that_of_their_whole_goes",
        "407-heirs_name_their_not_null_otherwise_pg18",
        "408-columns_of_heirs_with_keys_change_their_types",
        "409-foreign_partitions_and_heirs",
        "537-heirs_become_partitions_with_other_columns",
    ],
)
def test_not_null_of_a_source_that_knows_no_names(case: str, back: bool, pg18: Server) -> None:
    if "15" not in servers.available():
        pytest.skip("PostgreSQL 15 is not installed")
    old, new, seed = (harness.read(case, f"{name}.sql") for name in ("old", "new", "seed"))
    texts = (new, old) if back else (old, new, seed)
    outcome = harness.run(servers.server("15"), pg18, *texts, printed=False)
    assert (outcome.problems, outcome.refused) == ((), ())
