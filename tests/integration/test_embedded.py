"""The embedded servers, seen by processes that come, go and crash."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import psycopg
import pytest

from weedgo import embedded
from weedgo.cluster import reachable

PROGRAM = """
import sys
from weedgo import embedded
try:
    print(embedded.url(*sys.argv[1:]), flush=True)
except embedded.EmbeddedError as error:
    sys.exit(str(error))
sys.stdin.read()
"""
ROOT = Path(__file__).parent.parent.parent
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a server of another user can reach, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="weedgo-embedded-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    # A failed test leaves some.
    while User.running:
        User.running.pop().kill()
    for data in path.glob("*"):
        if (data / "postmaster.pid").exists():
            wait_until_stopped(data)
    shutil.rmtree(path)


class User:
    """A process that uses an embedded server until `leave` or `kill`."""

    running: ClassVar[list[User]] = []

    def __init__(self, folder: Path, *arguments: str, become: Sequence[str] = (), **env: str):
        self.process = subprocess.Popen(
            [*become, sys.executable, "-c", PROGRAM, *arguments],
            cwd=ROOT,
            env={"PATH": os.defpath, "WEEDGO_POSTGRES_FOLDER": str(folder), **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(self)

    def url(self) -> str:
        line = self.process.stdout.readline().strip()
        assert line, self.error()
        return line

    def error(self) -> str:
        self.running.remove(self)
        return self.process.communicate()[1].strip()

    def leave(self) -> None:
        assert self.error() == ""
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()
        if self in self.running:
            self.running.remove(self)


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def wait_until_stopped(data: Path) -> None:
    """Wait for the lock that the server's watcher holds until it has stopped the server."""
    with data.with_name(f"{data.name}.watcher").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    assert not (data / "postmaster.pid").exists()


def test_both_servers_have_their_version_and_only_a_socket(folder):
    current, legacy = User(folder), User(folder, "legacy", "weed")
    for user, version, database in ((current, "18", "weedgo"), (legacy, "16", "weed")):
        url = user.url()
        assert str(one(url, "SHOW server_version")).startswith(version)
        assert one(url, "SHOW listen_addresses") == ""
        assert one(url, "SELECT current_database()") == database
        assert one(url, "SHOW server_encoding") == "UTF8"
        assert one(url, "SHOW timezone") == "UTC"
        user.leave()


def test_the_last_user_stops_the_server(folder):
    first = User(folder)
    url = first.url()
    second = User(folder)
    assert second.url() == url
    first.leave()
    assert one(url, "SELECT 1") == 1
    second.leave()
    wait_until_stopped(folder / "18")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_users_who_start_at_once_share_one_server(folder):
    users = [User(folder) for _ in range(4)]
    urls = {user.url() for user in users}
    assert len(urls) == 1
    assert len({one(url, "SELECT pg_postmaster_start_time()") for url in urls}) == 1
    for user in users:
        user.leave()


def test_a_killed_user_does_not_keep_the_server(folder):
    first, second = User(folder), User(folder)
    url = first.url()
    second.url()
    first.kill()
    assert one(url, "SELECT 1") == 1
    second.kill()
    wait_until_stopped(folder / "18")


def test_rows_survive_a_restart_and_a_crash_of_the_server(folder):
    user = User(folder)
    url = user.url()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    user.leave()
    wait_until_stopped(folder / "18")

    user = User(folder)
    assert one(user.url(), "SELECT count(*) FROM kept") == 1
    os.kill(int((folder / "18/postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    other = User(folder)
    assert one(other.url(), "SELECT count(*) FROM kept") == 1
    user.leave()
    other.leave()


def test_a_process_id_that_went_to_a_stranger_is_ignored(folder):
    user = User(folder)
    user.url()
    user.leave()
    wait_until_stopped(folder / "18")
    stale = folder / "18" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{folder}/18\n1\n5432\n\n\n0 0\nready   \n")
    user = User(folder)
    assert one(user.url(), "SELECT 1") == 1
    user.leave()


def test_a_crashed_initdb_is_done_again(folder):
    (folder / "18.making").mkdir()
    (folder / "18.making" / "PG_VERSION").write_text("18\n")
    user = User(folder)
    assert one(user.url(), "SELECT 1") == 1
    user.leave()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("not-a-folder", "cannot write"),
        ("not-a-cluster", "does not start"),
    ],
)
def test_a_folder_that_cannot_serve_is_one_clear_line(folder, name, words):
    chosen = folder / name
    if name == "not-a-folder":
        chosen.write_text("a file is in the way")
    else:
        (chosen / "18").mkdir(parents=True)
        (chosen / "18" / "PG_VERSION").write_text("9.6\n")
        if os.geteuid() == 0:
            shutil.chown(chosen / "18", "nobody")
    error = User(chosen).error()
    assert words in error
    assert str(chosen) in error
    assert "WEEDGO_POSTGRES_FOLDER" in error
    assert "DATABASE_URL" in error
    assert "\n" not in error


def test_a_socket_folder_that_is_too_long_is_one_clear_line(folder):
    user = User(folder, WEEDGO_RUNTIME_FOLDER=str(folder / ("x" * 100)))
    error = user.error()
    assert "too long for the path of a Unix socket" in error
    assert "\n" not in error


@as_root
def test_a_full_disk_is_one_clear_line(folder):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "none", folder], check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        error = User(folder).error()
    finally:
        subprocess.run(["umount", folder], check=True)
    assert "has 16 MB free" in error
    assert "\n" not in error


@as_root
def test_root_serves_from_a_folder_that_others_cannot_reach(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    user = User(private)
    url = user.url()
    try:
        assert one(url, "SELECT 1") == 1
        data = Path(str(one(url, "SHOW data_directory")))
    finally:
        user.leave()
    assert data.is_relative_to(embedded.ROOT_FOLDER)
    wait_until_stopped(data)
    assert list(private.iterdir()) == []
    assert private.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(data.parent)


@as_root
class TestAsNobody:
    """Root's tests cannot show what an ordinary user meets, so a process becomes one."""

    @pytest.fixture
    def nobody(self) -> list[str]:
        """The command in front of a program that makes it an ordinary user's.

        It may read what root may, as Python itself can stand in root's private folder.
        """
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv is not installed")
        if not reachable(embedded.bin_dir(18), pwd.getpwnam("nobody")):
            pytest.skip("the project stands in a folder that user nobody cannot reach")
        return [
            "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
            "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",
            "--bounding-set=-all,+dac_read_search",
        ]  # fmt: skip

    def test_an_ordinary_user_has_a_server(self, folder, nobody):
        shutil.chown(folder, "nobody")
        user = User(folder, become=nobody)
        url = user.url()
        assert (folder / "18").owner() == "nobody"
        assert one(url, "SELECT 1") == 1
        user.leave()
        wait_until_stopped(folder / "18")

    def test_a_folder_that_one_cannot_write_is_one_clear_line(self, folder, nobody):
        error = User(folder, become=nobody).error()
        assert "Permission denied" in error
        assert str(folder) in error
        assert "\n" not in error

    def test_a_server_of_another_user_is_one_clear_line(self, folder, nobody):
        owner = User(folder)
        owner.url()
        error = User(folder, become=nobody).error()
        owner.leave()
        assert "Permission denied" in error
        assert "\n" not in error


def test_programs_of_both_versions_stand():
    for version in (16, 18):
        for program in ("pg_dump", "psql"):
            shown = subprocess.run(
                [embedded.bin_dir(version) / program, "--version"],
                capture_output=True,
                text=True,
                check=True,
            )
            assert f" {version}." in shown.stdout


def test_unknown_names_and_versions_are_refused():
    with pytest.raises(embedded.EmbeddedError, match="no embedded PostgreSQL 17"):
        embedded.bin_dir(17)
    with pytest.raises(embedded.EmbeddedError, match="no embedded server 'future'"):
        embedded.url("future")


def test_the_module_loads_no_django():
    loaded = "import sys, weedgo.embedded; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, check=False).returncode == 0


def test_a_url_that_was_printed_wakes_the_server(folder, monkeypatch):
    user = User(folder, "current", "kept")
    address = user.url()
    user.leave()
    wait_until_stopped(folder / "18")
    monkeypatch.setenv("WEEDGO_POSTGRES_FOLDER", str(folder))
    embedded.wake("postgresql://postgres@/kept?host=/tmp/weedgo-0-none&port=5432")
    embedded.wake("postgresql://somebody@elsewhere.example/kept")
    embedded.wake("no URL")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
    embedded.wake(address)
    try:
        psycopg.connect(address).close()
    finally:
        embedded.release("current")
    wait_until_stopped(folder / "18")
