"""Owners, grants and roles under the options of a run; secrets that no file may show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests import pgdump
from tests.cases import harness
from tests.servers import Server, server
from weedgo.staged import catalog
from weedgo.staged.model import DropMode, Options, Report, Status
from weedgo.staged.run import migrate, plan, rollback

ROLES = ("create role hr1 hr2 hr3 hr4 hr5",)
DROP = Options(drop=DropMode.DROP)


@dataclass
class Pair:
    """A source and a target."""

    source: str
    target: str

    def load(self, old: str, new: str) -> None:
        harness.load(self.source, new)
        harness.load(self.target, old)

    def migrate(self, options: Options = DROP, output: Path | None = None) -> Report:
        return migrate(
            self.source, self.target, options, output=output, backup=False, listen=lambda _: None
        )

    def scalar(self, query: str) -> object:
        with psycopg.connect(self.target) as conn:
            row = conn.execute(query.encode()).fetchone()
            return row[0] if row else None


@pytest.fixture(scope="module")
def postgres() -> Server:
    """A server with the roles that the tests name."""
    found = server("18")
    harness.roles(found, *ROLES)
    return found


@pytest.fixture
def pair(postgres: Server) -> Iterator[Pair]:
    """Two empty databases."""
    source, target = postgres.create_database("source"), postgres.create_database("target")
    yield Pair(source, target)
    postgres.drop_database(source)
    postgres.drop_database(target)


OLD = """
create table t (id int primary key, a int); create view v as select a from t;
grant select on v to hr3; alter view v owner to hr4;
"""
NEW = """
create table t (id int primary key, a bigint); create view v as select a from t;
alter table t owner to hr1; grant select on t to hr2; grant select on v to hr2;
create table n (id int); alter table n owner to hr1;
"""


def test_without_owners_and_grants_nothing_of_them_changes(pair: Pair) -> None:
    pair.load(OLD, NEW)
    report = pair.migrate(Options(drop=DropMode.DROP, owners=False, privileges=False))
    assert report.status == "equal"
    assert pair.scalar("select relowner::regrole::text from pg_class where relname = 'v'") == "hr4"
    assert pair.scalar("select has_table_privilege('hr3', 'v', 'select')") is True
    assert pair.scalar("select has_table_privilege('hr2', 't', 'select')") is False
    mine = "select relowner = current_user::regrole from pg_class where relname = 'n'"
    assert pair.scalar(mine) is True


def test_roles_are_mapped_wherever_they_are_named(pair: Pair) -> None:
    new = """
        create table t (id int primary key); alter table t owner to hr1;
        grant select on t to hr2 with grant option; grant update (id) on t to hr2;
        alter table t enable row level security; create policy p on t to hr2 using (true);
        alter default privileges for role hr1 in schema public grant select on tables to hr2;
        create foreign data wrapper w; create server s foreign data wrapper w;
        create user mapping for hr2 server s options (user 'u', password 'secret');
    """
    pair.load("create table t (id int primary key);", new)
    options = Options(drop=DropMode.DROP, role_map={"hr1": "hr3", "hr2": "hr4"})
    assert pair.migrate(options).status == "equal"
    printed = "\n".join(pgdump.dump(pair.target).values())
    assert "hr1" not in printed
    assert "hr2" not in printed
    expected = "\n".join(pgdump.dump(pair.source).values())
    assert printed == expected.replace("hr1", "hr3").replace("hr2", "hr4")
    assert not pair.migrate(options).results


def test_a_role_that_the_target_lacks_is_named_and_the_rest_goes_on(pair: Pair) -> None:
    new = """
        create table t (id int primary key); alter table t owner to hr1;
        create table u (id int); grant select on u to hr1;
        alter table u enable row level security; create policy p on u to hr1 using (true);
        create table w (id int);
    """
    pair.load("", new)
    report = pair.migrate(Options(role_map={"hr1": "nobody_at_all"}))
    assert report.status == "refused"
    refused = {str(r.step.main.id): r.message for r in report.results if r.status is Status.REFUSED}
    assert len(refused) == 3
    assert all("'nobody_at_all'" in message for message in refused.values())
    assert pair.scalar("select count(*) from pg_class where relname in ('t', 'u', 'w')") == 3


def test_what_a_grantee_granted_goes_with_the_right_to_grant(pair: Pair) -> None:
    chain = """
        create table t (id int primary key, a int);
        grant select, insert on t to hr1 with grant option;
        set role hr1; grant select on t to hr2; grant insert on t to hr3; reset role;
        grant select (a) on t to hr5;
    """
    new = """
        create table t (id int primary key, a int);
        grant select on t to hr1; grant insert on t to hr3; grant select (a) on t to hr5;
    """
    pair.load(chain, new)
    assert pair.migrate().status == "equal"
    assert pgdump.dump(pair.target) == pgdump.dump(pair.source)
    assert not pair.migrate().results


SECRETS = """
create foreign data wrapper w;
create server s foreign data wrapper w options (host 'h', api_token 'tok%s');
create user mapping for hr1 server s options (user 'u', password '%s');
create subscription sub connection 'host=h.invalid password=%s' publication p
  with (connect = false, slot_name = none);
"""
OLD_SECRETS = SECRETS % ("Old1", "Old2", "Old3")
NEW_SECRETS = SECRETS % ("New1", "New2", "New3")


def test_no_file_and_no_journal_holds_a_secret(pair: Pair, tmp_path: Path) -> None:
    pair.load(OLD_SECRETS, NEW_SECRETS)
    report = pair.migrate(output=tmp_path)
    assert report.status == "equal"
    options = "select umoptions::text from pg_user_mappings"
    assert "New2" in str(pair.scalar(options))
    assert "New3" in str(pair.scalar("select subconninfo from pg_subscription"))
    words = [f"{age}{number}".encode() for age in ("Old", "New") for number in "123"]
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert not any(word in file.read_bytes() for word in words), file
    journal = "select string_agg(s::text, '') from weedgo_migration.step s"
    kept = str(pair.scalar(journal)) + repr(report)
    assert not any(word.decode() in kept for word in words)
    assert not pair.migrate().results


def test_what_held_a_secret_is_not_undone_as_if_it_had_none(pair: Pair) -> None:
    pair.load(OLD_SECRETS, "")
    assert pair.migrate().status == "equal"
    undone = rollback(pair.target)
    refused = [r.message for r in undone.results if r.status is not Status.UNDONE]
    assert any("secret options" in message for message in refused)
    assert any("password of its connection" in message for message in refused)


def test_a_plan_with_secrets_is_proved(pair: Pair) -> None:
    pair.load(OLD_SECRETS, NEW_SECRETS)
    found = plan(pair.source, pair.target, DROP, proof=True)
    assert (found.status, "proved" in found.message) == ("planned", True), found.message


def test_a_scratch_database_with_a_subscription_is_dropped(
    postgres: Server, pair: Pair, tmp_path: Path
) -> None:
    file = tmp_path / "source.sql"
    file.write_text(NEW_SECRETS)
    report = migrate(str(file), pair.target, DROP, output=None, backup=False, listen=lambda _: None)
    assert report.status == "equal"
    with psycopg.connect(postgres.url) as conn:
        left = "select datname from pg_database where datname ~ '^weedgo_scratch_'"
        assert conn.execute(left).fetchall() == []


def test_whoever_may_not_read_a_connection_is_told_of_the_subscription(pair: Pair) -> None:
    pair.load("", NEW_SECRETS)
    with psycopg.connect(pair.source, options="-c role=hr1") as conn:
        found = catalog.read(conn)
    assert [u.kind for u in found.unmodelled] == ["subscription"]
    assert not [i for i in found.objects if i.kind == "subscription"]


def test_what_is_created_ends_with_exactly_the_grants_of_the_source(pair: Pair) -> None:
    old = "alter default privileges grant all on tables to hr1, hr2;"
    pair.load(old, old + "create table t (id int); revoke all on t from hr1, hr2;")
    assert pair.migrate().status == "equal"
    assert len(pair.migrate().results) == 0
    assert pair.scalar("select relacl::text from pg_class where relname = 't'") == (
        "{" + str(pair.scalar("select current_user")) + "=arwdDxtm/postgres}"
    )
