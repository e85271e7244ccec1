"""What has changed since schemas were last seen, told without looking at what has not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.servers import Server, private_server
from weedgo.staged import census, db, seen

SCHEMAS = ["one", "two", "gone"]
MADE = """
CREATE SCHEMA {0};
CREATE TYPE {0}.kind AS ENUM ('a', 'b');
CREATE DOMAIN {0}.amount AS integer CHECK (VALUE > 0);
CREATE FUNCTION {0}.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE {0}.item (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text DEFAULT 'x', n integer);
CREATE TABLE {0}.part (id bigint PRIMARY KEY, item bigint REFERENCES {0}.item (id))
    PARTITION BY HASH (id);
CREATE TABLE {0}.half PARTITION OF {0}.part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE INDEX item_name ON {0}.item (name);
CREATE TRIGGER watched BEFORE INSERT ON {0}.item FOR EACH ROW EXECUTE FUNCTION {0}.watch();
CREATE POLICY mine ON {0}.item USING (id > 0);
CREATE VIEW {0}.names AS SELECT name FROM {0}.item;
CREATE STATISTICS {0}.both ON name, n FROM {0}.item;
CREATE SEQUENCE {0}.number;
COMMENT ON TABLE {0}.item IS 'items';
COMMENT ON TRIGGER watched ON {0}.item IS 'watched';
"""
CHANGES = """
CREATE TABLE one.more (id integer)
DROP TABLE one.more
ALTER TABLE one.item ADD COLUMN weight integer
ALTER TABLE one.item DROP COLUMN weight
ALTER TABLE one.item ALTER COLUMN name SET DEFAULT 'y'
ALTER TABLE one.item ALTER COLUMN name DROP DEFAULT
ALTER TABLE one.item ALTER COLUMN name SET NOT NULL
ALTER TABLE one.item ALTER COLUMN n SET STATISTICS 7
ALTER TABLE one.item SET (fillfactor = 70)
ALTER TABLE one.item ENABLE ROW LEVEL SECURITY
ALTER TABLE one.item DISABLE TRIGGER watched
ALTER TABLE one.item ADD CHECK (n > 0) NOT VALID
ALTER TABLE one.item VALIDATE CONSTRAINT item_n_check
ALTER TABLE one.item DROP CONSTRAINT item_n_check
ALTER TABLE one.item OWNER TO {role}
GRANT SELECT ON one.item TO {role}
ALTER TABLE one.part DETACH PARTITION one.half
ALTER TABLE one.part ATTACH PARTITION one.half FOR VALUES WITH (MODULUS 2, REMAINDER 0)
DROP INDEX one.item_name
DROP TRIGGER watched ON one.item
ALTER POLICY mine ON one.item USING (id > 1)
DROP POLICY mine ON one.item
CREATE OR REPLACE VIEW one.names AS SELECT name || '' AS name FROM one.item
ALTER SEQUENCE one.number INCREMENT BY 5
CREATE OR REPLACE FUNCTION one.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'
CREATE FUNCTION one.another() RETURNS integer LANGUAGE sql AS 'SELECT 1'
ALTER TYPE one.kind ADD VALUE 'c'
ALTER DOMAIN one.amount DROP CONSTRAINT amount_check
COMMENT ON COLUMN one.item.name IS 'its name'
COMMENT ON TABLE one.item IS NULL
DROP STATISTICS one.both
ALTER TABLE one.item SET SCHEMA public
ALTER TABLE public.item SET SCHEMA one
"""


@pytest.fixture(scope="module", params=[pytest.param("15", marks=pytest.mark.soak), "18"])
def alone(request) -> Iterator[Server]:
    """A server on which nobody else has a transaction open."""
    with private_server(request.param) as server:
        yield server


@pytest.fixture
def target(alone, database) -> Iterator[psycopg.Connection]:
    """A database of three schemas that were all seen and counted."""
    with db.connect(database(alone)) as conn:
        conn.execute(b"CREATE SCHEMA weedgo_migration")
        role = conn.info.dbname
        conn.execute(f"CREATE ROLE {role}".encode())
        for schema in SCHEMAS:
            conn.execute(MADE.format(schema).encode())
        settled(conn)
        yield conn
        conn.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER".encode())
        conn.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def settled(conn: psycopg.Connection) -> None:
    """Have all schemas seen as they are, as two runs do of which the second has nothing to do."""
    for _ in range(2):
        found = seen.look(conn, SCHEMAS)
        seen.settle(conn, found)
        new = {s: state for s, state in found.states.items() if s not in found.wanted}
        seen.remember(conn, new, "wanted")


def known(conn: psycopg.Connection) -> set[str]:
    """The schemas that are as they were seen."""
    return set(seen.look(conn, SCHEMAS).wanted)


def counted_only(conn: psycopg.Connection) -> bool:
    """Whether a look is done with the census."""
    return not seen.look(conn, SCHEMAS).new


def test_any_change_makes_its_schema_unknown_and_no_other(target):
    with psycopg.connect(target.info.dsn, autocommit=True) as other:
        assert known(target) == set(SCHEMAS)
        for change in CHANGES.strip().splitlines():
            settled(target)
            assert counted_only(target), change
            other.execute(change.format(role=other.info.dbname).encode())
            assert known(target) == {"two", "gone"}, change


def test_what_is_no_change_of_a_schema_leaves_it_known(target):
    for change in (
        "INSERT INTO one.item (name) VALUES ('a')", "VACUUM ANALYZE one.item", "VACUUM FREEZE",
        "SELECT nextval('one.number')", "CREATE TABLE public.elsewhere ()",
        "DROP TABLE public.elsewhere", "CREATE TEMPORARY TABLE own ()",
    ):  # fmt: skip
        target.execute(change.encode())
        assert known(target) == set(SCHEMAS), change


def test_a_schema_that_went_and_one_that_came_again(target):
    target.execute(b"DROP SCHEMA gone CASCADE")
    found = seen.look(target, SCHEMAS)
    assert set(found.wanted) == {"one", "two"}
    assert "gone" not in found.states
    assert "gone" in found.lost
    target.execute(MADE.format("gone").encode())
    assert known(target) == {"one", "two"}


def test_a_transaction_that_was_open_at_the_census_is_noticed(target):
    with psycopg.connect(target.info.dsn) as other:
        other.execute(b"CREATE TABLE one.late ()")
        settled(target)
        other.commit()
        assert known(target) == {"two", "gone"}


def test_what_was_new_at_the_census_and_went_is_noticed(target):
    with psycopg.connect(target.info.dsn) as other:
        # An open transaction holds the horizon back.
        other.execute(b"CREATE TEMPORARY TABLE other ()")
        target.execute(b"CREATE TABLE one.young ()")
        settled(target)
        assert known(target) == set(SCHEMAS)
        target.execute(b"DROP TABLE one.young")
        assert known(target) == {"two", "gone"}


def test_what_a_run_made_and_somebody_takes_away_is_noticed(target):
    target.execute(b"CREATE TABLE one.made ()")
    found = seen.look(target, SCHEMAS)
    seen.settle(target, found)
    seen.remember(target, {"one": found.states["one"]}, "wanted")
    assert known(target) == set(SCHEMAS)
    target.execute(b"DROP TABLE one.made")
    assert known(target) == {"two", "gone"}


def test_what_was_lost_and_not_looked_at_is_forgotten(target):
    target.execute(b"ALTER TABLE one.item ADD COLUMN more integer")
    seen.settle(target, seen.look(target, ["two"]))
    assert known(target) == {"two", "gone"}


NAMES = {"item", "item_weight"}
STEP = (
    "ALTER TABLE {0}.item ADD COLUMN weight integer; CREATE INDEX item_weight ON {0}.item (weight)"
)


def changed(conn: psycopg.Connection, early: str = "", late: str = "", last: str = "") -> None:
    """Change two of the schemas as a run does, while somebody else changes something, too."""
    sight = seen.look(conn, SCHEMAS)
    seen.settle(conn, sight)
    with closing(db.connect(conn.info.dsn)) as beside, closing(db.connect(conn.info.dsn)) as other:
        other.execute(early.encode())
        before = seen.touched(conn, ["one", "two"], NAMES, sight, beside)
        other.execute(late.encode())
        for schema in ("one", "two"):
            conn.execute(STEP.format(schema).encode())
        other.execute(last.encode())
        seen.reached(conn, sight, before, ["one", "two"], [], "changed", beside)


def test_after_a_change_a_census_is_enough(target):
    changed(target)
    found = seen.look(target, SCHEMAS)
    assert not found.new
    assert found.wanted == {"one": "changed", "two": "changed", "gone": "wanted"}
    target.execute(b"DROP INDEX two.item_weight")
    assert known(target) == {"one", "gone"}


@pytest.mark.parametrize("when", ["early", "late", "last"])
@pytest.mark.parametrize(
    ("change", "unknown"),
    [
        ("CREATE INDEX another ON one.part (id)", "one"),
        ("ALTER TABLE one.part ADD COLUMN more integer", "one"),
        ("DROP VIEW one.names", "one"),
        ("CREATE TABLE gone.more ()", "gone"),
        ("DROP VIEW gone.names", "gone"),
        ("ALTER TABLE gone.item ALTER name SET DEFAULT 'z'", "gone"),
    ],
)
def test_what_others_change_meanwhile_is_noticed(target, when, change, unknown):
    changed(target, **{when: change})
    assert known(target) == {*SCHEMAS} - {unknown}


@pytest.mark.parametrize("change", [
    "CREATE INDEX another ON one.item (n)", "DROP INDEX one.item_name",
    "ALTER TABLE one.item ALTER name SET NOT NULL",
])  # fmt: skip
def test_what_others_change_at_the_same_tables_before_is_noticed(target, change):
    changed(target, early=change)
    assert known(target) == {"two", "gone"}


def test_a_census_that_was_copied_from_elsewhere_counts_for_nothing(target):
    assert census.kept(target) is not None
    target.execute(b"UPDATE weedgo_migration.census SET rows = rows")
    assert census.kept(target) is None
    assert known(target) == set(SCHEMAS)
