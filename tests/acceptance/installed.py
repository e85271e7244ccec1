"""Django projects of their own, that use what the wheel installs and not this checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.project import ROOT

MANAGE = """
import os, sys
from django.core.management import execute_from_command_line
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config")
{before}
execute_from_command_line(sys.argv)
"""


def build_wheel(folder: Path) -> Path:
    """Build the wheel as whoever publishes it does, beside the checkout; return its path."""
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("audit", "inventory", "payments", "ratelimit", "weedgo"):
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source))
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a folder, its dependencies being there already; return the folder."""
    _pip("install", "--no-deps", "--target", str(folder), str(wheel))
    return folder


def _pip(*arguments: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


@dataclass(frozen=True)
class Project:
    """A Django project in a folder.

    Args:
        folder: of `manage.py`.
        site: where the wheel is installed.
        url: its database.
    """

    folder: Path
    site: Path
    url: str

    def write(self, files: Mapping[str, str], *, before: str = "") -> None:
        """Write files by their names; `manage.py` too.

        Args:
            files: their texts.
            before: what `manage.py` does before it runs a command.
        """
        for name, text in {"manage.py": MANAGE.format(before=before), **files}.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip(), encoding="utf-8")

    def __call__(self, *arguments: str, status: int = 0) -> str:
        """Run `manage.py`, which must end with a status, and return what it printed."""
        return self.python("manage.py", *arguments, status=status)

    def json(self, *arguments: str, status: int = 0) -> Any:
        """Run a command with `--json` and return its document."""
        return json.loads(self(*arguments, "--json", status=status))

    def run(self, code: str) -> str:
        """Run code as the project's application would, and return what it printed."""
        start = "import config_run" if (self.folder / "config_run.py").exists() else ""
        setup = f"import django; django.setup()\n{start}\n"
        return self.python("-c", setup + dedent(code))

    def python(self, *arguments: str, status: int = 0) -> str:
        """Run Python in the project."""
        ended = subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd=self.folder,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": f"{self.site}{os.pathsep}{self.folder}",
                "DJANGO_SETTINGS_MODULE": "config",
                "URL": self.url,
                # The machine may be busy.
                "RATELIMIT_STATEMENT_TIMEOUT": "30000",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == status, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended.stdout
