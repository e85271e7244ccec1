"""Jobs that operators asked for, and what came of them."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from weedgo.console import jobs, journal
from weedgo.console.admin.words import JOB_COLOURS, differs, duration, named, span
from weedgo.console.models import Job, Run
from weedgo.tenancy.admin import ReadOnlyPlatformAdmin


@admin.register(Job)
class JobAdmin(ReadOnlyPlatformAdmin):
    """Comparisons and retries, the latest first."""

    list_display = [
        "requested_at", "kind", "about", "shown_state", "requested_by", "took", "message",
    ]  # fmt: skip
    list_filter = [("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    list_select_related = ["requested_by"]
    ordering = ["-requested_at", "-pk"]
    paginator = InfinitePaginator
    show_full_result_count = False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Close what is dead first."""
        jobs.settle()
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a job and what came of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        jobs.settle()
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        context = self.admin_site.each_context(request) | {
            "title": str(job), "opts": self.opts, "job": job, "command": shlex.join(job.command),
            "took": span(job.started_at, job.finished_at), "colour": JOB_COLOURS[job.state],
            **_outcome(job),
        }  # fmt: skip
        return render(request, "console/job.html", context)

    @display(description="state", label={s.label: JOB_COLOURS[s] for s in Job.State})
    def shown_state(self, job: Job) -> str:
        """Its state in words."""
        return str(job.get_state_display())

    @display(description="took")
    def took(self, job: Job) -> str:
        """How long it was worked at."""
        return span(job.started_at, job.finished_at)


def _outcome(job: Job) -> dict[str, Any]:
    document = job.result
    if job.is_open:
        return {}
    if document is None or job.exit_status not in (0, 1):
        return {"outcome": "It could not be done.", "good": False}
    return _compared(document) if job.kind == Job.Kind.COMPARE else _migrated(document)


def _compared(document: dict[str, Any]) -> dict[str, Any]:
    objects = document["objects"]
    if document["exit"] == 0:
        return {"outcome": f"All {document['equal']:,} objects are as the models want them.",
                "good": True}  # fmt: skip
    found = document["objects_found"]
    schemas = Counter(one.get("schema") or "no schema" for one in objects)
    rows = [[named(one), differs(one)] for one in objects]
    more = [[one["kind"], f"{one.get('count', 1)}"] for one in document.get("unmodelled", [])]
    tables = [
        {"title": "By schema", "headers": ["schema", "differences"],
         "rows": [[name, f"{number:,}"] for name, number in schemas.most_common()]},
        {"title": "What differs", "headers": ["object", "how"], "rows": rows},
        {"title": "Not compared", "headers": ["kind", "objects"], "rows": more},
    ]  # fmt: skip
    return {
        "outcome": f"{found:,} object{'s' * (found != 1)} of {found + document['equal']:,} "
        f"differ{'s' * (found == 1)}.",
        "good": False,
        "tables": [table for table in tables if table["rows"]],
        "left_out": found - len(objects),
    }


def _migrated(document: dict[str, Any]) -> dict[str, Any]:
    objects = document["objects"]
    done = sum(tally["done"] for tally in document["counts"].values())
    rest = [one for one in objects if one["status"] not in ("done", "skipped")]
    good = document["exit"] == 0
    said = "All of it is done" if good else "Some of it is not done"
    rows = [[named(one), one["status"], one["sqlstate"], one["message"], one["remedy"]]
            for one in rest]  # fmt: skip
    headers = ["object", "status", "SQLSTATE", "why", "what helps"]
    table = {"title": "Not done", "headers": headers, "rows": rows}
    took = duration(document["seconds"])
    return {
        "outcome": f"{said}: {done:,} object{'s' * (done != 1)} in {took}.",
        "good": good,
        "tables": [table] if rows else [],
        "run": _page_of(document["run"]),
    }


def _page_of(run: str) -> str:
    if journal.why_not() or not Run.objects.filter(pk=run).exists():
        return ""
    return reverse("admin:console_run_change", args=[run])
