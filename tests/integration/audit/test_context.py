"""Who, by what request and from where: found out late, told to the database once, left nowhere."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

import audit
from audit import contexts
from audit.addresses import client_address
from audit.models import AuditLog
from tests.factories.tenancy import DomainFactory, OperatorFactory, UserFactory
from tests.integration.audit.log import mark, run, since
from weedgo.tenancy.models import Tenant

pytestmark = pytest.mark.django_db
GROUP = "auth_group"


def write(request: HttpRequest, number: int = 0) -> HttpResponse:
    Group.objects.create(name=request.GET["name"])
    return HttpResponse("made")


def log_in_late(request: HttpRequest) -> HttpResponse:
    """As REST framework and JWT do: the user is known only in the view."""
    request.user = UserFactory(username="bearer")
    return write(request)


def fail(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        Group.objects.create(name="lost")
        audit.record("payment.tried", severity="notice")
        raise ZeroDivisionError


def deny(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


async def write_async(request: HttpRequest) -> HttpResponse:
    await Group.objects.acreate(name=request.GET["name"])
    return HttpResponse("made")


urlpatterns = [
    path("write/<int:number>/", write),
    path("late/", log_in_late),
    path("fail/", fail),
    path("deny/", deny),
    path("async/", write_async),
]
here = override_settings(ROOT_URLCONF=__name__, PUBLIC_SCHEMA_URLCONF=__name__)


@pytest.fixture
def browser(operator: Client) -> Client:
    operator.raise_request_exception = False
    with here:
        yield operator


def test_a_request_signs_what_it_writes(browser: Client):
    place = mark()
    answer = browser.get(
        "/write/7/?name=a", headers={"user-agent": "till/1"}, REMOTE_ADDR="192.0.2.7"
    )
    [entry] = since(place, GROUP)
    assert (entry.actor_type, entry.actor_label[:8]) == ("user", "operator")
    assert (entry.route, entry.method) == ("/write/<int:number>/", "GET")
    assert (entry.ip, entry.user_agent) == ("192.0.2.7", "till/1")
    assert str(entry.request_id) == answer.headers["X-Request-ID"]
    assert run("SELECT current_setting('weedgo.audit', true)") != [("",)]
    assert contexts.current() is None


def test_a_user_who_is_known_late_is_seen(browser: Client):
    place = mark()
    browser.get("/late/?name=b")
    [entry] = since(place, GROUP)
    assert entry.actor_label == "bearer"


def test_nobody_is_anonymous(client: Client, browser: Client):
    place = mark()
    Client(headers={"host": "localhost"}).get("/write/1/?name=c")
    assert since(place, GROUP)[0].actor_type == "anonymous"


def test_a_failure_is_recorded_with_what_the_request_told(browser: Client):
    place = mark()
    assert browser.get("/fail/").status_code == 500
    told, failed = since(place)
    assert (told.event_type, told.severity) == ("payment.tried", "notice")
    assert (failed.event_type, failed.status, failed.outcome) == ("request.failed", 500, "failure")
    assert failed.changes == {"exception": "builtins.ZeroDivisionError"}
    assert told.request_id == failed.request_id
    assert failed.duration_ms is not None
    assert not Group.objects.filter(name="lost").exists()


def test_a_denial_is_recorded(browser: Client):
    place = mark()
    assert browser.get("/deny/").status_code == 403
    [entry] = since(place)
    assert (entry.event_type, entry.outcome, entry.status) == ("request.denied", "denied", 403)


@pytest.mark.parametrize(("kept", "get", "post"), [("none", 0, 0), ("writes", 0, 1), ("all", 1, 1)])
def test_which_requests_are_kept(browser: Client, settings, kept, get, post):
    settings.AUDIT_REQUESTS = kept
    place = mark()
    browser.get("/write/1/?name=a")
    assert len([e for e in since(place) if e.event_type == "request.completed"]) == get
    place = mark()
    browser.post("/write/1/?name=b")
    assert len([e for e in since(place) if e.event_type == "request.completed"]) == post


def test_log_ins(operator: Client):
    UserFactory(username="jane")
    client = Client(headers={"host": "localhost"})
    page = "/admin/login/"
    place = mark()
    client.post(page, {"username": "jane", "password": "wrong"}, REMOTE_ADDR="192.0.2.9")
    client.post(page, {"username": "my-secret-password", "password": ""}, REMOTE_ADDR="192.0.2.9")
    client.post(page, {"username": "hunter2", "password": "x"}, REMOTE_ADDR="192.0.2.9")
    boss = OperatorFactory()
    client.post(page, {"username": boss.username, "password": "pass"})
    client.post("/admin/logout/")
    entries = [entry for entry in since(place) if entry.category == "access"]
    assert [(entry.event_type, entry.actor_label) for entry in entries] == [
        ("login.denied", "jane"),
        ("login.denied", None),
        ("login.succeeded", boss.username),
        ("logout", boss.username),
    ]
    assert (entries[0].outcome, entries[0].ip) == ("denied", "192.0.2.9")


def test_contexts_nest_and_end():
    clerk, boss = UserFactory(username="clerk"), UserFactory(username="boss")
    place = mark()
    with audit.context(actor=clerk, impersonator=boss):
        Group.objects.create(name="one")
        with audit.context(actor_type="service", actor_label="import", actor_id=None):
            Group.objects.create(name="two")
        Group.objects.create(name="three")
    Group.objects.create(name="four")
    told = [(e.actor_type, e.actor_label, e.impersonator_id) for e in since(place, GROUP)]
    assert told == [
        ("user", "clerk", str(boss.pk)),
        ("service", "import", str(boss.pk)),
        ("user", "clerk", str(boss.pk)),
        ("system", None, None),
    ]
    with pytest.raises(TypeError, match="no such field of an audit context: actr"):
        audit.context(actr=1).__enter__()


def test_hijacked_sessions_name_who_really_acts(rf):
    clerk = UserFactory()
    clerk.is_hijacked = True
    request = rf.get("/")
    request.user, request.session = clerk, {"hijack_history": ["42"]}
    place = mark()
    with audit.context(request=request):
        Group.objects.create(name="one")
    [entry] = since(place, GROUP)
    assert (entry.actor_id, entry.impersonator_id) == (str(clerk.pk), "42")


def test_a_savepoint_that_is_rolled_back_takes_the_setting_with_it():
    place = mark()
    with audit.context(actor_label="import"), transaction.atomic():
        with transaction.atomic():
            Group.objects.create(name="goes")
            transaction.set_rollback(True)
        Group.objects.create(name="stays")
    assert [entry.actor_label for entry in since(place, GROUP)] == ["import"]


def test_no_query_is_added():
    with audit.context(actor_label="100% of 'em"), CaptureQueriesContext(connection) as asked:
        group = Group.objects.create(name="50%")
        Group.objects.filter(pk=group.pk).update(name="%s")
    assert len([query for query in asked if "search_path" not in query["sql"]]) == 2
    assert AuditLog.objects.latest("id").actor_label == "100% of 'em"


def test_statements_of_every_form_are_signed():
    place = mark()
    with audit.context(actor_label="x"), connection.cursor() as cursor:
        cursor.execute("/* a comment */ INSERT INTO auth_group (name) VALUES ('100%')")
        cursor.execute("INSERT INTO auth_group (name) VALUES (%s) RETURNING name", ["a"])
        assert cursor.fetchall() == [("a",)]
        cursor.executemany("INSERT INTO auth_group (name) VALUES (%s)", [["b"], ["c"]])
        assert cursor.rowcount == 2
        cursor.execute("WITH n AS (SELECT 'd') INSERT INTO auth_group (name) TABLE n")
        assert cursor.rowcount == 1
        assert Group.objects.bulk_create([Group(name="e")])[0].pk
        cursor.execute("DO $$ BEGIN INSERT INTO auth_group (name) VALUES ('f'); END $$")
    entries = since(place, GROUP)
    assert len(entries) == 7
    assert {entry.actor_label for entry in entries} == {"x"}


@pytest.mark.django_db(transaction=True)
def test_outside_transactions_each_statement_is_signed_and_nothing_is_left():
    place = mark()
    with audit.context(actor_label="first"):
        Group.objects.create(name="a")
        Group.objects.filter(name="a").update(name="b")
        with transaction.atomic():
            Group.objects.create(name="c")
    Group.objects.create(name="d")
    with audit.context(actor_label="second"), transaction.atomic():
        Group.objects.create(name="e")
    assert run("SELECT coalesce(current_setting('weedgo.audit', true), '')") == [("",)]
    labels = [entry.actor_label for entry in since(place, GROUP)]
    assert labels == ["first", "first", "first", None, "second"]


@pytest.mark.django_db(transaction=True, databases=["default", "audit"])
def test_events_outlive_a_rollback_and_row_changes_do_not(settings):
    settings.AUDIT_DATABASE = "audit"
    place = mark()
    with transaction.atomic():
        Group.objects.create(name="lost")
        audit.record("import.failed")
        transaction.set_rollback(True)
    assert [entry.event_type for entry in since(place)] == ["import.failed"]
    connections["audit"].close()


@pytest.mark.django_db(transaction=True)
def test_async(operator: Client):
    place = mark()
    cookies = operator.cookies

    DomainFactory(tenant=Tenant.objects.get(schema_name="public"), domain="testserver")

    async def ask() -> None:
        client = AsyncClient()
        client.cookies = cookies
        names = [f"a{number}" for number in range(5)]
        answers = await asyncio.gather(*(client.get(f"/async/?name={n}") for n in names))
        assert [answer.status_code for answer in answers] == [200] * 5
        await sync_to_async(connections.close_all)()

    with here:
        asyncio.run(ask())
    entries = since(place, GROUP)
    assert len({entry.request_id for entry in entries}) == 5
    assert {entry.route for entry in entries} == {"/async/"}
    assert all(entry.actor_label.startswith("operator") for entry in entries)


@pytest.mark.django_db(transaction=True)
def test_coroutines_have_contexts_of_their_own():
    place = mark()

    async def one(label: str) -> None:
        with audit.context(actor_label=label):
            await asyncio.sleep(0)
            await sync_to_async(Group.objects.create)(name=label)

    async def both() -> None:
        await asyncio.gather(one("x"), one("y"))
        await sync_to_async(connections.close_all)()

    asyncio.run(both())
    assert {(e.actor_label, e.snapshot["name"]) for e in since(place, GROUP)} == {
        ("x", "x"), ("y", "y"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, rubbish, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.9:80", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("", "", None),
    ],
)
def test_a_forged_forwarded_for_is_not_believed(rf, settings, peer, forwarded, expected):
    settings.AUDIT_TRUSTED_PROXIES = ["10.0.0.0/8"]
    request = rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


def test_events_take_the_context(rf):
    request = rf.get("/till/")
    request.user, clerk = AnonymousUser(), UserFactory()
    place = mark()
    with audit.context(request=request) as at_hand:
        assert audit.record("till.opened", actor=clerk, duration_ms=5) is None
        assert since(place) == []
        from audit.services import flush

        flush(at_hand)
    [entry] = since(place)
    assert (entry.actor_id, entry.route, entry.ip) == (str(clerk.pk), "/till/", "127.0.0.1")
    assert isinstance(entry.request_id, uuid.UUID)
