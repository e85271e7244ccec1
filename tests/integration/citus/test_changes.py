"""Changes of a distributed schema: done, around what Citus refuses; taken back; refused in time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.project import Project

CHANGES = Path(__file__).parent / "changes"
REFUSED = {
    "alter sequence lab.numbers": "alters no sequence",
    "alter column lab.child.number": "changes no type of a column that takes values",
    "alter column lab.parent.name": "sets no statistics",
    "create column lab.parent.num": "adds no identity column",
    "create constraint lab.child.grade_fkey": "create_reference_table('public.grades')",
    "create cluster of table lab.parent": "knows neither CLUSTER ON",
    "create policy lab.child.asks": "takes no policy with a query",
    "create table lab.heir": "has no inheritance",
}
ON_THE_NODE = """
SELECT result FROM run_command_on_shards('lab.parent', $$
    SELECT string_agg(conname::text || convalidated::text, ' ' ORDER BY conname)
      FROM pg_constraint WHERE conrelid = '%s'::regclass AND contype IN ('c', 'u') $$)
"""


@pytest.fixture
def lab(cluster, tmp_path) -> Iterator[Any]:
    """A database with a distributed schema that has rows; its URL, and commands for it."""
    url = cluster.create("lab")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute((CHANGES / "old.sql").read_text())
        conn.execute("SET citus.multi_shard_modify_mode = 'sequential'")
        conn.execute("SELECT citus_schema_distribute('lab')")
        name = conn.info.dbname
        conn.execute(f"ALTER DATABASE {name} SET citus.enable_unsafe_triggers = on")
    yield url, Project({"DATABASE_URL": url, "OUTPUT": str(tmp_path)})
    cluster.drop(url)


def dumped(url: str) -> list[str]:
    found = subprocess.run(
        ["pg_dump", "--schema-only", "--schema", "lab", url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return sorted(line for line in found.stdout.splitlines() if line[:1] not in ("", "-", "\\"))


def test_a_distributed_schema_follows_and_goes_back(lab, cluster):
    url, project = lab
    before = dumped(url)
    asked = ("--target", url, "--schema", "lab", "--source")
    report = project.migrate(
        *asked, str(CHANGES / "new.sql"), "--rename", str(CHANGES / "renames.toml"), "--no-backup"
    )
    assert report["status"] == "equal"
    with psycopg.connect(url) as conn:
        (there,) = conn.execute(ON_THE_NODE).fetchone()
        assert there.split() == [f"{name}_{there.split()[0].rpartition('_')[2]}" for name in
                                 ("kept_check", "new_check", "new_key")]  # fmt: skip
        assert conn.execute("SELECT count(*) FROM lab.child").fetchone() == (100,)
    plain = cluster.create("plain")
    with psycopg.connect(plain, autocommit=True) as conn:
        conn.execute((CHANGES / "new.sql").read_text())
    assert dumped(url) == dumped(plain)
    cluster.drop(plain)
    project.done("rollback_staged", report["run"], "--target", url)
    assert dumped(url) == before


def test_what_citus_refuses_is_known_before_anything_runs(lab, tmp_path):
    url, project = lab
    asked = ("--target", url, "--schema", "lab", "--schema", "public",
             "--source", str(CHANGES / "refused.sql"))  # fmt: skip
    project.done(
        "migrate_staged", "--plan", "--no-prove", "--output", str(tmp_path / "plan"), *asked
    )
    plan = json.loads((tmp_path / "plan" / "plan.json").read_text())
    refused = {step["id"]: step["refusal"] for step in plan["steps"] if step["refusal"]}
    assert refused.keys() == REFUSED.keys()
    for id, said in REFUSED.items():
        assert said in refused[id]
    report = project.migrate(*asked, "--no-backup", status=1)
    assert {o["status"] for o in report["objects"]} == {"done", "refused", "waiting"}
