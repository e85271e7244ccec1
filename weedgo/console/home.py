"""The admin's home: what an operator, or a shop's keeper, has to know first.

Each card asks one question that an index answers, bounded in rows, whatever the tables hold; what
is beyond the bound is said to be more.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django_tenants.utils import get_public_schema_name

from audit.models import AuditAggregate, AuditAlert
from payments.models import Circuit, Discrepancy, Dispute, Provider
from ratelimit.models import RateLimitViolation
from weedgo.console import jobs, journal
from weedgo.console.admin.words import ago
from weedgo.console.models import Run, SchemaDrift
from weedgo.console.pictures import BAD, GOOD, PLAIN, WARN, Part, bars, dots, split
from weedgo.store.models import Order
from weedgo.tenancy.models import Tenant

log = logging.getLogger(__name__)
HOURS = 24
# Rows that a card reads at most.
BOUND = 10_000
SEVERITIES = {"critical": BAD, "error": BAD, "warning": WARN, "notice": PLAIN, "info": PLAIN}


@dataclass(frozen=True)
class Card:
    """A card of the home.

    Attributes:
        title: what it is about.
        value: the figure.
        note: what more is said.
        picture: with words for who does not see it.
        link: where to read on; empty for nowhere.
        bad: whether somebody should look at it.
    """

    title: str
    value: str
    note: str
    picture: SafeString
    link: str = ""
    bad: bool = False


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Put the cards into the context of the home; Unfold calls it."""
    on_platform = connection.schema_name == get_public_schema_name()  # type: ignore[attr-defined]
    wanted = PLATFORM if on_platform else SHOP
    user: Any = request.user
    return context | {"cards": [_made(make) for need, make in wanted if user.has_perm(need)]}


def _made(make: Callable[[], Card]) -> Card:
    """A card; one that fails (a schema that is not migrated yet) leaves the others be."""
    try:
        with transaction.atomic():
            return make()
    except DatabaseError:
        log.warning("a card of the home cannot be made", exc_info=True)
        title = make.__name__.strip("_").capitalize()
        return Card(title, "?", "cannot be read now; the log says why", split([], "Not known"))


def _mine(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of shared rows those of the active tenant, or all for the platform."""
    schema: str = connection.schema_name  # type: ignore[attr-defined]
    return rows if schema == get_public_schema_name() else rows.filter(tenant=schema)


def _link(name: str, query: str = "") -> str:
    """An address of the platform's admin, which a shop's keeper may not open."""
    if connection.schema_name != get_public_schema_name():  # type: ignore[attr-defined]
        return ""
    return reverse(f"admin:{name}") + query


def _events() -> Card:
    start = _hours()[0]
    rows = (
        _mine(AuditAggregate.objects.filter(grain="hour", dim="", bucket_start__gte=start))
        .order_by()
        .values_list("bucket_start")
        .annotate(all=Sum("count"), bad=Sum("errors"))
    )
    found = {when: (everything, bad) for when, everything, bad in rows}
    sums = [found.get(hour, (0, 0)) for hour in _hours()]
    total, bad = sum(a for a, _ in sums), sum(b for _, b in sums)
    said = f"{_count(total, 'event')} in {HOURS} hours, {bad:,} of them failed or denied"
    return Card(
        "Events", f"{total:,}", f"{bad:,} failed or denied in the last {HOURS} hours",
        bars([a for a, _ in sums], [b for _, b in sums], said), _link("audit_auditlog_changelist"),
    )  # fmt: skip


def _alerts() -> Card:
    rows = _mine(AuditAlert.objects.filter(state="open")).values_list("severity", flat=True)
    found = Counter(rows.order_by()[: BOUND + 1])
    total = sum(found.values())
    parts = [Part(found[name], colour, name) for name, colour in SEVERITIES.items() if found[name]]
    words = ", ".join(f"{part.size:,} {part.label}" for part in parts) or "none open"
    return Card(
        "Open alerts", _figure(total), words, dots(parts, f"Open alerts: {words}"),
        _link("audit_auditalert_changelist", "?state__exact=open"), bad=total > 0,
    )  # fmt: skip


def _limits() -> Card:
    since = timezone.now() - dt.timedelta(hours=HOURS)
    rows = _mine(RateLimitViolation.objects.filter(minute__gte=since)).order_by("-minute")
    found = list(rows.values_list("minute", "hits", "shadow_hits")[: BOUND + 1])
    real = _by_hour((when, hits - shadow) for when, hits, shadow in found)
    shadow = _by_hour((when, shadow) for when, _, shadow in found)
    total, counted = sum(real), sum(shadow)
    more = "more than " if len(found) > BOUND else ""
    said = f"{_count(total, 'request')} refused in {HOURS} hours, {counted:,} only counted"
    return Card(
        "Limits hit", f"{more}{total:,}", f"refused in {HOURS} hours; {counted:,} only counted",
        bars([a + b for a, b in zip(real, shadow, strict=True)], real, said),
        _link("ratelimit_ratelimitviolation_changelist", "?period=1"),
    )  # fmt: skip


def _drift() -> Card:
    last = jobs.last_comparison()
    link = _link("console_schemadrift_changelist")
    if last is None or last.finished_at is None:
        nothing = split([], "Schemas have not been compared yet")
        return Card("Drifted schemas", "?", "not compared yet", nothing, link)
    drifted = SchemaDrift.objects.count()
    alike = max(Tenant.objects.count() - drifted, 0)
    parts = [Part(drifted, BAD, "differ"), Part(alike, GOOD, "alike")]
    note = f"{alike:,} as the models want; compared {ago(last.finished_at)}"
    picture = split(parts, f"{drifted:,} schemas differ from the models, {alike:,} do not")
    return Card("Drifted schemas", f"{drifted:,}", note, picture, link, bad=drifted > 0)


def _migration() -> Card:
    link = _link("console_run_changelist")
    why_not = journal.why_not()
    run = None if why_not else Run.objects.order_by("-started").first()
    if run is None:
        empty = split([], "No migration yet")
        return Card("Last migration", "none", "no run can be read yet", empty, link)
    found = dict(run.steps.order_by().values_list("status").annotate(n=Count("seq")))
    done = found.pop("done", 0)
    bad = found.pop("failed", 0) + found.pop("refused", 0) + found.pop("interrupted", 0)
    rest = sum(found.values())
    parts = [Part(done, GOOD, "done"), Part(bad, BAD, "failed"), Part(rest, WARN, "left")]
    said = f"{done:,} done, {bad:,} failed, {rest:,} left"
    status = run.get_status_display()
    return Card(
        "Last migration", status, f"{said}; {ago(run.started)}",
        split(parts, f"The last migration: {status}; steps: {said}"),
        reverse("admin:console_run_change", args=[run.pk]),
        bad=run.status not in (Run.Status.EQUAL, Run.Status.RUNNING, Run.Status.UNDONE),
    )  # fmt: skip


def _orders() -> Card:
    since = timezone.now() - dt.timedelta(hours=HOURS)
    rows = Order.objects.filter(placed_at__gte=since).order_by("-placed_at")
    found = list(rows.values_list("placed_at", "total_minor")[: BOUND + 1])
    counts = _by_hour((when, 1) for when, _ in found)
    worth = sum(total or 0 for _, total in found) / 100
    note = f"in {HOURS} hours, {worth:,.2f} CAD"
    return Card(
        "Orders", _figure(len(found)), note,
        bars(counts, (), f"{_count(len(found), 'order')} {note}"),
        reverse("admin:store_order_changelist"),
    )  # fmt: skip


def _disputes() -> Card:
    rows = Dispute.objects.filter(status="open").order_by("evidence_due_at")
    due = list(rows.values_list("evidence_due_at", flat=True)[: BOUND + 1])
    now = timezone.now()
    late = sum(1 for when in due if when and when < now)
    urgent = sum(1 for when in due if when and now <= when < now + dt.timedelta(days=3))
    parts = [
        Part(late, BAD, "late"),
        Part(urgent, WARN, "within 3 days"),
        Part(len(due) - late - urgent, PLAIN, "later"),
    ]
    coming = next((when for when in due if when and when >= now), None)
    note = f"next in {timeuntil(coming, now, depth=1)}" if coming else "no evidence due"
    note = f"{late:,} late; {note}" if late else note
    words = ", ".join(f"{part.size:,} {part.label}" for part in parts)
    link = reverse("admin:payments_dispute_changelist") + "?status__exact=open"
    picture = dots(parts, f"Disputes that wait for evidence: {words}")
    return Card("Disputes due", _figure(len(due)), note, picture, link, bad=bool(late or urgent))


def _exceptions() -> Card:
    rows = Discrepancy.objects.filter(resolved_at__isnull=True).order_by("opened_at")
    found = list(rows.values_list("opened_at", "kind")[: BOUND + 1])
    kinds = Counter(kind.replace("_", " ") for _, kind in found).most_common(3)
    note = ", ".join(f"{number:,} {kind}" for kind, number in kinds) or "all money agrees"
    old = timezone.now() - dt.timedelta(days=7)
    late = sum(1 for opened, _ in found if opened < old)
    parts = [Part(late, BAD, "older than a week"), Part(len(found) - late, WARN, "newer")]
    picture = dots(parts, f"Open exceptions: {late:,} older than a week, {parts[1].size:,} newer")
    link = reverse("admin:payments_discrepancy_changelist")
    return Card("Exceptions", _figure(len(found)), note, picture, link, bad=late > 0)


def _providers() -> Card:
    ways = {
        (pk, method)
        for pk, methods in Provider.objects.filter(is_active=True).values_list("pk", "methods")
        for method in methods
    }
    alone = Circuit.objects.exclude(state="closed").values_list("provider_id", "method")
    bad = len(ways & set(alone))
    parts = [Part(bad, BAD, "left alone"), Part(len(ways) - bad, GOOD, "in use")]
    note = f"{bad} left alone for now" if bad else "all providers answer"
    picture = dots(parts, f"Ways to pay: {len(ways) - bad} in use, {bad} left alone")
    link = reverse("admin:payments_provider_health")
    return Card("Ways to pay", f"{len(ways) - bad:,}", note, picture, link, bad=bad > 0)


PLATFORM: Sequence[tuple[str, Callable[[], Card]]] = (
    ("audit.view_auditlog", _events),
    ("audit.view_auditalert", _alerts),
    ("ratelimit.view_ratelimitviolation", _limits),
    ("console.view_schemadrift", _drift),
    ("console.view_run", _migration),
)
SHOP: Sequence[tuple[str, Callable[[], Card]]] = (
    ("store.view_order", _orders),
    ("payments.view_dispute", _disputes),
    ("payments.view_discrepancy", _exceptions),
    ("payments.view_healthmetric", _providers),
    ("audit.view_auditlog", _events),
    ("audit.view_auditalert", _alerts),
    ("ratelimit.view_ratelimitviolation", _limits),
)


def _hours() -> list[dt.datetime]:
    now = timezone.now().astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    return [now - dt.timedelta(hours=ago) for ago in range(HOURS - 1, -1, -1)]


def _by_hour(rows: Iterable[tuple[dt.datetime, int]]) -> list[int]:
    """Sums of what happened in each of the last hours."""
    sums: Counter[dt.datetime] = Counter()
    for when, number in rows:
        sums[when.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)] += number
    return [sums[hour] for hour in _hours()]


def _figure(number: int) -> str:
    return f"{number:,}" if number <= BOUND else f"more than {BOUND:,}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
