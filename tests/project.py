"""The project's commands as a user starts them, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

INSTALLED = """
import json
from collections import Counter
import django
django.setup()
from django.db import connection
from pgtrigger import registry
found = {}
for schema in SCHEMAS:
    connection.set_schema(schema)
    states = (trigger.get_installation_status(model)[0] for model, trigger in registry.registered())
    found[schema] = Counter(state for state in states if state != "UNALLOWED")
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Project:
    """A checkout's commands on one database.

    Attributes:
        environment: of the commands.
    """

    environment: dict[str, str]

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `manage.py`; whatever its exit status."""
        return self._python("manage.py", *arguments)

    def done(self, *arguments: str) -> str:
        """Run `manage.py`, which must succeed, and return what it printed."""
        ended = self(*arguments)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def migrate(self, *arguments: str, status: int = 0) -> Any:
        """Run `migrate_staged` and return its document."""
        output = Path(self.environment["OUTPUT"])
        folder = output / str(len(list(output.iterdir())) if output.exists() else 0)
        ended = self("migrate_staged", "--json", "--output", str(folder), *arguments)
        assert ended.returncode == status, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    def triggers(self, *schemas: str) -> Any:
        """How many triggers have which state, by schema, as pgtrigger sees it."""
        done = self._python("-c", INSTALLED.replace("SCHEMAS", repr(schemas)))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={"PATH": os.defpath, "DJANGO_SETTINGS_MODULE": "weedgo.settings"}
            | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
