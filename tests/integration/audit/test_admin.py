"""The audit log in the admin: found, filtered, read, and never written."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

import audit
from audit.models import AuditLog
from tests.factories.audit import AuditAggregateFactory, AuditAlertFactory, AuditLogFactory
from tests.factories.tenancy import TenantFactory, UserFactory

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


def test_pages_go_on_from_the_last_row(operator):
    for number in range(120):
        audit.record(f"step.{number:03}")
    steps = [f"step.{number:03}" for number in range(119, -1, -1)]
    first = operator.get(LOG, {"category__exact": "system"})
    cl = first.context["cl"]
    assert cl.newest is None
    seen = [entry.event_type for entry in cl.result_list]
    while cl.older:
        cl = operator.get(LOG + cl.older).context["cl"]
        assert cl.newest == "?category__exact=system"
        seen += [entry.event_type for entry in cl.result_list]
    assert seen == steps
    assert operator.get(f"{LOG}?before=nonsense").status_code == 200


def test_an_entry_leads_to_its_row_its_request_and_its_actor(operator):
    request = uuid.uuid4()
    wanted = AuditLogFactory(
        event_type="wanted", target_table="products", target_pk="7", request_id=request
    )
    AuditLogFactory(event_type="other", target_table="products", target_pk="8")
    page = operator.get(f"{LOG}{wanted.pk}/change/").text
    links = re.findall(r'href="(/admin/audit/auditlog/\?period=all[^"]*)"', page)
    assert len(links) == 3
    for link in links:
        assert listed(operator, html.unescape(link)) == ["wanted"], link


def test_what_is_listed_is_exported(operator):
    AuditLogFactory(event_type="wanted", actor_label='"quoted"')
    AuditLogFactory(event_type="other")
    answer = operator.get(f"{LOG}export/jsonl/", {"event_type": "wanted"})
    [line] = b"".join(answer.streaming_content).splitlines()
    assert json.loads(line)["actor_label"] == '"quoted"'
    answer = operator.get(f"{LOG}export/csv/", {"event_type": "wanted"})
    assert b"".join(answer.streaming_content).startswith(b"id,occurred_at,")
    assert operator.get(f"{LOG}export/xml/").status_code == 404
    assert AuditLog.objects.filter(event_type="audit.exported").count() == 2


def test_a_tenants_superuser_exports_and_verifies_nothing(retailer):
    assert retailer.get(f"{LOG}export/csv/").status_code == 403
    answer = retailer.get(f"{LOG}verify-latest", follow=True)
    assert "as they were written" not in answer.text


def test_alerts_are_looked_after(operator):
    alert = AuditAlertFactory()
    base = "/admin/audit/auditalert/"
    for name, state in (
        ("acknowledge", "acknowledged"),
        ("snooze_hours", "snoozed"),
        ("resolve", "resolved"),
    ):
        operator.post(base, {"action": name, "_selected_action": [alert.pk]})
        alert.refresh_from_db()
        assert alert.state == state
        assert AuditLog.objects.filter(event_type=f"alert.{state}").count() == 1
    assert alert.assignee is not None


def test_who_may_only_look_does_not_handle_alerts(operator):
    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_auditalert"))
    operator.force_login(clerk)
    alert = AuditAlertFactory()
    operator.post("/admin/audit/auditalert/", {"action": "resolve", "_selected_action": [alert.pk]})
    alert.refresh_from_db()
    assert alert.state == "open"


def test_sums_are_drawn(operator):
    AuditAggregateFactory(histogram=[0, 0, 0, 0, 5])
    page = operator.get("/admin/audit/auditaggregate/").text
    assert "p95 (ms)" in page
    assert "events" in page
