"""Comparing all schemas with the models from the admin, and what is kept of drift."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import connection, connections
from django.utils import timezone

from tests.factories.tenancy import OperatorFactory, TenantFactory
from weedgo.console import jobs
from weedgo.console.models import Job, SchemaDrift
from weedgo.tenancy.models import Tenant

DRIFT = "/admin/console/schemadrift/"


def document(*objects: tuple[str, str, str]) -> dict:
    found = [
        {"kind": kind, "schema": schema, "name": name, "parent": "", "target": "",
         "where": "source", "attributes": []}
        for kind, schema, name in objects
    ]  # fmt: skip
    return {"version": 1, "status": "different", "exit": int(bool(found)), "message": "",
            "equal": 7, "objects": found, "unmodelled": []}  # fmt: skip


@pytest.fixture(autouse=True)
def only_queued(settings) -> None:
    settings.CONSOLE_START_JOBS = False


def ended(*objects: tuple[str, str, str]) -> Job:
    job = jobs.ask(Job.Kind.COMPARE, jobs.COMPARE, None)
    assert jobs.take(job)
    jobs.finish(job, int(bool(objects)), document(*objects))
    job.refresh_from_db()
    return job


def test_drift_keeps_since_when_and_forgets_what_is_mended(db):
    ended(("index", "queen", "a"), ("table", "king", "b"))
    since = SchemaDrift.objects.get(pk="queen").since
    ended(("index", "queen", "a"), ("index", "queen", "c"), ("schema", "", "jack"))
    found = {row.pk: (row.count, row.since) for row in SchemaDrift.objects.all()}
    assert found.keys() == {"queen", "jack"}
    assert found["queen"] == (2, since)
    ended()
    assert not SchemaDrift.objects.exists()


def test_the_page_says_what_differs(operator):
    assert "not been compared with the models yet" in operator.get(DRIFT).text
    TenantFactory(schema_name="queen", name="Queen Cannabis", auto_create_schema=False)
    job = ended(("index", "queen", "orders_idx"))
    shown = operator.get(DRIFT).text
    # Other modules leave tenants; the shared schema is one too.
    schemas = Tenant.objects.exclude(schema_name="public").count() + 1
    for text in (f"1 schema of {schemas} differs", "Queen Cannabis", "index orders_idx: missing"):
        assert text in shown, text
    assert "orders_idx" in operator.get(f"{DRIFT}queen/change/").text
    assert "1 object of 8 differs" in operator.get(f"/admin/console/job/{job.pk}/change/").text
    home = operator.get("/admin/").context["cards"]
    assert ("Drifted schemas", "1") in [(card.title, card.value) for card in home]


def test_two_who_ask_get_one_job(operator):
    first = operator.post(f"{DRIFT}compare/")
    second = operator.post(f"{DRIFT}compare/")
    assert first.headers["location"] == second.headers["location"]
    assert Job.objects.count() == 1
    page = operator.get(first.headers["location"])
    assert "It waits for a process" in page.text
    assert "refresh" in page.text


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_gets_the_job():
    users = [OperatorFactory(), OperatorFactory()]
    start, outcomes = threading.Barrier(2), []

    def ask(user):
        try:
            start.wait()
            jobs.ask(Job.Kind.COMPARE, jobs.COMPARE, user)
            outcomes.append("queued")
        except jobs.BusyError:
            outcomes.append("busy")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["busy", "queued"]


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_process_died_is_closed():
    job = jobs.ask(Job.Kind.COMPARE, jobs.COMPARE, None)
    assert jobs.take(job)
    assert not jobs.take(job)
    # Another process sees the lock, and that it is gone with the connection that held it.
    assert jobs.settle() == 0
    connection.close()
    # The server ends a session in its own time, and gives its lock to who waits for it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [jobs.LOCK_CLASS, job.pk])
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [jobs.LOCK_CLASS, job.pk])
    assert jobs.settle() == 1
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", jobs.DIED)


def test_a_job_that_nobody_takes_is_closed(db, settings):
    job = jobs.ask(Job.Kind.COMPARE, jobs.COMPARE, None)
    Job.objects.update(requested_at=timezone.now() - 2 * jobs.PATIENCE)
    assert jobs.settle() == 0
    settings.CONSOLE_START_JOBS = True
    assert jobs.settle() == 1
    job.refresh_from_db()
    assert "run_jobs" in job.message


def test_a_failed_job_says_why(operator):
    job = jobs.ask(Job.Kind.COMPARE, jobs.COMPARE, None)
    jobs.take(job)
    jobs.finish(job, 2, None, "the server is not there")
    page = operator.get(f"/admin/console/job/{job.pk}/change/").text
    assert "It could not be done." in page
    assert "the server is not there" in page
    assert "Failed" in operator.get("/admin/console/job/").text


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_run_jobs_compares_what_waits(pg18, database):
    """On a database of its own, as its owner runs it."""
    import os
    import subprocess
    import sys

    from django.conf import settings

    url = database(pg18)
    environment = {"PATH": os.defpath, "DATABASE_URL": url}

    def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    import psycopg

    done = manage("migrate_staged", "--no-backup")
    assert done.returncode == 0, done.stderr
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP INDEX agi_audit_logs_id_idx")
        conn.execute(
            "INSERT INTO console_job (kind, command) VALUES ('compare', %s)", [jobs.COMPARE]
        )
        done = manage("run_jobs", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["jobs"][0]["exit"] == 1
        found = conn.execute(
            "SELECT schema_name, count, objects_differing FROM console_schemadrift"
        )
        [(schema, count, objects)] = found.fetchall()
        assert (schema, count >= 1) == ("public", True)
        assert any(one["name"] == "agi_audit_logs_id_idx" for one in objects)
    assert manage("run_jobs").stdout.strip() == "No job waits."
