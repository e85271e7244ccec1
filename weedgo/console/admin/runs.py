"""Runs of migrations: the list, a run with its stages and steps, and doing again what failed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from weedgo.console import journal, retrying
from weedgo.console.admin.asking import confirm
from weedgo.console.admin.words import RUN_COLOURS, STEP_COLOURS, duration, place, span
from weedgo.console.models import STAGES, Job, Run, Step
from weedgo.console.pictures import Span, timeline
from weedgo.tenancy.admin import ReadOnlyPlatformAdmin
from weedgo.tenancy.filters import DayRangeFilter

PAGE = 50


class StepsForm(forms.Form):
    """Which steps are shown."""

    q = forms.CharField(
        label="Search", required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "object, message or SQLSTATE"}),
    )  # fmt: skip
    stage = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget,
        choices=[("", "All"), *((str(n), f"{n} {name}") for n, name in enumerate(STAGES))],
    )  # fmt: skip
    status = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget,
        choices=[("", "All"), ("open", "Not done"), *Step.Status.choices],
    )  # fmt: skip


@admin.register(Run)
class RunAdmin(ReadOnlyPlatformAdmin):
    """Runs of `migrate_staged` over this database."""

    list_display = ["id", "shown_status", "shown_source", "started", "took", "done", "open", "who"]
    list_filter = [("status", ChoicesDropdownFilter), ("started", DayRangeFilter)]
    list_filter_submit = True
    search_fields = ["id", "source", "client_user", "client_host"]
    search_help_text = "Run, source, user or host"
    ordering = ["-started"]
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions_list = ["compare_now"]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that ask whether to do something again."""
        step = self.admin_site.admin_view(self.retry_step)
        run = self.admin_site.admin_view(self.carry_on)
        return [
            path("<str:run>/steps/<int:seq>/retry/", step, name="console_retry_step"),
            path("<str:run>/carry-on/", run, name="console_carry_on"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """With the counts of their steps."""
        return journal.with_counts(super().get_queryset(request))

    def has_retry_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whether one may have steps done again, not only see them."""
        user: Any = request.user
        return self.has_view_permission(request) and user.has_perm("console.retry_run")

    def has_compare_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whether one may have schemas compared."""
        user: Any = request.user
        return self.has_view_permission(request) and user.has_perm("console.compare_schemas")

    @action(description="Compare now", url_path="open-compare", icon="difference",
            permissions=["compare"])  # fmt: skip
    def compare_now(self, request: HttpRequest) -> HttpResponse:
        """Go to the page that asks for a comparison."""
        return HttpResponse(status=302, headers={"Location": reverse("admin:console_compare")})

    @display(description="status", label={s.label: RUN_COLOURS[s] for s in Run.Status})
    def shown_status(self, run: Run) -> str:
        """Its status in words."""
        return str(run.get_status_display())

    @display(description="source")
    def shown_source(self, run: Run) -> str:
        """Models, or a database or file by name."""
        return place(run.source) if run.source_kind != "models" else "the models"

    @display(description="took", ordering="took")
    def took(self, run: Any) -> str:
        """How long it took, or has by now."""
        return duration(run.took.total_seconds())

    @display(description="steps done", ordering="steps_done")
    def done(self, run: Any) -> str:
        """How many of how many."""
        return f"{run.steps_done:,} of {run.steps_all:,}"

    @display(description="not done", ordering="steps_open",
             label={"some": "danger", "none": "default"})  # fmt: skip
    def open(self, run: Any) -> tuple[str, str]:
        """How many failed, wait or were refused."""
        return ("some", f"{run.steps_open:,}") if run.steps_open else ("none", "0")

    @display(description="by", ordering="client_user")
    def who(self, run: Run) -> str:
        """Who ran it."""
        return run.client_user or "somebody"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say why there is nothing to list, where the journal cannot be read."""
        if self.has_view_permission(request) and (why_not := journal.why_not()):
            shown = {"title": "Migration runs", "opts": self.opts, "why_not": why_not}
            context = self.admin_site.each_context(request) | shown
            return render(request, "console/no_journal.html", context)
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a run: its stages over time, and its steps."""
        run = self._run(request, object_id)
        stages = journal.by_stage(run)
        context = self.admin_site.each_context(request) | {
            "title": f"Run {run}", "opts": self.opts, "run": run, "is_fullwidth": "1",
            "colour": RUN_COLOURS[Run.Status(run.status)], "cards": _cards(run),
            "timeline": _timeline(run, stages), "source": self.shown_source(run),
            "target": place(run.target), **self._steps(request, run),
        }  # fmt: skip
        if run.steps_open and self.has_retry_permission(request):
            context["carry_on"] = reverse("admin:console_carry_on", args=[run.pk])
        return render(request, "console/run.html", context)

    def retry_step(self, request: HttpRequest, run: str, seq: int) -> HttpResponse:
        """Ask whether a step is to be done again, and have it done."""
        found = self._run(request, run, retry=True)
        step = Step.objects.select_related("run").filter(run=found, seq=seq).first()
        if step is None:
            raise Http404
        command, refusal = _or_why_not(lambda: retrying.command_of_step(step))
        return confirm(
            self, request, kind=Job.Kind.MIGRATE, command=command, refusal=refusal,
            title="Retry this step?", about=f"{run}: {step.id}", button="Retry",
            text=f"“{step.id}” is compared anew and done if it is still missing, as migrate_staged "
            "does it: with a short wait for locks, and nothing twice.",
            back=f"{reverse('admin:console_run_change', args=[run])}#step-{seq}",
        )  # fmt: skip

    def carry_on(self, request: HttpRequest, run: str) -> HttpResponse:
        """Ask whether all that a run left is to be done, and have it done."""
        found = self._run(request, run, retry=True)
        command, refusal = _or_why_not(lambda: retrying.command_of_run(found))
        return confirm(
            self, request, kind=Job.Kind.MIGRATE, command=command, refusal=refusal,
            title="Carry on with this run?", about=run, button="Carry on",
            text="All is compared anew, and what is still missing is done, stage by stage.",
            back=reverse("admin:console_run_change", args=[run]),
        )  # fmt: skip

    def _run(self, request: HttpRequest, id: str, *, retry: bool = False) -> Any:
        allowed = self.has_retry_permission if retry else self.has_view_permission
        if not allowed(request):
            raise PermissionDenied
        run = None if journal.why_not() else self.get_queryset(request).filter(pk=id).first()
        if run is None:
            raise Http404
        return run

    def _steps(self, request: HttpRequest, run: Run) -> dict[str, Any]:
        form = StepsForm(request.GET or None)
        asked = form.cleaned_data if form.is_valid() else {}
        rows = journal.steps(
            run, words=asked.get("q", ""), stage=asked.get("stage", ""),
            status=asked.get("status", ""),
        )  # fmt: skip
        page = request.GET.get("page", "1")
        number = min(max(int(page), 1), 100_000) if page.isdecimal() else 1
        start = (number - 1) * PAGE
        found = list(rows[start : start + PAGE + 1])
        may_retry = self.has_retry_permission(request) and run.status != Run.Status.RUNNING
        links = {"next_page": number + 1} if len(found) > PAGE else {}
        if number > 1:
            links["previous_page"] = number - 1
        query = request.GET.copy()
        shown = {}
        for name, target in links.items():
            query["page"] = str(target)
            shown[name] = f"?{query.urlencode()}"
        return shown | {
            "form": form, "steps": [_told(step, may_retry=may_retry) for step in found[:PAGE]],
            "first": start + 1, "last": start + len(found[:PAGE]), "asked": any(asked.values()),
        }  # fmt: skip


def _or_why_not(make: Any) -> tuple[list[str], str]:
    try:
        return make(), ""
    except retrying.NotRetriedError as error:
        return [], str(error)


def _cards(run: Any) -> list[tuple[str, str]]:
    return [
        ("Started (UTC)", f"{run.started:%Y-%m-%d %H:%M:%S}"),
        ("Took", duration(run.took.total_seconds())),
        ("Steps done", f"{run.steps_done:,} of {run.steps_all:,}"),
        ("By", f"{run.client_user or 'somebody'} on {run.client_host}"),
    ]


def _timeline(run: Run, stages: list[dict[str, Any]]) -> Any:
    begun = [stage["first"] for stage in stages if stage["first"]]
    if not begun:
        return ""
    origin = min(begun)
    spans = []
    for stage in stages:
        # Of what is recorded once the run is over only the end is known.
        first = stage["first"] or stage["last"] or origin
        last = max(stage["last"] or first, first)
        note = f"{stage['done']:,} of {stage['steps']:,}, {span(first, last)}"
        note += f", {stage['open']:,} not done" if stage["open"] else ""
        spans.append(
            Span(stage["name"], (first - origin).total_seconds(), (last - origin).total_seconds(),
                 note, bad=bool(stage["open"]))
        )  # fmt: skip
    words = "; ".join(f"{one.name}: {one.note}" for one in spans)
    return timeline(spans, f"When each stage of run {run} ran: {words}")


def _told(step: Any, *, may_retry: bool) -> Any:
    """A step with what its template says of it."""
    step.colour = STEP_COLOURS.get(Step.Status(step.status), "default")
    step.stage_name = journal.stage_name(step.stage)
    step.took = duration(step.elapsed)
    if may_retry and step.status in Step.OPEN:
        step.retry = reverse("admin:console_retry_step", args=[step.run_id, step.seq])
    return step
