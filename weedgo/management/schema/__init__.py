"""JSON schemas of what the commands print with `--json`, a file for each command."""

from __future__ import annotations

from pathlib import Path

from weedgo import staged

# What the engine prints and writes has its schemas with it.
OF_THE_ENGINE = {
    "migrate_staged": "result",
    "rollback_staged": "result",
    "compare_schemas": "differences",
}


def path(command: str) -> Path:
    """The file with the schema of a command's document."""
    if name := OF_THE_ENGINE.get(command):
        return Path(staged.__file__).parent / "schema" / f"{name}.json"
    return Path(__file__).parent / f"{command}.json"
