"""Issue 2: one command shows the whole migration of the seed, and everything holds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT
from weedgo import embedded

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

FIGURES = {
    "sequences": 6,
    "tables": 6,
    "columns": 400,
    "views": 1,
    "functions": 89,
    "triggers": 39,
    "indexes": 312,
    "constraints": 155,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Servers of the test's own: a demo that the developer looks at stays as it is."""
    # Not pytest's own folder, which the servers' user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="weedgo-demo-"))
    folder.chmod(0o755)
    monkeypatch.setenv("WEEDGO_POSTGRES_FOLDER", str(folder))
    yield dict(os.environ)
    for name in embedded.VERSIONS:
        embedded.cluster(name).stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def demo(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--json", "--sessions", "4",
         "--output", str(tmp_path / "run")],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
        # A shell that starts the tests in the background has them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def test_everything_holds(demo: subprocess.Popen[str], tmp_path: Path) -> None:
    out, progress = demo.communicate()
    told = json.loads(out)

    broken = [
        finding
        for findings in told["findings"].values()
        for finding in findings
        if not finding["holds"]
    ]
    assert broken == []
    assert told["traffic"]["failures"] == []
    assert (demo.returncode, told["exit"], told["status"]) == (0, 0, "equal")
    migrated = told["migrated"]
    assert {label: migrated[label]["done"] for label in FIGURES} == FIGURES
    assert {label: migrated[label]["planned"] for label in FIGURES} == FIGURES
    assert migrated["columns"]["tables"] == 102
    assert told["parity"]["different"] == []
    assert told["second_run_steps"] == 0
    assert told["rows_before"] > 1_000_000
    assert told["traffic"]["longest_ms"] > 0
    assert len(told["findings"]["own"]) == 16
    assert "Migrating in stages" in progress
    assert (tmp_path / "run" / "FINAL_SUMMARY.md").stat().st_size > 0
    assert (tmp_path / "run" / "VALIDATION_REPORT.md").stat().st_size > 0


def test_ctrl_c_stops_it_cleanly(demo: subprocess.Popen[str]) -> None:
    assert demo.stderr is not None
    for line in demo.stderr:
        if "Migrating in stages" in line:
            break
    # As a terminal does: to all processes of the group.
    os.killpg(demo.pid, signal.SIGINT)
    out, told = demo.communicate()

    assert demo.returncode == 130
    assert "stopped by Ctrl-C" in told
    assert "Traceback" not in told
    assert json.loads(out)["exit"] == 130
