"""Scratch databases: like the target, unique, and gone, even when their maker was killed."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.conftest import Database
from tests.integration.staged.made import ask, do
from tests.servers import Server, private_server
from weedgo.staged.db import connect, redact
from weedgo.staged.model import StagedError
from weedgo.staged.scratch import (
    environment,
    find_tool,
    load_sql,
    possible,
    scratch_database,
    with_database,
)


def databases(url: str, run: str) -> int:
    """How many scratch databases of a run there are."""
    query = (
        "SELECT count(*) FROM pg_database WHERE datname LIKE 'weedgo\\_scratch\\_' || %s || '%%'"
    )
    return int(ask(url, query, run.replace("-", "_")))


@pytest.fixture
def run() -> str:
    """A run's id that no other test uses."""
    return f"20260101-0000-{uuid.uuid4().hex[:8]}"


def test_it_is_empty_and_like_the_target_and_dropped(target: str, run: str) -> None:
    with connect(target) as conn:
        with (
            scratch_database(target, like=conn, run=run) as one,
            scratch_database(target, like=conn, run=run) as two,
        ):
            assert one != two
            assert databases(target, run) == 2
            assert ask(one, "SELECT count(*) FROM pg_class WHERE relname = 'orders'") == 0
        assert databases(target, run) == 0


@pytest.mark.parametrize(
    "options",
    [
        "ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'",
        "ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'",
        "ENCODING 'UTF8' LOCALE_PROVIDER builtin LOCALE 'C.UTF-8'",
    ],
)
def test_encoding_and_locale_are_the_targets(pg18: Server, run: str, options: str) -> None:
    name = f"locale_{uuid.uuid4().hex[:8]}"
    do(pg18.url, f"CREATE DATABASE {name} TEMPLATE template0 {options}")
    url = pg18.database_url(name)
    query = (
        "SELECT (encoding, datlocprovider, datcollate, datctype, datlocale)::text"
        " FROM pg_database WHERE datname = current_database()"
    )
    try:
        with connect(url) as conn, scratch_database(url, like=conn, run=run) as scratch:
            assert ask(scratch, query) == ask(url, query)
    finally:
        pg18.drop_database(url)


def test_it_is_made_on_every_version(any_server: Server, database: Database, run: str) -> None:
    url = database(any_server)
    with connect(url) as conn:
        assert possible(conn)
        with scratch_database(url, like=conn, run=run) as scratch:
            assert ask(scratch, "SELECT 1") == 1


def test_another_server_serves_too(target: str, pg16: Server, run: str) -> None:
    with connect(target) as conn, scratch_database(pg16.url, like=conn, run=run) as scratch:
        assert conninfo_to_dict(scratch)["port"] == conninfo_to_dict(pg16.url)["port"]


def test_what_a_killed_run_left_is_dropped_by_the_next(target: str, run: str) -> None:
    code = (
        "import os, signal, sys\n"
        "from weedgo.staged.db import connect\n"
        "from weedgo.staged.scratch import scratch_database\n"
        "with connect(sys.argv[1]) as c, scratch_database(sys.argv[1], like=c, run=sys.argv[2]):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with connect(target) as conn, scratch_database(target, like=conn, run=run + "-live"):
        subprocess.run([sys.executable, "-c", code, target, run + "-dead"], check=False)
        # Its session lives until the server notices.
        for number in range(60):
            with scratch_database(target, like=conn, run=f"{run}-next{number}"):
                if databases(target, run + "-dead") == 0:
                    break
        assert databases(target, run + "-dead") == 0
        assert databases(target, run + "-live") == 1


def test_a_role_that_may_not_create_databases_is_told(target: str, pg18: Server, run: str) -> None:
    role = f"clerk_{uuid.uuid4().hex[:8]}"
    do(target, f"CREATE ROLE {role} LOGIN")
    url = make_conninfo(target, user=role)
    try:
        with connect(url) as conn:
            assert not possible(conn)
            made = scratch_database(url, like=conn, run=run)
            with pytest.raises(StagedError, match="--scratch-url"), made:
                pass
    finally:
        pg18.drop_role(role)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://a@b:1/c?x=y", "postgresql://a@b:1/new%20db?x=y"),
        ("postgresql://b", "postgresql://b/new%20db"),
        ("postgresql:///c?host=/run", "postgresql:///new%20db?host=/run"),
    ],
)
def test_another_database_of_the_same_server(url: str, expected: str) -> None:
    assert with_database(url, "new db") == expected


class TestLoading:
    def test_a_file_with_commands_of_psql(self, target: str, pg18: Server, tmp_path: Path) -> None:
        file = tmp_path / "schema.sql"
        file.write_text(
            "\\set wanted loaded\nCREATE TABLE public.:wanted (id integer);\n"
            "CREATE FUNCTION public.f() RETURNS bigint LANGUAGE sql"
            " AS 'SELECT count(*) FROM public.later';\n"
            "COPY public.loaded FROM stdin;\n1\n2\n\\.\n"
        )
        load_sql(target, file, psql=pg18.psql)
        assert ask(target, "SELECT count(*) FROM public.loaded") == 2

    def test_broken_sql_is_told_with_its_line(
        self, target: str, pg18: Server, tmp_path: Path
    ) -> None:
        file = tmp_path / "broken.sql"
        file.write_text("CREATE TABLE public.x (id integer);\n\nCREATE TABEL public.y ();\n")
        with pytest.raises(StagedError, match=r"broken\.sql, line 3: syntax error") as error:
            load_sql(target, file, psql=pg18.psql)
        assert "\n" not in str(error.value)

    def test_roles_of_another_server_are_told_as_such(
        self, target: str, pg18: Server, tmp_path: Path
    ) -> None:
        file = tmp_path / "dump.sql"
        file.write_text("CREATE TABLE public.x (id int);\nALTER TABLE public.x OWNER TO nobodys;\n")
        with pytest.raises(StagedError, match=r"line 2: role .*the dump with --no-owner"):
            load_sql(target, file, psql=pg18.psql)

    def test_a_file_that_is_not_there(self, target: str, tmp_path: Path) -> None:
        with pytest.raises(StagedError, match="there is no SQL file"):
            load_sql(target, tmp_path / "absent.sql")

    def test_passwords_go_by_environment(self) -> None:
        assert environment("postgresql://joe:a%40b@c/d")["PGPASSWORD"] == "a@b"


class TestTools:
    def test_the_oldest_that_is_new_enough(self, pg16: Server, pg18: Server) -> None:
        folders = [pg18.bin_dir, pg16.bin_dir]
        assert find_tool("pg_dump", 18, folders=folders) == pg18.bin_dir / "pg_dump"
        version = subprocess.run(
            [str(find_tool("pg_dump", 16, folders=folders)), "--version"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert ") 16" in version.stdout

    def test_none_that_is_new_enough(self) -> None:
        with pytest.raises(StagedError, match="pg_dump 99 or newer is needed"):
            find_tool("pg_dump", 99)


def test_a_passfile_that_names_the_target_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: str
) -> None:
    passfile, file = tmp_path / "pass", tmp_path / "schema.sql"
    file.write_text("CREATE TABLE public.loaded (id integer);")
    with private_server("18") as server:
        do(server.url, "CREATE ROLE clerk LOGIN CREATEDB PASSWORD 'right'")
        do(server.url, "CREATE DATABASE shop OWNER clerk")
        hba = Path(str(ask(server.url, "SHOW hba_file")))
        hba.write_text("host all clerk all scram-sha-256\n" + hba.read_text())
        do(server.url, "SELECT pg_reload_conf()")
        place = conninfo_to_dict(server.url)
        passfile.write_text(f"{place['host']}:{place['port']}:shop:clerk:right\n")
        passfile.chmod(0o600)
        monkeypatch.setenv("PGPASSFILE", str(passfile))
        monkeypatch.delenv("PGPASSWORD", raising=False)
        url = f"postgresql://clerk@{place['host']}:{place['port']}/shop"
        with connect(url) as conn, scratch_database(url, like=conn, run=run) as made:
            load_sql(made, file, psql=server.psql)
            assert ask(made, "SELECT count(*) FROM public.loaded") == 0
            assert "right" not in redact(made)
        assert databases(server.url, run) == 0


def test_the_admin_connection_is_closed(target: str, run: str) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%%' || %s"
    with connect(target) as conn:
        with pytest.raises(ZeroDivisionError), scratch_database(target, like=conn, run=run):
            raise ZeroDivisionError
        assert databases(target, run) == 0
    with psycopg.connect(target) as conn:
        assert conn.execute(query, [run]).fetchone() is not None
