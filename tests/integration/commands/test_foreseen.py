"""What a plan tells beforehand: what rows will refuse, there and back."""

from __future__ import annotations

import uuid

from tests import json_schema, pgdump
from tests.integration.commands.conftest import Manage, load
from tests.servers import Server


def test_a_plan_counts_the_rows_in_the_way(manage: Manage, source: str, target: str) -> None:
    load(target, "UPDATE public.orders SET total = -1 WHERE id <= 7")
    load(source, "ALTER TABLE public.orders ALTER store_id SET NOT NULL")
    load(target, "UPDATE public.orders SET store_id = NULL WHERE id = 9")
    before = pgdump.dump(target)
    arguments = ("--source", source, "--target", target)
    planned = manage("migrate_staged", *arguments, "--plan")
    assert planned.status == 0
    assert "Refused (2)" in planned.out
    assert "1 rows hold NULL" in planned.out
    assert "7 rows" in planned.out
    assert "Proved on an empty clone" in planned.out
    document = manage("migrate_staged", *arguments, "--plan", "--json").document
    assert json_schema.problems(document, "result") == []
    foreseen = {o["name"] for o in document["objects"] if o["status"] == "refused"}
    assert pgdump.unlike(before, pgdump.dump(target)) == []

    done = manage("migrate_staged", *arguments, "--json").document
    assert {o["name"] for o in done["objects"] if o["status"] == "refused"} == foreseen


def test_what_the_run_itself_brings_is_not_counted(
    manage: Manage, source: str, target: str
) -> None:
    load(source, "ALTER TABLE public.orders ADD CHECK (note IS NULL OR length(note) < 9)")
    planned = manage("migrate_staged", "--source", source, "--target", target, "--plan")
    assert planned.status == 0
    assert "Refused" not in planned.out


def test_a_way_back_has_its_own_sizes_and_no_hazards_of_the_way_there(
    manage: Manage, source: str, target: str, tmp_path
) -> None:
    load(source, "ALTER TABLE public.orders ADD COLUMN kind text NOT NULL")
    load(source, "ALTER TABLE public.orders ADD COLUMN weight numeric(9, 2)")
    load(target, "ALTER TABLE public.orders ADD COLUMN weight numeric(12, 4)")
    filled = tmp_path / "backfill.toml"
    filled.write_text("public.orders.kind = \"'sale'\"\n")
    arguments = ("--source", source, "--target", target, "--backfill", filled)
    assert manage("migrate_staged", *arguments).status == 0
    planned = manage("rollback_staged", "--target", target, "--plan")
    assert planned.status == 0
    assert "in batches" not in planned.out
    assert "(0 B)" not in planned.out


def test_a_part_taken_back_is_not_the_whole(manage: Manage, source: str, target: str) -> None:
    assert manage("migrate_staged", "--source", source, "--target", target).status == 0
    ended = manage("rollback_staged", "--target", target, "--stage", "2-3")
    assert ended.status == 1
    assert "Rolled back" not in ended.out
    assert "not taken back, 2 objects taken back." in ended.out


def test_steps_that_wait_for_leave_are_told_apart(manage: Manage, source: str, target: str) -> None:
    twice = "twice numeric GENERATED ALWAYS AS (total * 2) STORED"
    load(source, f"ALTER TABLE public.orders ADD COLUMN {twice}")
    arguments = ("--source", source, "--target", target, "--rewrite-limit", "0")
    for more in ("--plan", "--no-backup"):
        ended = manage("migrate_staged", *arguments, more)
        assert "Waiting for your leave (1)" in ended.out
        assert "Waiting for what is not done" not in ended.out


def test_a_role_that_may_not_give_objects_away_is_told_what_to_grant(
    manage: Manage, source: str, target: str, pg18: Server
) -> None:
    ours, theirs = f"ours_{uuid.uuid4().hex[:8]}", f"theirs_{uuid.uuid4().hex[:8]}"
    for statement in (f"CREATE ROLE {ours} LOGIN CREATEDB", f"CREATE ROLE {theirs}"):
        load(pg18.url, statement)
    name = target.rpartition("/")[2]
    try:
        load(source, f"ALTER TABLE public.orders OWNER TO {theirs}")
        load(target, f"ALTER TABLE public.orders OWNER TO {ours}")
        load(target, f"GRANT CREATE ON DATABASE {name} TO {ours}")
        url = target.replace("postgres@", f"{ours}@")
        ended = manage(
            "migrate_staged", "--source", source, "--target", url, "--no-privileges",
            "--schema", "public.orders", "--stage", "9", "--no-backup",
        )  # fmt: skip
        assert ended.status == 1
        said = " ".join(ended.out.split())
        assert f'fix GRANT "{theirs}" TO "{ours}", or leave owners as they are with --no' in said
    finally:
        for url in (source, target):
            load(url, f"REASSIGN OWNED BY {ours}, {theirs} TO postgres")
            load(url, f"DROP OWNED BY {ours}, {theirs}")
        load(pg18.url, f"DROP ROLE {ours}, {theirs}")
