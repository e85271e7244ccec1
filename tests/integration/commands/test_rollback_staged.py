"""`rollback_staged`, as its user meets it."""

from __future__ import annotations

import pytest

from tests import json_schema, pgdump
from tests.integration.commands.conftest import Manage


@pytest.fixture
def run(manage: Manage, source: str, target: str) -> str:
    """A run of migrate_staged that did all that was asked for."""
    ended = manage("migrate_staged", "--source", source, "--target", target, "--json")
    assert ended.status == 0, ended.err
    return str(ended.document["run"])


def test_the_last_run_is_taken_back(manage: Manage, source: str, target: str) -> None:
    before = pgdump.dump(target)
    assert manage("migrate_staged", "--source", source, "--target", target).status == 0
    ended = manage("rollback_staged", "--target", target)
    assert (ended.status, ended.err) == (0, "")
    assert "Rolled back" in ended.out
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_one_stage_is_taken_back_and_brought_again(
    manage: Manage, source: str, target: str, run: str
) -> None:
    after = pgdump.dump(target)
    ended = manage("rollback_staged", run, "--stage", "8", "--target", target, "--json")
    assert ended.status == 0, ended.err
    assert json_schema.problems(ended.document, "result") == []
    assert ended.document["run"] == run
    undone = {o["name"] for o in ended.document["objects"] if o["status"] == "undone"}
    assert {"orders_total_check", "orders_store_fk"} <= undone
    assert manage("compare_schemas", "--source", source, "--target", target).status == 1
    assert manage("migrate_staged", "--source", source, "--target", target).status == 0
    assert pgdump.unlike(after, pgdump.dump(target)) == []


def test_a_stage_that_others_need_stays(manage: Manage, target: str, run: str) -> None:
    before = pgdump.dump(target)
    ended = manage("rollback_staged", run, "--stage", "2", "--target", target)
    assert ended.status == 1
    assert "Refused (1)" in ended.out
    assert "9 still needs it" in ended.out
    assert pgdump.unlike(before, pgdump.dump(target)) == []


@pytest.mark.parametrize("json", [False, True])
def test_a_run_that_never_was(manage: Manage, target: str, run: str, json: bool) -> None:
    flags = ["--json"] if json else []
    ended = manage("rollback_staged", "20010101-0000-none", "--target", target, *flags)
    assert ended.status == 2
    assert "no run 20010101-0000-none" in ended.err
    assert run in ended.err
    if json:
        assert json_schema.problems(ended.document, "result") == []


def test_nothing_to_take_back(manage: Manage, target: str) -> None:
    ended = manage("rollback_staged", "--target", target)
    assert ended.status == 2
    assert len(ended.err.splitlines()) == 1


def test_one_object_is_taken_back(manage: Manage, source: str, target: str, run: str) -> None:
    after = pgdump.dump(target)
    asked = ("rollback_staged", "--target", target, "--object", "public.orders.orders_total_check")
    planned = manage(*asked, "--plan")
    assert planned.status == 0, planned.err
    assert "Planned: 1 step" in planned.out
    assert pgdump.unlike(after, pgdump.dump(target)) == []
    ended = manage(*asked, "--json")
    assert [o["name"] for o in ended.document["objects"]] == ["orders_total_check"]
    assert manage(*asked).status == 2
    assert manage("migrate_staged", "--source", source, "--target", target).status == 0
    assert pgdump.unlike(after, pgdump.dump(target)) == []
