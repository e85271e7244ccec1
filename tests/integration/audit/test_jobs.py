"""The periodic jobs and their commands: sums, alerts, coverage, export, retention, erasure."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import gzip
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

import audit
from audit import aggregates, alerts, coverage, erasing, exporting, notifying, rules, seals
from audit.models import AuditAggregate, AuditAlert, AuditLog
from tests import cluster
from tests.factories.tenancy import OperatorFactory, UserFactory
from tests.integration.audit.log import mark, run, since
from weedgo.databases import url_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings) -> Path:
    settings.AUDIT_SEAL_FILE = str(tmp_path / "seals.jsonl")
    run("DELETE FROM agi_audit_cursors")
    run("DELETE FROM agi_audit_leaves")
    return tmp_path


def command(*arguments: str, status: int = 0) -> dict:
    """Run a command with --json; return its document."""
    out, ended = io.StringIO(), 0
    with contextlib.suppress(SystemExit):
        ended = 1
        call_command(*arguments, "--json", stdout=out)
        ended = 0
    assert ended == status, out.getvalue()
    return json.loads(out.getvalue())


def fail_to_log_in(times: int) -> None:
    audit.record_many(
        {"event_type": "login.denied", "outcome": "denied", "ip": "192.0.2.7"} for _ in range(times)
    )


# --- sums ---------------------------------------------------------------------


def test_sums_count_each_entry_once():
    for ms in (10, 20, 4000):
        audit.record("page.shown", route="/a/", status=200, duration_ms=ms)
    audit.record("page.shown", route="/b/", status=500, duration_ms=5, outcome="failure")
    assert aggregates.roll_up().entries == 4
    assert aggregates.roll_up().entries == 0
    audit.record("page.shown", route="/a/", status=200, duration_ms=30)
    assert command("audit_roll_up")["entries"] == 1
    day = AuditAggregate.objects.get(grain="day", event_type="page.shown", dim="")
    assert (day.count, day.errors, day.sum_ms, day.max_ms) == (5, 1, 4065, 4000)
    assert sum(day.histogram) == 5
    of_route = AuditAggregate.objects.get(grain="hour", dim="route", dim_value="/a/")
    assert (of_route.count, of_route.errors) == (4, 0)


def test_entries_of_a_transaction_that_commits_late_are_summed_later():
    import psycopg

    with psycopg.connect(url_of("default")) as late:
        late.execute('SELECT agi_audit_record(\'[{"event_type": "late"}]\')')
        audit.record("quick")
        aggregates.roll_up()
        late.commit()
    aggregates.roll_up()
    sums = AuditAggregate.objects.filter(grain="day", dim="").order_by("event_type")
    assert [(row.event_type, row.count) for row in sums] == [("late", 1), ("quick", 1)]


@pytest.mark.parametrize("ms", [0, 1, 7, 100, 12_345, 3_600_000])
def test_percentiles_are_true_to_a_fifth(ms):
    audit.record("page.shown", duration_ms=ms)
    aggregates.roll_up()
    histogram = AuditAggregate.objects.get(grain="day", dim="").histogram
    found = aggregates.percentile(histogram, 0.95)
    assert found is not None
    assert abs(found - ms) <= 0.2 * ms + 1
    assert aggregates.percentile([], 0.5) is None


# --- alerts -------------------------------------------------------------------


def test_ten_failed_log_ins_raise_one_alert():
    fail_to_log_in(9)
    assert alerts.evaluate() == []
    fail_to_log_in(1)
    [alert] = alerts.evaluate()
    assert (alert.rule_key, alert.state, alert.occurrences) == ("login.failures", "open", 10)
    assert len(alert.sample_ids) == 10
    assert alerts.evaluate() == []
    fail_to_log_in(2)
    [again] = alerts.evaluate()
    assert again.pk == alert.pk
    assert AuditAlert.objects.count() == 1


def test_an_alert_is_acknowledged_snoozed_and_resolved():
    boss = OperatorFactory()
    fail_to_log_in(10)
    alerts.evaluate()
    every = AuditAlert.objects.all()
    assert alerts.acknowledge(every, boss) == 1
    assert every.get().assignee == boss
    alerts.snooze(every, 4, boss)
    assert every.get().state == "snoozed"
    every.update(snoozed_until=timezone.now() - dt.timedelta(seconds=1))
    alerts.evaluate()
    assert every.get().state == "open"
    alerts.resolve(every, boss)
    assert every.get().resolved_at is not None
    assert alerts.evaluate() == []
    fail_to_log_in(1)
    [news] = alerts.evaluate()
    assert (news.state, every.count()) == ("open", 2)


def test_rules_of_every_kind(settings):
    from django.db.models import Q

    settings.AUDIT_RULES = [
        rules.Ratio("ratio", Q(event_type="x"), part=Q(outcome="failure"), share=0.5, least=4),
        rules.FirstSeen("new", Q(event_type="visit"), by=("actor_id",)),
        rules.Absence("quiet", Q(event_type="heartbeat")),
        rules.Threshold("login.failures", Q(event_type="never"), count=1),
    ]
    for outcome in ("failure", "failure", "success"):
        audit.record("x", outcome=outcome)
    audit.record("visit", actor_type="user", actor_id="7")
    assert {a.rule_key for a in alerts.evaluate()} == {"new", "quiet"}
    audit.record("x")
    audit.record("heartbeat")
    assert [a.rule_key for a in alerts.evaluate()] == ["ratio"]


def test_people_are_told_once(settings):
    posted: list[tuple[bytes, str | None]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((body, self.headers["X-WeedGo-Signature"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.AUDIT_ALERT_EMAILS = ["ops@example.org"]
        settings.AUDIT_ALERT_WEBHOOKS = [f"http://127.0.0.1:{server.server_port}/"]
        settings.AUDIT_WEBHOOK_SECRET = "key"
        fail_to_log_in(10)
        assert command("audit_alerts")["told"] == 1
        assert command("audit_alerts")["told"] == 0
        server.shutdown()
    assert "login.failures" in mail.outbox[0].subject
    [(body, signature)] = posted
    assert json.loads(body)["occurrences"] == 10
    assert signature is not None
    assert signature.startswith("sha256=")


def test_what_cannot_be_sent_is_tried_again(settings):
    settings.AUDIT_ALERT_WEBHOOKS = ["http://127.0.0.1:1/"]
    fail_to_log_in(10)
    alerts.evaluate()
    assert notifying.notify() == 0
    settings.AUDIT_ALERT_WEBHOOKS = []
    assert notifying.notify() == 1


def test_a_seal_that_fails_raises_an_alert(settings, files):
    (files / "a file").write_text("")
    settings.AUDIT_SEAL_FILE = str(files / "a file" / "seals.jsonl")
    told = command("audit_worker", "--once", status=1)["jobs"]
    assert told["seal"].startswith("failed")
    assert AuditAlert.objects.get(rule_key="seal.failure").severity == "critical"


def test_the_worker_does_all_jobs():
    audit.record("till.opened")
    told = command("audit_worker", "--once")["jobs"]
    nodes = ["nodes"] if cluster.has_djangos() else []
    jobs = ["partitions", "seal", "roll_up", "coverage", "alerts", "retention"]
    assert list(told) == [*nodes, *jobs]
    assert told["coverage"] == "0 gaps in the coverage"
    assert "failed" not in " ".join(told.values())


# --- coverage -----------------------------------------------------------------

TRIGGER = (
    "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_audit_update%'"
    " AND tgrelid = 'auth_group'::regclass"
)
GAPS = {
    "disabled": ("ALTER TABLE auth_group DISABLE TRIGGER {t}", "is disabled"),
    "silent in replica mode": ("ALTER TABLE auth_group ENABLE TRIGGER {t}", "is silent in replica"),
    "dropped": ("DROP TRIGGER {t} ON auth_group", "is missing"),
    "altered": (
        "DROP TRIGGER {t} ON auth_group; CREATE TRIGGER {t} AFTER UPDATE ON auth_group REFERENCING"
        " OLD TABLE AS oldt NEW TABLE AS newt FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION"
        " agi_audit_capture('auth_group', '{{id}}', '{{}}', '{{}}'); ALTER TABLE auth_group"
        " ENABLE ALWAYS TRIGGER {t}",
        "was altered",
    ),
    "another function": (
        "CREATE OR REPLACE FUNCTION public.agi_audit_capture() RETURNS trigger LANGUAGE plpgsql"
        " SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'",
        "the function was altered",
    ),
    "replica mode of a role": (
        "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
        "session_replication_role is not origin",
    ),
    "guards": ("ALTER TABLE agi_audit_seals DISABLE TRIGGER ALL", "refuses changes is missing"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("way", GAPS)
def test_gaps_in_the_coverage_are_reported(way):
    assert coverage.check() == []
    [(name,)] = run(TRIGGER)
    statement, expected = GAPS[way]
    run(statement.format(t=name))
    gaps = coverage.check()
    assert any(expected in gap.detail for gap in gaps), gaps
    assert command("audit_coverage", status=1)["status"] == "failed"


# --- export -------------------------------------------------------------------


def test_exports(files):
    audit.record("a.b", changes={"text": 'quote " comma , back\\slash\nline é', "n": [1, None]})
    audit.record("c.d")
    lines, table = files / "all.jsonl.gz", files / "some.csv"
    command("audit_export", str(lines))
    with gzip.open(lines, "rt", encoding="utf-8") as file:
        documents = [json.loads(line) for line in file]
    assert [d["event_type"] for d in documents][:2] == ["a.b", "c.d"]
    assert documents[0]["changes"]["text"] == 'quote " comma , back\\slash\nline é'
    assert documents[-1]["event_type"] == "audit.exported"
    place = mark()
    command("audit_export", str(table), "--type", "c.d", "--since", "2020-01-01")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["event_type"] for row in rows] == ["c.d"]
    [told] = since(place)
    assert told.changes["event_type"] == "c.d"
    assert list(files.glob("*.part")) == []


def test_an_export_of_what_a_list_shows():
    audit.record("a.b", actor_label="100% jane's")
    entries = AuditLog.objects.filter(actor_label="100% jane's")
    lines = b"".join(exporting.stream(entries, "jsonl")).splitlines()
    assert [json.loads(line)["event_type"] for line in lines] == ["a.b"]


def test_an_export_that_cannot_be_written_says_so(files):
    (files / "a file").write_text("")
    with pytest.raises(CommandError, match="a file"):
        call_command("audit_export", str(files / "a file" / "x.csv"))


# --- retention ----------------------------------------------------------------


def test_old_partitions_are_exported_and_dropped_when_sealed(files):
    from audit.verification import verify

    run(
        "CREATE TABLE agi_audit_logs_2020_01 (LIKE agi_audit_logs INCLUDING ALL EXCLUDING IDENTITY)"
    )
    run("ALTER TABLE agi_audit_logs ATTACH PARTITION agi_audit_logs_2020_01"
        " FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')")  # fmt: skip
    run("INSERT INTO agi_audit_logs (event_type, occurred_at) VALUES ('old', '2020-01-15')")
    with pytest.raises(CommandError, match="not sealed"):
        call_command("audit_partitions", "--keep", "12")
    seals.seal()
    audit.record("new")
    seals.seal()
    done = command("audit_partitions", "--keep", "12", "--export", str(files / "archive"))
    [dropped] = done["dropped"]
    assert dropped["partition"] == "agi_audit_logs_2020_01"
    with gzip.open(files / "archive" / "agi_audit_logs_2020_01.jsonl.gz", "rt") as file:
        assert [json.loads(line)["event_type"] for line in file] == ["old"]
    entry = AuditLog.objects.get(event_type="audit.partition_dropped")
    assert entry.changes["sha256"] == dropped["sha256"]
    verdict = verify("default", files / "seals.jsonl")
    assert verdict.holds, verdict.findings


# --- erasure ------------------------------------------------------------------


def test_a_person_is_forgotten_and_every_root_stays_valid(files):
    jane, other = UserFactory(username="jane"), UserFactory(username="omar")
    with audit.context(actor=jane, ip="192.0.2.7", user_agent="till/1"):
        Group.objects.create(name="made by jane")
    with audit.context(actor=other):
        Group.objects.create(name="made by omar")
    seals.seal()
    done = command("audit_erase_person", "--user", str(jane.pk), "--reason", "request 118")
    assert done["blanked"] == 2
    made = AuditLog.objects.get(target_table="auth_group", actor_id=str(jane.pk))
    assert (made.actor_label, made.ip, made.user_agent) == (None, None, None)
    assert made.snapshot["name"] == "made by jane"
    row = AuditLog.objects.get(target_table="tenancy_user", target_pk=str(jane.pk))
    assert (row.snapshot, row.changes) == (None, None)
    assert AuditLog.objects.filter(actor_label="omar").exists()
    assert "jane@" not in json.dumps(list(AuditLog.objects.values_list("snapshot", flat=True)))
    assert command("audit_verify")["erased"] == 2
    assert erasing.erase_person(str(jane.pk))[1] == 0
    seals.seal()
    assert command("audit_verify")["findings"] == []


def test_fields_blanked_without_an_erasure_are_found():
    jane = UserFactory(username="jane")
    seals.seal()
    with transaction.atomic():
        run("SET LOCAL session_replication_role = replica")
        run(
            "UPDATE agi_audit_logs l SET what_digest = agi_audit_what_digest(l), snapshot = NULL,"
            " what_salt = NULL, erasure_id = 1 WHERE target_pk = %s", str(jane.pk),
        )  # fmt: skip
    [finding] = command("audit_verify", status=1)["findings"]
    assert finding["kind"] == "row blanked"


def test_whom_to_forget_must_be_said():
    with pytest.raises(CommandError, match="say whom to forget"):
        call_command("audit_erase_person")


# --- the application's role -----------------------------------------------------

FORBIDDEN = [
    "INSERT INTO agi_audit_logs (event_type) VALUES ('forged')",
    "INSERT INTO agi_audit_logs_default (event_type) VALUES ('forged')",
    "UPDATE agi_audit_logs SET event_type = 'x'",
    "DELETE FROM agi_audit_logs",
    "TRUNCATE agi_audit_logs",
    "ALTER TABLE auth_group DISABLE TRIGGER ALL",
    "INSERT INTO agi_audit_epochs (epoch) VALUES (9)",
    "DELETE FROM agi_audit_leaves",
    "SELECT agi_audit_erase_person('1', '[]')",
    'SELECT agi_audit_record(\'[{"event_type": "row.updated"}]\')',
]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["weedgo_platform", "weedgo_tenant"])
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_applications_role_cannot_write_or_forge(role, statement):
    from django.db import DatabaseError

    audit.record("till.opened")
    before = list(AuditLog.objects.order_by("id").values())
    run("SELECT weedgo_isolate()")
    changed = 0
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(f"SET LOCAL ROLE {role}")
                cursor.execute(statement)
                changed = cursor.rowcount
        except DatabaseError:
            changed = 0
    run("RESET ROLE")
    assert changed == 0
    assert list(AuditLog.objects.order_by("id").values()) == before


@pytest.mark.django_db
def test_what_the_applications_role_records_has_true_time_transaction_and_role():
    run("SELECT weedgo_isolate()")
    run("SET LOCAL ROLE weedgo_tenant")
    forged = {
        "event_type": "till.opened", "occurred_at": "2001-01-01", "xid": "5", "epoch": 9,
        "db_role": "postgres", "id": 1,
    }  # fmt: skip
    [(id,)] = run("SELECT agi_audit_record(%s::jsonb)", json.dumps([forged]))
    run("RESET ROLE")
    entry = AuditLog.objects.get(pk=id)
    assert (entry.db_role, entry.epoch) == ("weedgo_tenant", 0)
    assert timezone.now() - entry.occurred_at < dt.timedelta(hours=1)
    assert [(str(entry.xid),)] == run("SELECT pg_current_xact_id()::text")


def test_settings_are_those_of_the_command(files):
    with override_settings(AUDIT_SEAL_FILE=""):
        assert command("audit_seal")["seal"] >= 1
        assert command("audit_verify")["published"] == 0
