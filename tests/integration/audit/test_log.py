"""The audit log: what enters it, what it refuses, and where rows go."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction

import audit
from audit import selectors, services
from audit.models import AuditAggregate, AuditAlert, AuditLog
from tests.factories.audit import AuditAggregateFactory, AuditAlertFactory, AuditLogFactory
from tests.factories.tenancy import TenantFactory, UserFactory

pytestmark = pytest.mark.django_db


def rows(query: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []


def test_an_event_is_read_back_as_it_was_recorded():
    clerk, request = UserFactory(username="jane"), uuid.uuid4()
    id = audit.record(
        "price.changed",
        actor=clerk, target=clerk, severity="notice", request_id=request, ip="2001:db8::1",
        route="/products/<id>/", method="PATCH", status=200, duration_ms=12,
        changes={"price": ["10.00", "12.00"]},
    )  # fmt: skip
    entry = AuditLog.objects.get(pk=id)
    assert (entry.actor_type, entry.actor_id, entry.actor_label) == ("user", str(clerk.pk), "jane")
    assert (entry.target_table, entry.target_pk) == ("tenancy_user", str(clerk.pk))
    assert (entry.request_id, entry.ip, entry.status) == (request, "2001:db8::1", 200)
    assert entry.changes == {"price": ["10.00", "12.00"]}
    assert (entry.tenant, entry.category, entry.outcome) == (None, "system", "success")


def test_time_transaction_and_role_are_the_databases():
    entry = AuditLogFactory()
    [(role, xid, fresh)] = rows(
        "SELECT session_user::text, pg_current_xact_id()::text,"
        " %s BETWEEN transaction_timestamp() AND clock_timestamp()",
        entry.occurred_at,
    )
    assert (entry.db_role, str(entry.xid), fresh) == (role, xid, True)
    assert AuditLog.objects.filter(xid=entry.xid).exists()


def test_the_role_is_the_one_that_was_set():
    name = f"clerk_{uuid.uuid4().hex[:8]}"
    rows(f'CREATE ROLE "{name}"')
    rows(f'GRANT EXECUTE ON FUNCTION public.agi_audit_record(jsonb, name) TO "{name}"')
    rows(f'SET LOCAL ROLE "{name}"')
    id = audit.record("till.opened")
    rows("RESET ROLE")
    assert AuditLog.objects.get(pk=id).db_role == name


def test_the_active_tenant_is_named():
    connection.set_tenant(TenantFactory(schema_name="queen", auto_create_schema=False))
    rows("CREATE SCHEMA queen")
    id = audit.record("till.opened")
    connection.set_schema_to_public()
    assert AuditLog.objects.get(pk=id).tenant == "queen"


def test_events_keep_their_order():
    ids = services.record_many({"event_type": f"step.{number}"} for number in range(50))
    found = AuditLog.objects.filter(pk__in=ids).order_by("id").values_list("event_type", flat=True)
    assert ids == sorted(ids)
    assert list(found) == [f"step.{number}" for number in range(50)]
    assert services.record_many([]) == []


def test_whatever_a_request_brings_can_be_recorded():
    changes = {
        "nul": "a\0b",
        "nan": float("nan"),
        "half": "\ud800",
        "text": "\\u0000",
        1: (2, {3}),
        "when": datetime(2025, 1, 1, tzinfo=UTC),
        "raw": b"\xff",
        "o": object,
    }
    id = audit.record(
        "request.denied", actor=AnonymousUser(), route="/x" * 500, user_agent="a" * 9000,
        changes=changes, outcome="denied",
    )  # fmt: skip
    entry = AuditLog.objects.get(pk=id)
    assert (entry.actor_type, entry.actor_id, len(entry.route)) == ("anonymous", None, 200)
    assert entry.changes["nul"] == "a\ufffdb"
    assert entry.changes["text"] == "\\u0000"
    assert (entry.changes["nan"], entry.changes["half"]) == ("nan", "?")
    assert entry.changes["1"] == [2, [3]]
    assert entry.changes["when"] == "2025-01-01 00:00:00+00:00"
    assert entry.changes["raw"] == "ff"


@pytest.mark.parametrize(
    ("event_type", "details", "error"),
    [
        ("x", {"severity": "dreadful"}, IntegrityError),
        ("x" * 61, {}, DataError),
        (None, {}, IntegrityError),
    ],
)
def test_what_is_no_event_is_refused(event_type, details, error):
    with pytest.raises(error):
        audit.record(event_type, **details)


# Each partition is a table of its own, and so a way around a trigger on the parent.
WRITES = [
    "UPDATE {table} SET actor_id = 'x' WHERE id = {id}",
    "DELETE FROM {table} WHERE id = {id}",
    "TRUNCATE {table}",
    "MERGE INTO {table} USING (VALUES ({id})) AS s (n) ON id = n WHEN MATCHED THEN DELETE",
    "SET LOCAL pgtrigger.ignore = '{{{names}}}'; DELETE FROM {table} WHERE id = {id}",
    "UPDATE {table} SET occurred_at = occurred_at + interval '1 month' WHERE id = {id}",
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("partition", [False, True], ids=["log", "partition"])
def test_what_was_recorded_stays(write, partition):
    id = AuditLogFactory().pk
    [(table, names)] = rows(
        "SELECT tableoid::regclass::text, (SELECT string_agg(tgname, ',') FROM pg_trigger"
        " WHERE tgname LIKE 'pgtrigger%%') FROM agi_audit_logs WHERE id = %s",
        id,
    )
    write = write.format(table=table if partition else "agi_audit_logs", id=id, names=names)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        rows(write)
    assert AuditLog.objects.filter(pk=id).exists()


def test_rows_go_to_the_partition_of_their_month():
    [(partition, expected)] = rows(
        "INSERT INTO agi_audit_logs (event_type) VALUES ('x') RETURNING tableoid::regclass::text,"
        " to_char(occurred_at AT TIME ZONE 'UTC', '\"agi_audit_logs_\"YYYY_MM')"
    )
    assert partition == expected
    rows("INSERT INTO agi_audit_logs (event_type, occurred_at) VALUES ('x', '2001-01-01')")
    assert rows("SELECT count(*) FROM agi_audit_logs_default") == [(1,)]


def test_partitions_are_made_once_and_guarded():
    made = services.make_partitions(ahead=4)
    # The current and the next are there from the migration.
    assert len(made) == 3
    assert services.make_partitions(ahead=4) == []
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        rows(f"TRUNCATE {made[-1]}")
    [(triggers,)] = rows(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
        made[-1],
    )
    assert triggers == 2


def test_a_month_whose_rows_are_in_the_default_partition_stays_there():
    [(later,)] = rows("SELECT date_trunc('month', now()) + interval '3 months 5 days'")
    rows("INSERT INTO agi_audit_logs (event_type, occurred_at) VALUES ('x', %s)", later)
    assert len(services.make_partitions(ahead=4)) == 2
    assert AuditLog.objects.filter(event_type="x").count() == 1


def test_alerts_and_aggregates_keep_their_keys():
    alert = AuditAlertFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditAlertFactory(dedup_key=alert.dedup_key)
    AuditAlert.objects.update(state="resolved")
    assert AuditAlertFactory(dedup_key=alert.dedup_key).state == "open"
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditAlertFactory(state="forgotten")
    hour = AuditAggregateFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditAggregateFactory(bucket_start=hour.bucket_start, event_type=hour.event_type)
    assert AuditAggregate.objects.get().histogram == []


def test_selectors_find_what_is_named():
    request = uuid.uuid4()
    wanted = AuditLogFactory(target_table="t", target_pk="77", ip="10.0.0.9", request_id=request)
    AuditLogFactory(ip="10.0.0.8")
    for word in ("77", str(wanted.pk), wanted.actor_label, str(request), "10.0.0.9"):
        assert list(AuditLog.objects.filter(selectors.search(word))) == [wanted], word
    assert list(selectors.of_request(request)) == [wanted]
    for word in ("9" * 40, "'; --", ""):
        assert not AuditLog.objects.filter(selectors.search(word)).exists()
    assert selectors.recent().count() == 2


def test_the_history_of_a_row():
    clerk = UserFactory()
    first, second = (audit.record(name, target=clerk) for name in ("user.made", "user.changed"))
    audit.record("user.made", target=UserFactory())
    *told, made = selectors.history_of(clerk)
    assert [entry.pk for entry in told] == [second, first]
    assert (made.event_type, made.snapshot["username"]) == ("row.inserted", clerk.username)


def test_event_types_are_listed_once_in_order():
    for name in ("b", "a", "b", "c"):
        audit.record(name)
    assert selectors.event_types() == ["a", "b", "c"]
    assert selectors.event_types(limit=2) == ["a", "b"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_tests_with_real_transactions_start_with_an_empty_log(run):
    assert not AuditLog.objects.exists()
    AuditLogFactory()
