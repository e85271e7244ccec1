"""All tenants at once: what becomes of them where something goes wrong, and Django's word."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

import psycopg
import pytest

from tests.project import ROOT

SIZES = [12, pytest.param(200, marks=pytest.mark.soak)]
COLUMN = """
SELECT EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema()
                  AND table_name = 'labels' AND column_name = 'colour')
"""
FINAL = """
SELECT schema, no_undo FROM weedgo_migration.step
 WHERE kind = 'column' AND name = 'text' AND status = 'done'
"""
NAMES = "SELECT array_agg(name::text ORDER BY id) FROM django_migrations WHERE app = 'fleet'"


@pytest.mark.parametrize("fleet", SIZES, indirect=True)
def test_a_change_comes_to_all_and_django_has_nothing_left(fleet):
    after = fleet.as_of("after")
    done = after.migrate("--no-backup")
    assert done["status"] == "equal"
    assert set(after.each(COLUMN).values()) == {(True,)}
    again = after.migrate("--no-backup")
    assert (again["status"], again["counts"]) == ("equal", {})
    assert "No migrations to apply" in after.done("migrate_schemas")
    after.done("migrate", "--check")
    after.done("makemigrations", "--check", "--dry-run")
    schemas = ["public", "shop001", "shop012"]
    assert {frozenset(states) for states in after.triggers(*schemas).values()} <= {
        frozenset(), frozenset({"INSTALLED"}),
    }  # fmt: skip


@pytest.mark.parametrize("fleet", SIZES, indirect=True)
def test_a_tenant_in_whose_way_something_stands_holds_up_no_other(fleet):
    after = fleet.as_of("after")
    with psycopg.connect(fleet.url, autocommit=True) as conn:
        conn.execute("CREATE VIEW shop007.labels_colour_idx AS SELECT 1 AS one")
    done = after.migrate("--no-backup", status=1)
    refused = [o for o in done["objects"] if o["status"] == "refused"]
    assert {o["schema"] for o in refused} == {"shop007"}
    assert "labels_colour_idx" in refused[0]["name"]
    columns = after.each(COLUMN)
    assert set(columns.values()) == {(True,)}
    assert after.each(NAMES)["shop007"] == (["0001_initial"],)
    others = {s: names for s, names in after.each(NAMES).items() if s != "shop007"}
    assert set(map(str, others.values())) == {"(['0001_initial', '0002_colour'],)"}
    with psycopg.connect(fleet.url, autocommit=True) as conn:
        conn.execute("DROP VIEW shop007.labels_colour_idx")
    mended = after.migrate("--no-backup")
    assert {o["schema"] for o in mended["objects"] if o["status"] == "done"} <= {"shop007"}
    assert after.each(NAMES)["shop007"] == (["0001_initial", "0002_colour"],)


@pytest.mark.parametrize("fleet", SIZES, indirect=True)
def test_killed_in_the_middle_the_next_run_does_the_rest_only(fleet):
    after = fleet.as_of("after")
    with psycopg.connect(fleet.url) as blocker:
        # Whoever comes there waits, and the run is killed while it does.
        blocker.execute("LOCK TABLE shop008.labels")
        running = subprocess.Popen(
            [sys.executable, "manage.py", "migrate_staged", "--no-backup", "--jobs", "1",
             "--lock-timeout", "10min", "--output", f"{after.environment['OUTPUT']}/killed"],
            cwd=ROOT, env={"PATH": os.defpath, **after.environment},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _until_blocked(fleet.url, blocker.info.backend_pid, running)
        running.send_signal(signal.SIGKILL)
        running.wait()
        blocker.rollback()
    standing = {schema for schema, (there,) in after.each(COLUMN).items() if there}
    assert standing
    assert "shop012" not in standing
    rest = after.migrate("--no-backup")
    changed = {o["schema"] for o in rest["objects"] if o["status"] == "done" and o["schema"]}
    assert changed
    assert not changed & (standing - {"shop008"})
    assert set(after.each(COLUMN).values()) == {(True,)}
    assert set(map(str, after.each(NAMES).values())) == {"(['0001_initial', '0002_colour'],)"}


def _until_blocked(url: str, pid: int, running: subprocess.Popen) -> None:
    """Wait until somebody waits for a session's lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
    pause = threading.Event()
    with psycopg.connect(url, autocommit=True) as conn:
        while conn.execute(query, [pid]).fetchone() == (0,):
            assert running.poll() is None
            pause.wait(0.05)


@pytest.mark.parametrize("fleet", SIZES, indirect=True)
def test_migrations_of_rows_run_once_in_each_in_order(fleet):
    with psycopg.connect(fleet.url, autocommit=True) as conn:
        for schema in fleet.schemas(conn):
            conn.execute(f"INSERT INTO {schema}.labels (text) VALUES ('jar')")
    rows = fleet.as_of("rows")
    done = rows.migrate("--no-backup")
    assert done["status"] == "equal"
    labels = "SELECT text, colour FROM labels"
    assert set(rows.each(labels).values()) == {("jar g", "g")}
    order = ["0001_initial", "0002_colour", "0003_paint", "0004_name"]
    assert {tuple(names) for (names,) in rows.each(NAMES).values()} == {tuple(order)}
    assert rows.migrate("--no-backup")["counts"] == {}
    assert set(rows.each(labels).values()) == {("jar g", "g")}
    assert "No migrations to apply" in rows.done("migrate_schemas")


def test_a_tenant_that_has_drifted_is_named_and_mended(fleet):
    with psycopg.connect(fleet.url, autocommit=True) as conn:
        conn.execute("ALTER TABLE shop003.labels DROP COLUMN printed_at")
    after = fleet.as_of("after")
    told = after.done("migrate_staged", "--no-backup", "--output", after.environment["OUTPUT"])
    line = next(line for line in told.splitlines() if "shop003" in line)
    assert "printed_at" in line
    assert set(after.each(COLUMN).values()) == {(True,)}


def test_chosen_tenants_are_changed_and_no_others(fleet):
    after = fleet.as_of("after")
    chosen = ["shop001", "shop002", "shop004", "shop005", "shop006"]
    done = after.migrate("--no-backup", "--tenants", *chosen, "--jobs", "2")
    assert done["status"] == "equal"
    assert {s for s, (there,) in after.each(COLUMN).items() if there} == set(chosen)
    assert json.dumps(done).count("shop003") == 0


def test_what_rows_of_a_tenant_would_not_let_be_undone_is_said_of_it_alone(fleet):
    with psycopg.connect(fleet.url, autocommit=True) as conn:
        conn.execute("INSERT INTO shop003.labels (text) VALUES ('jar')")
    done = fleet.as_of("less").migrate("--no-backup", "--drop", "drop")
    assert done["status"] == "equal"
    with psycopg.connect(fleet.url, autocommit=True) as conn:
        told = dict(conn.execute(FINAL).fetchall())
    assert len(told) == 12
    assert {schema for schema, why in told.items() if why} == {"shop003"}
    assert "mandatory and has no default, but shop003.labels holds rows" in told["shop003"]
