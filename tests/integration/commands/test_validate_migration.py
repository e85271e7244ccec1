"""`validate_migration`, as its user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.commands import shop
from tests.integration.commands.conftest import Manage, load

CHECKS = """
[[check]]
name = "what matters"
kind = "table"
objects = ["public.tickets", "public.orders"]
"""


@pytest.fixture
def migrated(manage: Manage, source: str, target: str, tmp_path: Path) -> str:
    """URL of a target that a run has made equal to the source."""
    ended = manage(
        "migrate_staged", "--source", source, "--target", target, "--no-backup",
        "--output", tmp_path / "run",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    return target


def test_the_objects_of_the_last_run_are_checked(
    manage: Manage, source: str, migrated: str
) -> None:
    ended = manage("validate_migration", "--source", source, "--target", migrated, "--json")

    subjects = {finding["subject"] for finding in ended.document["findings"]}
    assert (ended.status, ended.document["exit"], ended.document["percent"]) == (0, 0, 100.0)
    assert {"table public.tickets", "view public.dear_orders"} <= subjects
    # What stood on both sides before was no concern of the run.
    assert "table public.stores" not in subjects
    assert ended.document["run"]


def test_without_a_run_all_objects_of_the_source_are_checked(
    manage: Manage, source: str, tmp_path: Path
) -> None:
    wanted = tmp_path / "wanted.sql"
    wanted.write_text(shop.SOURCE)

    ended = manage("validate_migration", "--source", wanted, "--target", source, "--json")

    subjects = {finding["subject"] for finding in ended.document["findings"]}
    assert ended.status == 0
    assert {"table public.stores", "table public.tickets"} <= subjects
    assert ended.document["run"] == ""


def test_an_unmigrated_target_has_faults(manage: Manage, source: str, target: str) -> None:
    ended = manage("validate_migration", "--source", source, "--target", target)

    assert ended.status == 1
    assert "table public.tickets: is missing" in ended.out
    assert "% of the validation checks hold" in ended.out


def test_a_fault_is_named_and_reported(
    manage: Manage, source: str, migrated: str, tmp_path: Path
) -> None:
    load(migrated, "DROP INDEX public.orders_store_idx")

    ended = manage(
        "validate_migration", "--source", source, "--target", migrated,
        "--output", tmp_path / "found",
    )  # fmt: skip

    assert ended.status == 1
    assert "index public.orders_store_idx: is missing" in ended.out
    text = (tmp_path / "found" / "VALIDATION_REPORT.md").read_text()
    assert "index public.orders_store_idx" in text


def test_named_checks_come_besides(
    manage: Manage, source: str, migrated: str, tmp_path: Path
) -> None:
    path = tmp_path / "checks.toml"
    path.write_text(CHECKS)

    ended = manage(
        "validate_migration", "--source", source, "--target", migrated, "--checks", path, "--json"
    )

    assert ended.document["counts"]["what matters"] == {"checks": 2, "hold": 2}


def test_nothing_is_changed(manage: Manage, source: str, target: str) -> None:
    manage("validate_migration", "--source", source, "--target", target)
    ended = manage("compare_schemas", "--source", source, "--target", target, "--json")

    assert not any(o["schema"] == "weedgo_migration" for o in ended.document["objects"])
    assert ended.status == 1


@pytest.mark.parametrize("arguments", [("--run", "19990101"), ("--checks", "absent.toml")])
def test_a_mistake_is_one_line(
    manage: Manage, source: str, target: str, arguments: tuple[str, str]
) -> None:
    ended = manage(
        "validate_migration", "--source", source, "--target", target, *arguments, "--json"
    )

    assert (ended.status, ended.document["exit"]) == (2, 2)
    assert ended.err.count("\n") == 1
    assert arguments[1] in ended.err


def test_an_unreachable_target_is_told_without_its_password(
    manage: Manage, source: str, tmp_path: Path
) -> None:
    url = f"postgresql://me:secret@/shop?host={tmp_path}"
    ended = manage("validate_migration", "--source", source, "--target", url)

    assert ended.status == 2
    assert "secret" not in ended.err + ended.out
    assert ended.err.count("\n") == 1
