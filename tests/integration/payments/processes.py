"""Running a module of these tests as a program of its own, on the database of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from django.db import connection

ROOT = Path(__file__).parents[3]


def run(module: ModuleType, *arguments: str) -> str:
    """Run ``python -m MODULE ARGUMENTS…`` and return what it printed; it may kill its children."""
    where = connection.settings_dict
    place = f"@/{where['NAME']}?host={where['HOST']}&port={where['PORT']}"
    if not where["HOST"].startswith("/"):
        place = f"@{where['HOST']}:{where['PORT']}/{where['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{where['USER']}{place}",
        "DJANGO_SETTINGS_MODULE": "weedgo.settings",
    }
    environment.pop("MIGRATION_DATABASE_URL", None)
    ended = subprocess.run(
        [sys.executable, "-m", module.__name__, *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
