"""`migrate_staged`, as its user meets it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import json_schema, pgdump
from tests.conftest import Database
from tests.integration.commands import shop
from tests.integration.commands.conftest import ROOT, Manage, environment, load, psql
from tests.servers import Server
from weedgo.staged.model import Stage

NOWHERE = "postgresql://nobody:s3cret@127.0.0.1:1/none"


def rows(url: str) -> list[tuple[int, ...]]:
    """What the orders hold."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT id, store_id, total FROM public.orders ORDER BY 1"
        ).fetchall()


def test_the_target_becomes_equal_and_keeps_its_rows(
    manage: Manage, source: str, target: str
) -> None:
    before = rows(target)
    ended = manage("migrate_staged", "--source", source, "--target", target)
    assert (ended.status, ended.err) == (0, "")
    assert "The target equals the source" in ended.out
    assert rows(target) == before
    dumps = [pgdump.dump(url) for url in (source, target)]
    assert [u for u in pgdump.unlike(*dumps) if "geo_zones" not in str(u)] == []


def test_a_second_run_does_nothing_and_says_so(manage: Manage, source: str, target: str) -> None:
    arguments = ("--source", source, "--target", target)
    manage("migrate_staged", *arguments)
    before = pgdump.dump(target)
    ended = manage("migrate_staged", *arguments)
    assert ended.status == 0
    assert "Nothing to do" in ended.out
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_the_json_document_is_alone_on_standard_output(
    manage: Manage, source: str, target: str
) -> None:
    ended = manage("migrate_staged", "--source", source, "--target", target, "--json")
    assert json_schema.problems(ended.document, "result") == []
    assert ended.document["status"] == "equal"
    assert ended.document["exit"] == ended.status == 0
    assert ended.document["counts"]["columns"]["done"] == 2
    assert ended.document["parity"]["different"] == []
    assert "stage 3, columns: 2 of 2 done" in ended.err


def test_progress_in_a_log_has_no_control_codes(manage: Manage, source: str, target: str) -> None:
    ended = manage("migrate_staged", "--source", source, "--target", target)
    assert "\x1b" not in ended.out
    assert "\r" not in ended.out


def test_a_plan_is_proved_on_a_clone(manage: Manage, source: str, target: str) -> None:
    arguments = ("--source", source, "--target", target, "--plan")
    ended = manage("migrate_staged", *arguments)
    assert ended.status == 0
    assert "Proved on an empty clone of the target" in ended.out
    ended = manage("migrate_staged", *arguments, "--no-prove", "--json")
    assert "not proved" in ended.document["message"]


def test_what_cannot_be_proved_is_not_run(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    load(target, "CREATE VIEW public.tickets AS SELECT 1 AS id")
    before = pgdump.dump(target)
    arguments = ("--source", source, "--target", target, "--output", tmp_path)
    ended = manage("migrate_staged", *arguments, "--prove")
    assert ended.status == 1
    assert "The proof fails" in ended.out
    assert "table public.tickets" in (tmp_path / "VALIDATION_REPORT.md").read_text()
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_a_plan_changes_nothing_and_writes_its_files(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    before = pgdump.dump(target)
    folder = tmp_path / "plan"
    ended = manage(
        "migrate_staged", "--source", source, "--target", target, "--plan", "--output", folder
    )
    assert ended.status == 0
    assert "Nothing was changed." in ended.out
    assert pgdump.unlike(before, pgdump.dump(target)) == []
    assert {stage.file for stage in Stage} <= {path.name for path in folder.iterdir()}


def test_the_same_plan_twice_is_the_same_bytes(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        manage(
            "migrate_staged", "--source", source, "--target", target, "--plan",
            "--output", tmp_path / name,
        )  # fmt: skip
    written = sorted((tmp_path / "a").glob("*.sql"))
    assert len(written) >= len(Stage) + 2
    for path in [*written, tmp_path / "a" / "plan.json"]:
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_the_stage_files_do_the_same_with_psql_and_can_be_run_again(
    manage: Manage, pg18: Server, source: str, target: str, tmp_path: Path
) -> None:
    arguments = ("--source", source, "--target", target)
    manage("migrate_staged", *arguments, "--plan", "--output", tmp_path)
    for stage in Stage:
        ended = psql(pg18, target, tmp_path / stage.file)
        assert (ended.returncode, ended.stderr) == (0, ""), stage.file
    assert manage("migrate_staged", *arguments, "--plan").out.count("Nothing to do") == 1
    before = pgdump.dump(target)
    for name in ("run_all.sql", "schema_migration.sql", Stage.INDEXES.file):
        again = psql(pg18, target, tmp_path / name)
        assert again.returncode == 0, again.stderr
        assert "stands already and is left as it is" in again.stderr
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_the_rollback_file_brings_the_target_back(
    manage: Manage, pg18: Server, source: str, target: str, tmp_path: Path
) -> None:
    before = pgdump.dump(target)
    arguments = ("--source", source, "--target", target)
    assert manage("migrate_staged", *arguments, "--output", tmp_path).status == 0
    ended = psql(pg18, target, tmp_path / "schema_rollback.sql")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_a_stage_file_stops_at_a_build_that_was_left_unfinished(
    manage: Manage, pg18: Server, source: str, target: str, tmp_path: Path
) -> None:
    manage("migrate_staged", "--source", source, "--target", target, "--plan", "--output", tmp_path)
    load(target, "CREATE INDEX orders_store_idx ON public.orders (store_id)")
    load(
        target,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_store_idx'::regclass",
    )
    ended = psql(pg18, target, tmp_path / Stage.INDEXES.file)
    assert ended.returncode == 3
    assert "index public.orders_store_idx was left unfinished" in ended.stderr
    assert "Drop it, then run this file again." in ended.stderr


def test_files_go_to_a_folder_of_the_run(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    ended = manage("migrate_staged", "--source", source, "--target", target, "--json")
    folder = tmp_path / "var" / "runs" / ended.document["run"]
    assert {str(path) for path in folder.iterdir()} == set(ended.document["files"])
    assert (folder / "schema_backup.sql").read_text().count("CREATE TABLE") == 3


def test_without_a_backup_none_is_made(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    arguments = ("--source", source, "--target", target, "--no-backup", "--output", tmp_path)
    assert manage("migrate_staged", *arguments).status == 0
    assert not (tmp_path / "schema_backup.sql").exists()


def test_one_stage_alone(manage: Manage, source: str, target: str) -> None:
    arguments = ("--source", source, "--target", target, "--json")
    ended = manage("migrate_staged", *arguments, "--stage", "1-3")
    assert ended.status == 0, ended.err
    done = {o["stage"] for o in ended.document["objects"] if o["status"] == "done"}
    assert done == {1, 2, 3}
    seventh = manage("migrate_staged", *arguments, "--stage", "7").document
    assert [o["name"] for o in seventh["objects"] if o["status"] == "done"] == ["orders_store_idx"]
    assert manage("migrate_staged", *arguments).document["status"] == "equal"


def test_only_what_the_patterns_ask_for(manage: Manage, source: str, target: str) -> None:
    ended = manage(
        "migrate_staged", "--source", source, "--target", target, "--json",
        "--schema", "public.orders", "--exclude", "public.orders.orders_*",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    names = {o["name"] for o in ended.document["objects"]}
    assert names == {"note", "paid", "orders_store_idx"}


def test_dropping_what_only_the_target_has_must_be_asked_for(
    manage: Manage, source: str, target: str
) -> None:
    arguments = ("--source", source, "--target", target)
    manage("migrate_staged", *arguments)
    assert ("public", "TABLE", "geo_zones") in pgdump.dump(target)
    assert manage("migrate_staged", *arguments, "--drop", "drop").status == 0
    assert pgdump.unlike(pgdump.dump(source), pgdump.dump(target)) == []


def test_a_source_can_be_a_file(manage: Manage, target: str, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.sql"
    wanted.write_text(shop.SOURCE)
    arguments = ("--source", wanted, "--target", target)
    assert manage("migrate_staged", *arguments).status == 0
    assert manage("compare_schemas", *arguments, "--exclude", "public.geo_zones").status == 0


def test_what_cannot_come_is_told_with_cause_and_remedy_and_the_rest_is_done(
    manage: Manage, source: str, target: str
) -> None:
    load(target, "CREATE VIEW public.tickets AS SELECT 1 AS id")
    arguments = ("--source", source, "--target", target)
    ended = manage("migrate_staged", *arguments)
    assert ended.status == 1
    assert "table public.tickets" in ended.out.split("Refused (1)")[1]
    assert "table public.tickets (refused)" in ended.out.split("Waiting for what is not done")[1]
    assert f"manage.py migrate_staged --source {source} --target {target}" in ended.out
    told = manage("migrate_staged", *arguments, "--json")
    assert json_schema.problems(told.document, "result") == []
    refused = [o for o in told.document["objects"] if o["status"] == "refused"]
    assert [o["name"] for o in refused] == ["tickets"]
    assert "view public.tickets" in refused[0]["message"]
    load(target, "DROP VIEW public.tickets")
    rest = manage("migrate_staged", *arguments, "--json").document
    assert {o["name"] for o in rest["objects"]} == {"tickets", "tickets_pkey"}
    assert rest["exit"] == 0


def test_what_is_refused_is_told_with_its_count_and_done_once_it_can_be(
    manage: Manage, source: str, target: str
) -> None:
    load(target, "UPDATE public.orders SET total = -1 WHERE id < 8")
    arguments = ("--source", source, "--target", target)
    ended = manage("migrate_staged", *arguments)
    assert ended.status == 1
    told = ended.out.split("Refused (1)")[1]
    assert "constraint public.orders.orders_total_check" in told
    assert "why  7 rows" in told
    assert "fix  " in told
    (refused,) = manage("migrate_staged", *arguments, "--json").document["objects"]
    assert (refused["status"], refused["sqlstate"]) == ("refused", "23514")
    load(target, "UPDATE public.orders SET total = 1 WHERE total < 0")
    rest = manage("migrate_staged", *arguments, "--json").document
    assert [o["name"] for o in rest["objects"]] == ["orders_total_check"]
    assert rest["exit"] == 0


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--shared", "--source", "postgresql:///legacy"), "--shared needs --source models"),
        (("--source", "nothing"), "neither a URL"),
        (("--source", "/no/such/file.sql"), "there is no file"),
        (("--stage", "11"), "is no stage"),
        (("--stage", "5-3"), "is no stage"),
        (("--stage", "x"), "is no stage"),
        (("--lock-timeout", "5"), "write for example 500ms, 2s or 1min"),
        (("--lock-timeout", "0"), "at least 1ms"),
        (("--retries", "-1"), "whole number"),
        (("--jobs", "0"), "no whole number from 1"),
        (("--statement-timeout", "builds=1s"), "'builds' is no class of statements"),
        (("--statement-timeout", "build=1"), "is no time"),
        (("--drop", "nothing"), "invalid choice"),
        (("--role-map", "a"), "no pair of roles"),
        (("--role-map", "a=b", "--role-map", "a=c"), "names a twice"),
        (("--schema", ""), "empty pattern"),
        (("--target", "elsewhere"), "nor one of Django's databases"),
        (("--surprise", "x"), "unrecognized arguments"),
        (("--plan", "--apply", "x"), "not allowed with"),
        (("--target", NOWHERE), "127.0.0.1"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    manage: Manage, arguments: tuple[str, ...], told: str, as_json: bool
) -> None:
    source = () if not arguments or "--source" in arguments else ("--source", NOWHERE)
    flags = ["--json"] if as_json else []
    ended = manage("migrate_staged", *source, *arguments, *flags)
    assert ended.status == 2
    assert told in ended.err
    assert len(ended.err.splitlines()) == 1
    assert "s3cret" not in ended.out + ended.err
    if as_json:
        assert json_schema.problems(ended.document, "result") == []
        assert told in ended.document["message"]
    else:
        assert ended.out == ""


def test_a_source_that_cannot_be_reached_changes_nothing(manage: Manage, target: str) -> None:
    before = pgdump.dump(target)
    ended = manage("migrate_staged", "--source", NOWHERE, "--target", target, "-v0")
    assert ended.status == 2
    assert "127.0.0.1" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert "s3cret" not in ended.out + ended.err
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_source_and_target_must_be_two(manage: Manage, target: str) -> None:
    ended = manage("migrate_staged", "--source", target, "--target", target)
    assert ended.status == 2
    assert "the same database" in ended.err


def test_a_folder_that_cannot_be_written_is_found_before_any_change(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    before = pgdump.dump(target)
    (tmp_path / "file").write_text("")
    ended = manage(
        "migrate_staged",
        "--source",
        source,
        "--target",
        target,
        "--output",
        tmp_path / "file" / "x",
    )
    assert ended.status == 2
    assert "--output" in ended.err
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_two_urls_touch_no_database_of_django(source: str, target: str) -> None:
    arguments = ["migrate_staged", "--source", source, "--target", target, "--plan", "--json"]
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments, "--output", "/dev/null/x"],
        cwd=ROOT,
        env=environment(DATABASE_URL=NOWHERE, MIGRATION_DATABASE_URL=NOWHERE),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "Cannot write to /dev/null/x" in ended.stderr


def test_ctrl_c_ends_it_with_130_and_the_next_run_does_the_rest(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    arguments = ["--source", source, "--target", target]
    with psycopg.connect(target) as blocker:
        blocker.execute("LOCK TABLE public.orders IN ACCESS SHARE MODE")
        process = subprocess.Popen(
            [sys.executable, "manage.py", "migrate_staged", *arguments, "--output", str(tmp_path)],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        blocked = next(line for line in process.stdout if "blocked" in line)
        assert str(blocker.info.backend_pid) in blocked
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip().splitlines() == [
        "migrate_staged: stopped by Ctrl-C; what is done stays, and the same command does the rest"
    ]
    assert manage("migrate_staged", *arguments).status == 0


@pytest.mark.parametrize("versions", [("16.10", "17.6"), ("16", "18"), ("18", "15")])
def test_between_versions(
    manage: Manage, request: pytest.FixtureRequest, database: Database, versions: tuple[str, str]
) -> None:
    here, there = (request.getfixturevalue(f"pg{v.replace('.', '')}") for v in versions)
    source, target = database(here, "source"), database(there, "target")
    load(source, shop.SOURCE)
    load(target, shop.TARGET)
    ended = manage("migrate_staged", "--source", source, "--target", target, "--json")
    assert ended.document["parity"]["different"] == []
    assert ended.status == 0, ended.err


def test_a_reader_that_goes_away_does_not_end_it(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ["--source", source, "--target", target, "--output", str(tmp_path)]
    with os.fdopen(writing, "w") as nobody:
        ended = subprocess.run(
            [sys.executable, "manage.py", "migrate_staged", *arguments],
            cwd=ROOT,
            env=environment(),
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Nothing to do" in manage("migrate_staged", *arguments).out


def test_a_plan_is_carried_out_as_it_was_written(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    arguments = ("--source", source, "--target", target)
    manage("migrate_staged", *arguments, "--plan", "--output", tmp_path)
    ended = manage("migrate_staged", *arguments, "--apply", tmp_path)
    assert ended.status == 0
    assert "equals the source" in ended.out


def test_a_plan_is_refused_once_the_target_has_changed(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    arguments = ("--source", source, "--target", target)
    manage("migrate_staged", *arguments, "--plan", "--output", tmp_path)
    load(target, "CREATE TABLE public.in_between (id int)")
    before = pgdump.dump(target)
    ended = manage("migrate_staged", *arguments, "--apply", tmp_path)
    assert ended.status == 2
    assert "the target has changed since the plan" in ended.err
    assert pgdump.unlike(before, pgdump.dump(target)) == []


def test_a_folder_without_a_plan_is_told(
    manage: Manage, source: str, target: str, tmp_path: Path
) -> None:
    ended = manage("migrate_staged", "--source", source, "--target", target, "--apply", tmp_path)
    assert ended.status == 2
    assert f"there is no {tmp_path / 'plan.json'}; write one with --plan" in ended.err
    (tmp_path / "plan.json").write_text("{}")
    ended = manage("migrate_staged", "--source", source, "--target", target, "--apply", tmp_path)
    assert "is not a plan" in ended.err
