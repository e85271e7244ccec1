"""Sources and targets that are not what they seem, or not what was meant."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.integration.commands.conftest import Manage

TARGETED = (
    "migrate_staged", "compare_schemas", "validate_migration", "check_integration",
    "rollback_staged", "database_stats",
)  # fmt: skip


@pytest.mark.parametrize("name", TARGETED)
def test_an_empty_target_is_not_the_default_one(manage: Manage, name: str) -> None:
    """`--target "$TARGET"` with a variable that is not set."""
    ended = manage(name, "--target", "")
    assert ended.status == 2
    assert "--target: it is empty" in ended.err


@pytest.mark.parametrize("command", ["migrate_staged", "compare_schemas"])
def test_a_file_changes_no_other_database(
    manage: Manage, target: str, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "wanted.sql"
    with psycopg.connect(target) as conn:
        name = conn.info.dbname
    file.write_text(f"\\connect {name}\nCREATE TABLE public.elsewhere (id int);\n")
    ended = manage(command, "--source", file, "--target", target)
    assert ended.status == 2
    assert "wanted.sql, line 1: \\connect reaches beyond" in ended.err
    with psycopg.connect(target) as conn:
        assert conn.execute("SELECT to_regclass('public.elsewhere')").fetchone() == (None,)


def test_a_file_that_is_no_text_is_told_in_a_line(
    manage: Manage, target: str, tmp_path: Path
) -> None:
    file = tmp_path / "wanted.sql"
    file.write_bytes(b"CREATE TABLE public.x (id int);\n\xff\xfe\x93 \xe9t\xe9;\n")
    ended = manage("migrate_staged", "--source", file, "--target", target)
    assert ended.status == 2
    assert ended.err.startswith(f"migrate_staged: {file}, line 2: ")
    assert ended.err.count("\n") == 1


def test_patterns_that_match_nothing_are_no_success(
    manage: Manage, source: str, target: str
) -> None:
    sides = ("--source", source, "--target", target)
    for command in ("migrate_staged", "compare_schemas"):
        ended = manage(command, *sides, "--schema", "pubilc")
        assert ended.status == 2
        assert "--schema pubilc matches nothing" in ended.err
        assert "the schemas public" in ended.err
    assert manage("migrate_staged", *sides, "--schema", "public.tickets").status == 0
