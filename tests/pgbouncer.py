"""Debian's pgbouncer in transaction mode, before one of the tests' servers."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from weedgo.cluster import service_user

PROGRAM = Path("/usr/sbin/pgbouncer")
CONFIGURATION = """
[databases]
* = host={host} port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
"""


@contextlib.contextmanager
def pooled(url: str) -> Iterator[str]:
    """Run pgbouncer before a server; four sessions for all.

    Args:
        url: of a database, for whom the sessions are.

    Yields:
        The URL by which the database is reached through it.
    """
    at = urlsplit(url)
    port = _free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "users").write_text(f'"{at.username}" ""\n')
        (folder / "pgbouncer.ini").write_text(
            CONFIGURATION.format(host=at.hostname, server=at.port, port=port, folder=folder)
        )
        command = [str(PROGRAM), "-q", str(folder / "pgbouncer.ini")]
        if os.geteuid() == 0:
            # It refuses to run as root.
            command[1:1] = ["-u", service_user().pw_name]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, **quiet) as running:
            try:
                through = url.replace(f":{at.port}/", f":{port}/")
                _await(through, running)
                yield through
            finally:
                running.terminate()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(url: str, running: subprocess.Popen[bytes]) -> None:
    pause = threading.Event()
    while True:
        try:
            psycopg.connect(url, autocommit=True).close()
        except psycopg.OperationalError:
            if running.poll() is not None:
                message = running.stderr.read() if running.stderr else b""
                raise RuntimeError(f"pgbouncer does not start: {message.decode()}") from None
            pause.wait(0.1)
        else:
            return
