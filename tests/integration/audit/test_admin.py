"""The audit log in the admin: found, filtered, read, and never written."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.utils import timezone

import audit
from audit.models import AuditLog
from tests.factories.audit import AuditAggregateFactory, AuditAlertFactory, AuditLogFactory
from tests.factories.tenancy import TenantFactory

LOG = "/admin/audit/auditlog/"


def listed(client, path: str = LOG, **query: str) -> list[str]:
    """Return the types of the entries that a list shows, beside those of making and logging in."""
    shown = client.get(path, query)
    assert shown.status_code == 200, shown.text
    types = [entry.event_type for entry in shown.context["cl"].result_list]
    return [name for name in types if not name.startswith(("row.", "login.succeeded"))]


def past(event_type: str, when: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO agi_audit_logs (event_type, occurred_at) VALUES (%s, %s)",
            [event_type, when],
        )


def test_the_list_shows_the_last_days_newest_first(operator):
    now = timezone.now()
    for days in (1, 6, 8, 400):
        past(f"days.{days}", now - dt.timedelta(days=days))
    AuditLogFactory(event_type="now")
    assert listed(operator) == ["now", "days.1", "days.6"]
    assert listed(operator, period="30") == ["now", "days.1", "days.6", "days.8"]
    assert len(listed(operator, period="all")) == 5
    assert listed(operator, period="1' OR 1") == listed(operator, period="all")


def test_a_range_of_days_includes_both(operator):
    for day in (1, 2, 3):
        past(f"first.{day}", dt.datetime(2025, 5, day, tzinfo=dt.UTC))
        past(f"last.{day}", dt.datetime(2025, 5, day, 23, 59, 59, tzinfo=dt.UTC))
    both = {"occurred_at_from": "2025-05-01", "occurred_at_to": "2025-05-02"}
    assert listed(operator, **both) == ["last.2", "first.2", "last.1", "first.1"]
    assert listed(operator, occurred_at_from="2025-05-03") == ["last.3", "first.3"]
    for nonsense in ("yesterday", "2025-02-30", "9999-12-31"):
        assert len(listed(operator, occurred_at_to=nonsense)) == 6


def test_filters(operator):
    TenantFactory(schema_name="queen", auto_create_schema=False)
    AuditLogFactory(event_type="login.denied", severity="warning", outcome="denied", tenant="queen")
    AuditLogFactory(event_type="order.placed")
    for query in (
        {"event_type": "login.denied"},
        {"severity__exact": "warning"},
        {"outcome__exact": "denied"},
        {"tenant": "queen"},
    ):
        assert listed(operator, **query) == ["login.denied"], query
    assert listed(operator, event_type="no.such") == []


def test_searching_is_exact(operator):
    request = uuid.uuid4()
    wanted = AuditLogFactory(
        event_type="wanted", actor_label="jane", target_pk="A-1", ip="192.0.2.7", request_id=request
    )
    AuditLogFactory(event_type="other", actor_label="janet", target_pk="A-11", ip="192.0.2.70")
    for word in ("jane", " A-1 ", "192.0.2.7", str(request), str(wanted.pk)):
        assert listed(operator, q=word) == ["wanted"], word
    assert listed(operator, q="jan") == []


def test_the_list_counts_no_rows(operator, django_assert_max_num_queries):
    AuditLogFactory()
    with django_assert_max_num_queries(20) as asked:
        listed(operator)
    assert not [query for query in asked if "COUNT(" in query["sql"].upper()]


def test_labels_stand_where_ticks_would_mislead(operator):
    AuditLogFactory(outcome="denied", severity="critical")
    page = operator.get(LOG).text
    assert "Denied" in page
    assert "Critical" in page


def test_an_entry_tells_what_changed(operator):
    entry = AuditLogFactory(
        target_table="products", target_pk="7", ip="192.0.2.7",
        changes={"price": ["10.00", "12.00"], "name": [None, "<b>Haze</b>"]},
        snapshot={"sku": "SKU-1"},
    )  # fmt: skip
    page = operator.get(f"{LOG}{entry.pk}/change/").text
    for text in ("10.00", "12.00", "192.0.2.7", "SKU-1", "&lt;b&gt;Haze&lt;/b&gt;", "order.placed"):
        assert text in page or entry.event_type in page
    assert "<b>Haze</b>" not in page
    assert 'name="_save"' not in page


def test_changes_of_another_form_are_shown_as_they_are(operator):
    id = audit.record("import.done", changes={"rows": 12, "file": "a.csv"})
    page = operator.get(f"{LOG}{id}/change/").text
    assert "&quot;rows&quot;: 12" in page


@pytest.mark.parametrize("model", ["auditlog", "auditaggregate", "auditalert"])
def test_nothing_is_written_here(operator, model):
    rows = {
        "auditlog": AuditLogFactory,
        "auditaggregate": AuditAggregateFactory,
        "auditalert": AuditAlertFactory,
    }
    row, base = rows[model](), f"/admin/audit/{model}/"
    assert operator.get(base).status_code == 200
    assert operator.get(f"{base}{row.pk}/change/").status_code == 200
    assert operator.get(f"{base}add/").status_code == 403
    assert operator.get(f"{base}{row.pk}/delete/").status_code == 403
    assert operator.post(f"{base}{row.pk}/change/", {"tenant": "x"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    operator.post(base, selected)
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", ["auditlog", "auditaggregate", "auditalert"])
def test_a_tenants_superuser_meets_none_of_it(retailer, model):
    id = AuditLogFactory().pk if model == "auditlog" else 1
    assert "audit" not in retailer.get("/admin/").text.replace("audit.css", "")
    for page in ("", f"{id}/change/", f"{id}/history/", "?q=1"):
        # A row that is not to be had is sent home, a list is forbidden.
        assert retailer.get(f"/admin/audit/{model}/{page}").status_code in (302, 403), page


def test_no_row_leaves_the_admin_of_a_tenant(rf, retailer):
    """Not even where a view forgets to ask for permission."""
    from django.contrib import admin

    AuditLogFactory()
    site = admin.site.get_model_admin(AuditLog)
    assert site.get_queryset(rf.get("/")).exists()
    connection.set_schema("queen")
    assert site.get_queryset(rf.get("/")).count() == 0
