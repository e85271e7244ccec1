"""PostGIS, contrib and a partition manager: theirs is left alone, ours that uses it is migrated."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests import pgdump
from tests.cases import harness
from tests.servers import Server
from weedgo.staged.model import Options
from weedgo.staged.run import migrate

EXTENSIONS = """
CREATE SCHEMA ext;
CREATE EXTENSION postgis SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION ltree SCHEMA ext;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA ext;
CREATE EXTENSION pgcrypto SCHEMA ext;
"""
OLD = (
    EXTENSIONS
    + """
CREATE TABLE place (
    id integer PRIMARY KEY, name ext.citext, spot ext.geometry(Point, 4326), tags ext.hstore,
    area ext.geometry, path ext.ltree
);
CREATE INDEX place_spot ON place USING gist (spot);
CREATE INDEX place_name ON place USING gin (name ext.gin_trgm_ops);
CREATE VIEW spots AS SELECT id, ext.st_x(spot) AS x FROM place;
CREATE TABLE booking (place integer, during tsrange);
"""
)
NEW = (
    EXTENSIONS
    + """
CREATE EXTENSION unaccent SCHEMA ext;
CREATE TABLE place (
    id integer PRIMARY KEY, name text, spot ext.geometry(PointZ, 4326), tags jsonb,
    area ext.geometry(MultiPolygon, 4326), path ext.ltree,
    token bytea DEFAULT ext.gen_random_bytes(8),
    land ext.geography(Point, 4326),
    hash text GENERATED ALWAYS AS (ext.st_geohash(spot)) STORED,
    CHECK (ext.st_isvalid(area))
);
CREATE INDEX place_spot ON place USING gist (spot ext.gist_geometry_ops_nd);
CREATE INDEX place_land ON place USING spgist (land);
CREATE INDEX place_name ON place USING gist (name ext.gist_trgm_ops (siglen='64'));
CREATE INDEX place_path ON place USING gist (path) WHERE ext.st_srid(area) = 4326;
CREATE VIEW spots AS SELECT id, ext.st_x(spot) AS x, ext.st_z(spot) AS z FROM place;
CREATE TABLE booking (
    place integer, during tsrange, EXCLUDE USING gist (place WITH =, during WITH &&)
);
CREATE FUNCTION near(ext.geometry, p ext.geography DEFAULT NULL) RETURNS SETOF place
    LANGUAGE sql STABLE AS 'SELECT * FROM public.place';
"""
)
# What a tool such as pg_partman keeps beside the tables that it cuts into partitions.
MANAGED = """
CREATE SCHEMA partman;
CREATE TABLE partman.part_config (parent text PRIMARY KEY, step interval);
INSERT INTO partman.part_config VALUES ('public.event', '1 month');
CREATE FUNCTION partman.maintain() RETURNS void LANGUAGE plpgsql AS 'BEGIN END';
CREATE TABLE event_p2026_01 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE event_p2026_02 PARTITION OF event FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO event SELECT n, date '2026-01-20' + n FROM generate_series(1, 20) n;
"""
EVENT = "CREATE TABLE event (id bigint NOT NULL, at date NOT NULL{}) PARTITION BY RANGE (at);\n"
GROWN = """
ALTER TABLE event ADD PRIMARY KEY (id, at);
CREATE INDEX event_place ON event (place);
"""


@pytest.fixture(autouse=True)
def _postgis(pg15: Server) -> None:
    with psycopg.connect(pg15.url) as conn:
        found = conn.execute("SELECT FROM pg_available_extensions WHERE name = 'postgis'")
        if not found.rowcount:
            pytest.skip("PostgreSQL 15 has no PostGIS here: run tests/install_servers.sh")


@pytest.mark.parametrize("back", [False, True], ids=["there", "back"])
def test_columns_and_indexes_of_extensions_types(pg15: Server, back: bool) -> None:
    old, new = (NEW, OLD) if back else (OLD, NEW)
    outcome = harness.run(pg15, pg15, old, new)
    assert not outcome.problems, "\n".join(outcome.problems)
    assert not outcome.refused


@pytest.fixture
def managed(pg15: Server) -> Iterator[tuple[str, str]]:
    """A source, and a target whose partitions a manager has made."""
    source, target = pg15.create_database("wanted"), pg15.create_database("managed")
    harness.load(source, EXTENSIONS + EVENT.format(", place integer") + GROWN)
    harness.load(target, EXTENSIONS + EVENT.format(""), MANAGED)
    yield source, target
    for url in (source, target):
        pg15.drop_database(url)


def test_a_partition_managers_objects_stay(managed: tuple[str, str]) -> None:
    source, target = managed
    before = pgdump.dump(target)
    report = migrate(source, target, Options(), output=None, backup=False, listen=lambda _: None)
    assert report.status == "equal", [r for r in report.results if r.message]
    after = pgdump.dump(target)
    theirs = [k for k in before if "partman" in k or "EXTENSION" in k[1]]
    assert theirs
    assert [k for k in theirs if after.get(k) != before[k]] == []
    assert harness.invalid(target) == []
    assert harness.counts(target)["event_p2026_01"].count == 11
    with psycopg.connect(target) as conn:
        keys = conn.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid::regclass::text LIKE 'event_p2026%'"
        ).fetchone()
    assert keys == (4,)
