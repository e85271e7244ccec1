"""Connecting: what cannot be worked with is refused with one clear line that shows no secret."""

from __future__ import annotations

import contextlib
import socket
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import Database
from tests.integration.staged.made import ask, do
from tests.servers import Server, private_server
from weedgo.staged.db import check_writable, connect, same_database
from weedgo.staged.model import StagedError


def refused(url: str) -> str:
    """The one line with which a connection is refused."""
    with pytest.raises(StagedError) as error:
        connect(url)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_every_supported_version_is_accepted(any_server: Server, database: Database) -> None:
    with connect(database(any_server)) as conn:
        assert conn.autocommit
        assert conn.execute("SHOW search_path").fetchone() == ("",)
        assert conn.execute("SHOW check_function_bodies").fetchone() == ("off",)


def test_settings_of_role_and_database_do_not_show_through(
    pg18: Server, database: Database
) -> None:
    url = database(pg18)
    name = conninfo_to_dict(url)["dbname"]
    for setting in ("TimeZone = 'Asia/Tokyo'", "DateStyle = 'German'", "statement_timeout = '1s'",
                    "default_transaction_isolation = 'serializable'"):  # fmt: skip
        do(url, f"ALTER DATABASE {name} SET {setting}")
    with connect(url) as conn:
        row = conn.execute("SELECT timestamptz '2026-01-02 03:04:05+00' || ''").fetchone()
        assert row == ("2026-01-02 03:04:05+00",)
        assert conn.execute("SHOW statement_timeout").fetchone() == ("0",)
        assert conn.execute("SHOW transaction_isolation").fetchone() == ("read committed",)


def test_reading_connections_cannot_write(pg18: Server, database: Database) -> None:
    refusal = pytest.raises(psycopg.errors.ReadOnlySqlTransaction)
    with connect(database(pg18), read_only=True) as conn, refusal:
        conn.execute("CREATE TABLE public.t (id integer)")


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = refused(f"postgresql://joe:hidden@127.0.0.1:{port}/shop")
    assert f"postgresql://joe@127.0.0.1:{port}/shop" in message
    assert "check host and port" in message
    assert "hidden" not in message


def test_a_host_that_is_not_there() -> None:
    assert "check the host name" in refused("postgresql://joe@nowhere.invalid/shop")


def test_a_database_that_is_not_there(pg18: Server) -> None:
    message = refused(pg18.database_url("nowhere_to_be_found"))
    assert '"nowhere_to_be_found" does not exist; check the name' in message


def test_something_else_than_postgresql() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            for _ in range(3):
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(1024)
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        message = refused(f"postgresql://joe:hidden@127.0.0.1:{server.getsockname()[1]}/shop")
    assert "cannot connect" in message
    assert "hidden" not in message


def test_a_wrong_password_is_told_and_not_shown() -> None:
    with private_server("18") as server:
        do(server.url, "CREATE ROLE clerk LOGIN PASSWORD 'right'")
        hba = Path(str(ask(server.url, "SHOW hba_file")))
        hba.write_text("host all clerk all scram-sha-256\n" + hba.read_text())
        do(server.url, "SELECT pg_reload_conf()")
        address = conninfo_to_dict(server.url)
        place = f"{address['host']}:{address['port']}/postgres"
        message = refused(f"postgresql://clerk:wr0ng%40word@{place}")
        assert "password authentication failed" in message
        assert "check user and password" in message
        assert "wr0ng" not in message
        assert "give a password" in refused(f"postgresql://clerk@{place}")
        connect(f"postgresql://clerk:right@{place}").close()


@pytest.fixture
def pooler(pg18: Server, database: Database) -> Iterator[str]:
    """URL of a proxy that, as poolers do, hands out a cancellation key of its own."""
    url = database(pg18)
    address = conninfo_to_dict(url)
    upstream = (str(address["host"]), int(str(address["port"])))
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_relay, args=(server, upstream), daemon=True).start()
        port = server.getsockname()[1]
        yield psycopg.conninfo.make_conninfo(url, host="127.0.0.1", port=port, sslmode="disable",
                                             gssencmode="disable")  # fmt: skip


def _relay(server: socket.socket, upstream: tuple[str, int]) -> None:
    try:
        client, _ = server.accept()
    except OSError:
        return
    with client, socket.create_connection(upstream) as backend:
        threading.Thread(target=_pump, args=(client, backend), daemon=True).start()
        _pump(backend, client, change=True)


def _pump(source: socket.socket, sink: socket.socket, *, change: bool = False) -> None:
    while data := _received(source):
        key = data.find(b"K\x00\x00\x00\x0c") if change else -1
        if key >= 0:
            pid = int.from_bytes(data[key + 5 : key + 9], "big") ^ 1
            data = data[: key + 5] + pid.to_bytes(4, "big") + data[key + 9 :]
        with contextlib.suppress(OSError):
            sink.sendall(data)


def _received(source: socket.socket) -> bytes:
    """What comes next; nothing once either side has hung up."""
    try:
        return source.recv(65536)
    except OSError:
        return b""


def test_a_pooler_is_refused(pooler: str) -> None:
    assert "connection pooler" in refused(pooler)


def test_one_database_by_two_addresses(pg18: Server, database: Database) -> None:
    url = database(pg18)
    name = conninfo_to_dict(url)["dbname"]
    socket_folder = str(ask(url, "SHOW unix_socket_directories"))
    by_socket = psycopg.conninfo.make_conninfo(url, host=socket_folder, dbname=name)
    with connect(url) as a, connect(by_socket) as b, connect(database(pg18)) as c:
        assert same_database(a, b)
        assert not same_database(a, c)


def test_databases_of_two_servers_are_two(pg16: Server, pg18: Server) -> None:
    with connect(pg16.url) as a, connect(pg18.url) as b:
        assert not same_database(a, b)


class TestWritable:
    @pytest.fixture
    def clerk(self, pg18: Server, database: Database) -> Iterator[str]:
        """URL of a database for a role that may only connect."""
        url = database(pg18)
        role = f"clerk_{uuid.uuid4().hex[:8]}"
        do(url, f"CREATE ROLE {role} LOGIN")
        yield psycopg.conninfo.make_conninfo(url, user=role)
        do(url, f"DROP OWNED BY {role}")
        pg18.drop_role(role)

    def test_the_owner_may(self, pg18: Server, database: Database) -> None:
        with connect(database(pg18)) as conn:
            check_writable(conn, ["public"])

    def test_a_role_that_may_not_create_is_told_the_grant(self, clerk: str) -> None:
        with connect(clerk) as conn, pytest.raises(StagedError) as error:
            check_writable(conn)
        assert "GRANT CREATE ON DATABASE" in str(error.value)

    def test_a_schema_in_which_it_may_not_create(self, clerk: str, pg18: Server) -> None:
        address = conninfo_to_dict(clerk)
        with psycopg.connect(pg18.url, autocommit=True) as admin:
            admin.execute(
                sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(
                    sql.Identifier(str(address["dbname"])), sql.Identifier(str(address["user"]))
                )
            )
        with connect(clerk) as conn, pytest.raises(StagedError) as error:
            check_writable(conn, ["public"])
        assert "GRANT CREATE ON SCHEMA" in str(error.value)

    def test_a_read_only_database(self, pg18: Server, database: Database) -> None:
        url = database(pg18)
        name = conninfo_to_dict(url)["dbname"]
        do(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        with connect(url) as conn, pytest.raises(StagedError, match="read only"):
            check_writable(conn)
