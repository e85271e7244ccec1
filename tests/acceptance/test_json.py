"""Every command's `--json`, against the schema that it states; and its mistakes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import json_schema
from tests.conftest import Database
from tests.project import ROOT
from tests.servers import Server

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

COMMANDS = sorted(
    path.stem
    for path in (ROOT / "weedgo" / "management" / "commands").glob("[!_]*.py")
    if path.stem != "demo"
)
# Shown in tests/integration/citus.
ON_A_CLUSTER = {"distribute_tenants", "move_tenant"}
# In this order; FOLDER stands for a folder of the test's.
CALLS = """
migrate_staged --output FOLDER/run
create_tenant one --domain one.localhost
create_tenant two --domain two.localhost
adopt_tenant four --from old --domain four.localhost --dry-run
seed_demo --tenants 1 --orders 3
compare_schemas
validate_migration
check_integration
database_stats
audit_partitions
audit_roll_up
audit_alerts
audit_coverage
audit_seal
audit_verify
audit_worker --once
audit_export FOLDER/log.csv
audit_erase_person --user 1 --reason asked
ratelimit_clean
ratelimit_rules export
ratelimit_rules import FOLDER/rules.toml
ratelimit_try /login/ --ip 203.0.113.9
payments_worker --once
import_settlement FOLDER/bank.csv --tenant one --bank
run_jobs
suspend_tenant two
rename_tenant two three
retire_tenant three
delete_tenant three --confirm three
rollback_staged --plan
"""
# One process runs them all, as starting takes longer than most of them.
RUN = """
import contextlib, importlib, io, json, sys
import django
django.setup()
from weedgo.tenancy.backend.activation import be_platform
be_platform()
ended = []
for call in json.load(sys.stdin):
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            module = importlib.import_module(f"weedgo.management.commands.{call[0]}")
            module.Command().run_from_argv(["manage.py", *call])
        except SystemExit as end:
            status = int(end.code or 0)
    ended.append([status, out.getvalue(), err.getvalue()])
json.dump(ended, sys.stdout)
"""
RULES = 'scope = "ip"\ncapacity = 3\nrefill_per_sec = 1\n'


def run(calls: list[list[str]], url: str, folder: Path) -> list[tuple[int, str, str]]:
    ended = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        input=json.dumps(calls),
        env={
            "PATH": str(Path(sys.executable).parent),
            "DJANGO_SETTINGS_MODULE": "weedgo.settings",
            "DATABASE_URL": url,
            "DEMO_PASSWORD": "of-a-test",
            "AUDIT_SEAL_FILE": str(folder / "seals"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return [tuple(one) for one in json.loads(ended.stdout)]


@pytest.fixture(scope="module")
def calls() -> list[list[str]]:
    return [line.split() for line in CALLS.strip().splitlines()]


def test_no_command_is_forgotten(calls: list[list[str]]):
    assert {call[0] for call in calls} == set(COMMANDS) - ON_A_CLUSTER


def test_what_is_printed_is_what_the_schema_states(
    calls: list[list[str]], pg18: Server, database: Database, tmp_path: Path
):
    (tmp_path / "rules.toml").write_text(f"[demo]\n{RULES}")
    (tmp_path / "bank.csv").write_text("id,date,reference,amount,currency\n")
    url = database(pg18, "json")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA old CREATE TABLE jars (id integer)")
    asked = [[w.replace("FOLDER", str(tmp_path)) for w in call] + ["--json"] for call in calls]
    problems: list[Any] = []
    for call, (status, out, err) in zip(asked, run(asked, url, tmp_path), strict=True):
        document = json.loads(out)
        problems += [(call[0], text) for text in json_schema.problems(document, call[0])]
        if (status, document["exit"]) != (0, 0):
            problems.append((call, status, out[-500:], err[-500:]))
    assert problems == []


def test_wrong_arguments_end_with_2_and_one_line(tmp_path: Path):
    wrong = [[name, "--no-such-option", "--json"] for name in COMMANDS]
    for call, (status, out, err) in zip(wrong, run(wrong, "", tmp_path), strict=True):
        assert status == 2, call
        assert err.count("\n") == 1, err
        assert err.startswith(f"{call[0]}: "), err
        assert json_schema.problems(json.loads(out), call[0]) == []


@pytest.mark.parametrize("name", [*COMMANDS, "demo"])
def test_each_command_prints_its_schema(name: str):
    assert json_schema.validator(name).schema["title"]


def test_the_schema_is_printed_whatever_else_is_lacking(tmp_path: Path):
    wanted = ["create_tenant", "import_settlement", "compare_schemas"]
    for name, (status, out, _) in zip(
        wanted, run([[name, "--json-schema"] for name in wanted], "", tmp_path), strict=True
    ):
        assert status == 0
        assert json.loads(out) == json_schema.validator(name).schema
