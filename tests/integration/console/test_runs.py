"""Runs of migrations in the admin: read, searched, carried on; for operators alone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from tests.factories.tenancy import UserFactory
from weedgo.console import jobs, journal, retrying
from weedgo.console.models import STAGES, Job, Run, Step
from weedgo.staged.model import Stage

RUNS = "/admin/console/run/"


def test_stages_are_the_engines():
    assert list(STAGES) == [stage.name.lower() for stage in Stage]


def test_a_database_without_a_journal_says_so(operator):
    shown = operator.get(RUNS)
    assert "No migration has run on this database yet" in shown.text
    assert operator.get(f"{RUNS}20260101-0000-aaaa/change/").status_code == 404
    assert operator.get("/admin/").status_code == 200


def test_the_list_and_a_run(ran, operator):
    shown = operator.get(RUNS)
    assert ran.pk in shown.text
    row = shown.context["cl"].result_list[0]
    assert (row.steps_done, row.steps_open) == (2, 2)
    page = operator.get(f"{RUNS}{ran.pk}/change/")
    for text in ("2 tables", "CREATE INDEX", "23502", "waits for", "What helps", "Retry this step"):
        assert text in page.text, text
    assert page.text.count("<details") >= 3


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "shelves"}, 2), ({"q": "23502"}, 1), ({"q": "nothing like that"}, 0),
        ({"stage": "7"}, 1), ({"status": "open"}, 2), ({"status": "done", "stage": "2"}, 1),
        ({"page": "7"}, 0), ({"stage": "x", "page": "-1"}, 4),
    ],
)  # fmt: skip
def test_steps_are_searched(ran, operator, query, count):
    page = operator.get(f"{RUNS}{ran.pk}/change/", query)
    assert len(page.context["steps"]) == count


def test_a_step_is_retried_narrowly(ran):
    step = Step.objects.select_related("run").get(run=ran, status="refused")
    command = retrying.command_of_step(step)
    assert command[:2] == ["migrate_staged", "--source"]
    assert command[command.index("--schema") + 1] == "lab.samples"
    assert command[command.index("--stage") + 1] == str(step.stage)
    assert retrying.command_of_run(ran)[3:] == ["--schema", "lab", "--lock-timeout", "2000ms",
                                                "--wait-timeout", "300000ms"]  # fmt: skip


@pytest.mark.parametrize("name", ["backfills", "renames"])
def test_what_the_journal_does_not_hold_is_not_retried(name):
    with pytest.raises(retrying.NotRetriedError, match="from the terminal"):
        retrying.command_of_run(Run(status="failed", source="models", options={name: ["x"]}))


def test_a_step_that_is_done_is_not_retried(ran, operator):
    step = Step.objects.filter(run=ran, status="done").first()
    address = f"{RUNS}{ran.pk}/steps/{step.seq}/retry/"
    assert "Not possible: this step is done" in operator.get(address).text
    assert operator.post(address).status_code == 200
    assert not Job.objects.exists()


def test_only_who_may_retries(ran, operator, settings):
    settings.CONSOLE_START_JOBS = False
    step = Step.objects.get(run=ran, status="refused")
    address = f"{RUNS}{ran.pk}/steps/{step.seq}/retry/"
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_run"))
    operator.force_login(clerk)
    page = operator.get(f"{RUNS}{ran.pk}/change/")
    assert page.status_code == 200
    assert "Retry this step" not in page.text
    assert operator.post(address).status_code == 403
    assert operator.post(f"{RUNS}{ran.pk}/carry-on/").status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="retry_run"))
    assert operator.get(address).status_code == 200
    assert not Job.objects.exists()
    answer = operator.post(address)
    job = Job.objects.get()
    assert answer.headers["location"].endswith(f"/{job.pk}/change/")
    assert (job.kind, job.state, job.requested_by) == ("migrate", "queued", clerk)


def test_a_tenant_sees_nothing_of_it(ran, retailer):
    for path in ("", f"{ran.pk}/change/", f"{ran.pk}/carry-on/", f"{ran.pk}/steps/1/retry/"):
        assert retailer.get(f"{RUNS}{path}").status_code == 403, path
    for path in ("schemadrift/", "schemadrift/compare/", "job/"):
        assert retailer.get(f"/admin/console/{path}").status_code == 403, path
    assert "Migration runs" not in retailer.get("/admin/").text


def test_pages_ask_few_questions(ran, operator, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        operator.get(RUNS)
    with django_assert_max_num_queries(25):
        operator.get(f"{RUNS}{ran.pk}/change/")


def test_who_reads_the_journal(ran):
    assert journal.why_not() == ""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE weedgo_migration.run RENAME client_user TO was")
        assert "earlier version" in journal.why_not()
        cursor.execute("ALTER TABLE weedgo_migration.run RENAME was TO client_user")
        cursor.execute("CREATE ROLE nobody_here; SET ROLE nobody_here")
        assert "may not read it" in journal.why_not()
        cursor.execute("RESET ROLE; DROP ROLE nobody_here")


@pytest.mark.slow
def test_a_retry_mends_what_can_be_mended(ran, operator, settings):
    """The command runs as `run_jobs` would run it, in the process that the site starts."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lab.samples SET label = 'one' WHERE label IS NULL")
    step = Step.objects.get(run=ran, status="refused")
    operator.post(f"{RUNS}{ran.pk}/steps/{step.seq}/retry/")
    wait_for_jobs()
    job = Job.objects.get()
    assert (job.state, job.exit_status) == ("done", 0), job.message
    newest = Run.objects.latest("started")
    assert newest.status == "equal"
    assert newest.client_user.endswith("(admin)")
    assert "All of it is done" in operator.get(f"/admin/console/job/{job.pk}/change/").text


def wait_for_jobs() -> None:
    """Until the process that the site started has closed all jobs."""
    with connection.cursor() as cursor:
        for _ in range(1200):
            jobs.settle()
            if not Job.objects.filter(state__in=Job.UNFINISHED).exists():
                return
            cursor.execute("SELECT pg_sleep(0.1)")
    raise AssertionError("the jobs did not end")
