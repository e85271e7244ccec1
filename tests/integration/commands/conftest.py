"""Commands as a user starts them, and two databases to start them on."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.integration.commands import shop
from tests.servers import Server

ROOT = Path(__file__).parent.parent.parent.parent


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on its standard output."""
        return json.loads(self.out)


Manage = Callable[..., Ended]


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path) -> Manage:
    """Run a command in this process: `manage("migrate_staged", "--plan", ...)`."""
    settings.VAR = tmp_path / "var"

    def run(name: str, *arguments: str | Path) -> Ended:
        capsys.readouterr()
        module = importlib.import_module(f"weedgo.management.commands.{name}")
        status = 0
        try:
            module.Command().run_from_argv(["manage.py", name, *map(str, arguments)])
        except SystemExit as end:
            status = int(end.code or 0)
        return Ended(status, *capsys.readouterr())

    return run


def environment(**more: str) -> dict[str, str]:
    """The environment of a command in a process of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return own | {"DJANGO_SETTINGS_MODULE": "weedgo.settings", "COLUMNS": "80"} | more


def load(url: str, text: str) -> None:
    """Run SQL in a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())


def psql(server: Server, url: str, file: Path) -> subprocess.CompletedProcess[str]:
    """Run a file of SQL with psql."""
    arguments = [str(server.psql), "-X", "-q", "-d", url, "-f", str(file)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@pytest.fixture
def source(pg18: Server, database: Database) -> str:
    """URL of the shop as it should be."""
    url = database(pg18, "source")
    load(url, shop.SOURCE)
    return url


@pytest.fixture
def target(pg18: Server, database: Database) -> str:
    """URL of the shop as it is."""
    url = database(pg18, "target")
    load(url, shop.TARGET)
    return url
