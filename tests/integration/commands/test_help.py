"""Every command says what it is for, with an example."""

from __future__ import annotations

import pytest

from tests.integration.commands.conftest import ROOT, Manage

COMMANDS = sorted(
    path.stem for path in (ROOT / "weedgo" / "management" / "commands").glob("[!_]*.py")
)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples_and_exit_statuses(manage: Manage, name: str) -> None:
    ended = manage(name, "--help")
    assert ended.status == 0
    assert f"python manage.py {name}" in ended.out.split("examples:")[1]
    assert "Exit status: 0" in " ".join(ended.out.split())


def test_the_commands_are_there() -> None:
    assert {"migrate_staged", "compare_schemas", "rollback_staged"} <= set(COMMANDS)
