"""The journal of migrations as operators read it; it may not stand yet, or be closed to them."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Now

from weedgo.console.models import STAGES, Run, Step

_STATE = """
SELECT CASE
    WHEN count(*) < 2 THEN 'absent'
    WHEN NOT bool_and(has_schema_privilege(c.relnamespace, 'USAGE')
                      AND has_table_privilege(c.oid, 'SELECT')) THEN 'closed'
    WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = ANY(array_agg(c.oid)) AND a.attname = 'client_user') THEN 'old'
    ELSE 'open' END
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'weedgo_migration' AND c.relname IN ('run', 'step')
"""
WHY_NOT = {
    "absent": "No migration has run on this database yet. The first `python manage.py "
    "migrate_staged` makes the journal, and its runs are listed here.",
    "closed": "The journal stands, but the site may not read it yet. `python manage.py "
    "migrate_staged`, run as the owner, gives operators the right.",
    "old": "The journal is an earlier version's. The next `python manage.py migrate_staged` "
    "brings it up to date.",
}


def why_not() -> str:
    """Return why the journal cannot be read, in words for an operator; empty if it can."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return WHY_NOT.get(cursor.fetchone()[0], "")


def with_counts(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Runs with how many steps were done, are open, and were planned, and the seconds taken."""

    def steps(**condition: Any) -> Any:
        count = (
            Step.objects.filter(run=OuterRef("pk"), **condition)
            .order_by()
            .values("run")
            .annotate(n=Count("seq"))
            .values("n")
        )
        return Coalesce(Subquery(count), 0)

    return runs.annotate(
        steps_all=steps(),
        steps_done=steps(status="done"),
        steps_open=steps(status__in=Step.OPEN),
        took=Coalesce("finished", Now()) - F("started"),
    )


def by_stage(run: Run) -> list[dict[str, Any]]:
    """Return the stages of a run that have steps: when, how long, and how they went."""
    rows = (
        Step.objects.filter(run=run)
        .order_by("stage")
        .values("stage")
        .annotate(
            steps=Count("seq"),
            done=Count("seq", filter=Q(status="done")),
            open=Count("seq", filter=Q(status__in=Step.OPEN)),
            seconds=Sum("elapsed"),
            first=Min("started"),
            last=Max("finished"),
        )
    )
    return [{**row, "name": stage_name(row["stage"])} for row in rows]


def stage_name(number: int) -> str:
    """Return what a stage is called, with its number."""
    return f"{number} {STAGES[number]}" if 0 <= number < len(STAGES) else str(number)


def steps(run: Run, *, words: str = "", stage: str = "", status: str = "") -> QuerySet[Step]:
    """Return the steps of a run in their order.

    Args:
        run: whose.
        words: in the step's name, its message or its SQLSTATE.
        stage: its number; what is no number is ignored.
        status: one of a step's, or `open` for what a run may still have to do.
    """
    found = Step.objects.filter(run=run).order_by("seq")
    for word in words.split():
        found = found.filter(Q(id__icontains=word) | Q(message__icontains=word) | Q(sqlstate=word))
    if stage.isdecimal() and int(stage) < len(STAGES):
        found = found.filter(stage=int(stage))
    if status == "open":
        return found.filter(status__in=Step.OPEN)
    return found.filter(status=status) if status in Step.Status.values else found
