"""Seals: what they cover, and that each way to tamper with the log is found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

import audit
from audit import aggregates, evidence, seals, verification
from audit.models import AuditAggregate, AuditLeaves, AuditLog, AuditSeal
from tests import cluster
from tests.conftest import Database
from tests.factories.tenancy import TenantFactory
from tests.integration.audit.log import run
from tests.servers import Server
from weedgo.databases import url_of
from weedgo.management.models.aliases import led_to
from weedgo.tenancy import services

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seal_file(tmp_path: Path, settings) -> Path:
    settings.AUDIT_SEAL_FILE = str(tmp_path / "seals.jsonl")
    return tmp_path / "seals.jsonl"


def found(last: int | None = None) -> set[tuple[str, str]]:
    """Verify; return the kinds and places of what is found."""
    path = Path(settings.AUDIT_SEAL_FILE)
    verdict = verification.verify("default", path if path.exists() else None, last)
    return {(finding.kind, finding.where) for finding in verdict.findings}


def record(*names: str) -> list[int]:
    return [audit.record(name) for name in names]


def past_guards(statement: str, *parameters: object) -> None:
    """What somebody with the owner's or a superuser's rights can do."""
    with transaction.atomic():
        run("SET LOCAL session_replication_role = replica")
        run(statement, *parameters)


@pytest.fixture
def sealed() -> list[int]:
    """Two seals of three rows each, and a row that is not sealed yet."""
    ids = record("a.one", "a.two", "a.three")
    seals.seal()
    ids += record("b.one", "b.two", "b.three")
    seals.seal()
    return ids + record("c.one")


def test_untouched_data_passes(sealed):
    verdict = verification.verify("default", Path(settings.AUDIT_SEAL_FILE))
    assert verdict.holds, verdict.findings
    assert (verdict.seals, verdict.rows, verdict.unsealed, verdict.published) == (2, 7, 1, 2)


def test_an_empty_log_is_sealed_too():
    done = seals.seal()
    assert (done.seals, done.rows) == (1, 0)
    assert seals.seal().last == 2
    assert found() == set()


def test_rows_of_a_transaction_that_commits_late_are_sealed_later():
    url = url_of("default")
    with psycopg.connect(url) as late:
        late.execute("INSERT INTO auth_group (name) VALUES ('late')")
        [(earlier,)] = late.execute("SELECT max(id) FROM agi_audit_logs")
        [later] = record("quick")
        assert earlier < later
        seals.seal()
        assert found() == set()
        late.commit()
    seals.seal()
    verdict = verification.verify("default", Path(settings.AUDIT_SEAL_FILE))
    assert verdict.holds, verdict.findings
    assert verdict.unsealed == 0
    assert sum(seal.rows for seal in AuditSeal.objects.all()) == AuditLog.objects.count() == 2


CHANGES = {
    "type": "event_type = 'x.y'",
    "time": "occurred_at = occurred_at + interval '1 microsecond'",
    "actor": "actor_label = 'somebody else'",
    "changes": "changes = '{}'",
    "role": "db_role = 'nobody'",
    "blanked": "actor_label = NULL, ip = NULL, user_agent = NULL, who_salt = NULL",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_row(sealed, what):
    past_guards(f"UPDATE agi_audit_logs SET {CHANGES[what]} WHERE id = %s", sealed[1])
    assert ("row changed", f"row {sealed[1]}") in found()


def test_a_deleted_row(sealed):
    past_guards("DELETE FROM agi_audit_logs WHERE id = %s", sealed[4])
    assert found() == {("row removed", f"row {sealed[4]}")}


def test_a_row_inserted_into_the_past(sealed):
    """Once among the sealed, by its transaction's number, and once only by its time."""
    run("INSERT INTO agi_audit_logs (event_type, xid) SELECT 'forged', xid FROM agi_audit_logs"
        " WHERE id = %s", sealed[0])  # fmt: skip
    [(forged,)] = run("SELECT max(id) FROM agi_audit_logs")
    assert found() == {("row added", f"row {forged}")}
    past_guards("DELETE FROM agi_audit_logs WHERE id = %s", forged)
    run("INSERT INTO agi_audit_logs (event_type, occurred_at) VALUES ('x', now() - interval '1 h')")
    [(dated,)] = run("SELECT max(id) FROM agi_audit_logs")
    assert found() == {("row back-dated", f"row {dated}")}
    seals.seal()
    assert found() == {("row back-dated", f"row {dated}")}


def test_an_epoch_that_never_was(sealed):
    seals.seal()
    run("INSERT INTO agi_audit_logs (event_type, epoch) VALUES ('forged', -1)")
    assert found() == {("row added", "epoch -1")}


def test_a_truncated_tail(sealed):
    """The last rows and the seals over them: only what was published tells."""
    past_guards("DELETE FROM agi_audit_logs WHERE id >= %s", sealed[3])
    past_guards("DELETE FROM agi_audit_leaves WHERE seal = 2")
    past_guards("DELETE FROM agi_audit_seals WHERE number = 2")
    assert found() == {("seal removed", "seal 2")}


def test_a_removed_seal(sealed):
    past_guards("DELETE FROM agi_audit_seals WHERE number = 1")
    assert ("seal removed", "seal 1") in found()


def test_an_altered_seal(sealed):
    past_guards("UPDATE agi_audit_seals SET rows = rows - 1 WHERE number = 1")
    assert ("seal altered", "seal 1") in found()


def test_a_log_that_was_sealed_anew(sealed, seal_file):
    """Everything in the database is consistent, but is not what was published."""
    published = seal_file.read_text()
    past_guards("UPDATE agi_audit_logs SET event_type = 'x' WHERE id = %s", sealed[0])
    past_guards("DELETE FROM agi_audit_seals")
    past_guards("DELETE FROM agi_audit_leaves")
    seal_file.unlink()
    seals.seal()
    assert found() == set()
    seal_file.write_text(published)
    assert ("seal altered", "seal 1") in found()


def test_altered_leaves(sealed):
    past_guards("UPDATE agi_audit_logs SET event_type = 'x' WHERE id = %s", sealed[0])
    past_guards("UPDATE agi_audit_leaves SET leaves = '' WHERE seal = 1")
    assert found() == {("seal altered", "seal 1")}


def test_a_dropped_partition(sealed):
    [(partition,)] = run("SELECT DISTINCT tableoid::regclass::text FROM agi_audit_logs")
    run(f"ALTER TABLE agi_audit_logs DETACH PARTITION {partition}")
    try:
        assert {kind for kind, _ in found()} == {"partition dropped"}
        assert found() == {("partition dropped", partition)}
    finally:
        this_month = "date_trunc('month', now())"
        run(
            f"ALTER TABLE agi_audit_logs ATTACH PARTITION {partition}"
            f" FOR VALUES FROM ({this_month}) TO ({this_month} + interval '1 month')"
        )


def test_only_the_last_seals_on_demand(sealed):
    past_guards("UPDATE agi_audit_logs SET event_type = 'x' WHERE id = %s", sealed[0])
    assert found(last=1) == set()
    assert found(last=2) == {("row changed", f"row {sealed[0]}")}


def test_many_rows_go_into_several_seals(monkeypatch):
    monkeypatch.setattr(seals, "ROWS", 10)
    with transaction.atomic():
        Group.objects.bulk_create(Group(name=f"g{n}") for n in range(35))
    assert seals.seal().seals == 4
    assert found() == set()
    kept = AuditLeaves.objects.order_by("seal").values_list("leaves", flat=True)
    assert [len(evidence.unpack(bytes(leaves))) for leaves in kept] == [10, 10, 10, 5]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agi_audit_seals SET rows = 0",
        "DELETE FROM agi_audit_seals",
        "TRUNCATE agi_audit_seals",
    ],
)
def test_seals_are_kept_as_the_log_is(sealed, statement):
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="append-only"):
        run(statement)


def test_two_do_not_seal_at_once():
    from audit import jobs

    url = url_of("default")
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [jobs.LOCK, jobs.JOBS.index("seal")])
        with pytest.raises(jobs.BusyError, match="another process is at it: seal"):
            seals.seal()


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "audit"])
@cluster.cannot("its dump is restored on one server, which lacks the extension")
def test_a_restored_dump_is_verified_and_sealed_on(sealed, pg18: Server, database: Database):
    old, new = url_of("default"), database(pg18, "restored")
    # Its transactions have lower numbers than those of a cluster that has been used for longer.
    dump = subprocess.run([pg18.pg_dump, old], check=True, capture_output=True).stdout
    subprocess.run([pg18.psql, "-qX", "-v", "ON_ERROR_STOP=1", new], input=dump, check=True,
                   capture_output=True)  # fmt: skip
    with led_to(new):
        assert found() == set()
        [id] = record("after.restore")
        assert AuditLog.objects.get(pk=id).epoch == AuditLog.objects.get(pk=sealed[0]).epoch + 1
        seals.seal()
        assert found() == set()
        verdict = verification.verify("default", Path(settings.AUDIT_SEAL_FILE))
        assert (verdict.unsealed, verdict.rows) == (0, 8)
        past_guards("DELETE FROM agi_audit_logs WHERE id = %s", sealed[1])
        assert found() == {("row removed", f"row {sealed[1]}")}


def test_what_a_dropped_tenant_did_stays_and_is_still_proved(operator):
    """Its schema goes, with the tables and their triggers; its entries stay, and its seals hold."""
    TenantFactory(schema_name="king", auto_create_schema=False)
    tenant = TenantFactory(schema_name="duchess", auto_create_schema=False, state="retired")
    run("CREATE SCHEMA duchess")
    run("CREATE TABLE duchess.prices (id int PRIMARY KEY, price int)")
    run(
        "CREATE TRIGGER audit_insert AFTER INSERT ON duchess.prices REFERENCING NEW TABLE AS newt"
        " FOR EACH STATEMENT EXECUTE FUNCTION agi_audit_capture('prices', '{id}', '{}', '{}')"
    )
    run("INSERT INTO duchess.prices VALUES (1, 10), (2, 20)")
    run("INSERT INTO duchess.prices VALUES (3, 30)")
    seals.seal()
    services.delete("duchess")
    seals.seal()
    assert found() == set()
    kept = AuditLog.objects.filter(tenant="duchess", target_table="prices").order_by("id")
    assert [entry.snapshot["price"] for entry in kept] == [10, 20, 30]
    gone = AuditLog.objects.get(target_table="tenancy_tenant", op="DELETE")
    assert gone.snapshot["schema_name"] == "duchess"
    assert gone.target_pk == str(tenant.pk)
    shown = operator.get("/admin/audit/auditlog/", {"tenant": "duchess", "period": "all"})
    assert [entry.pk for entry in shown.context["cl"].result_list] == [e.pk for e in kept][::-1]
    assert aggregates.roll_up()
    assert AuditAggregate.objects.filter(tenant="duchess", event_type="row.inserted").exists()
