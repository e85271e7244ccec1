"""`make run` as a newcomer has it: embedded servers, a role that owns nothing, and a site."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.project import ROOT
from weedgo.cluster import free_port

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]
# For a machine that is busy.
PATIENCE = 300


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Of commands whose embedded servers nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="weedgo-run-", dir="/tmp"))
    folder.chmod(0o755)
    yield {
        "PATH": os.defpath,
        "DEBUG": "1",
        "WEEDGO_POSTGRES_FOLDER": str(folder / "postgres"),
        "AUDIT_SEAL_FILE": str(folder / "seals"),
        "RATELIMIT_STATEMENT_TIMEOUT": "30000",
    }
    deadline = time.monotonic() + PATIENCE
    while list(folder.glob("*/*/postmaster.pid")) and time.monotonic() < deadline:
        time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def answer(url: str, host: str, server: subprocess.Popen[str]) -> int:
    """The status of an address, as soon as the server answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        asked = urllib.request.Request(url, headers={"Host": host})
        try:
            with urllib.request.urlopen(asked) as response:
                return int(response.status)
        except OSError as error:
            assert server.poll() is None, server.communicate()
            if time.monotonic() > deadline:
                raise AssertionError("the site does not answer") from error
            time.sleep(0.2)


def test_the_site_runs(environment: dict[str, str]):
    assert manage(environment, "migrate_staged", "--verbosity", "0") == ""
    told = manage(environment, "seed_demo", "--tenants", "1", "--orders", "2")
    assert "log in as admin" in told
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        for host in ("localhost", "green-leaf.localhost"):
            url = f"http://127.0.0.1:{port}/admin/login/"
            assert answer(url, f"{host}:{port}", server) == 200
    finally:
        # The process that reloads and the one that serves.
        os.killpg(server.pid, signal.SIGINT)
        out, _ = server.communicate()
    assert "Exception" not in out, out
    assert "unapplied migration" not in out, out
