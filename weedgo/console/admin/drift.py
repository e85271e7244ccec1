"""Which schemas differ from the models, how, and since when; and comparing them now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from weedgo.console import jobs
from weedgo.console.admin.asking import confirm
from weedgo.console.admin.words import ago, differs, named
from weedgo.console.models import Job, SchemaDrift
from weedgo.tenancy.admin import ReadOnlyPlatformAdmin
from weedgo.tenancy.models import Tenant


@admin.register(SchemaDrift)
class SchemaDriftAdmin(ReadOnlyPlatformAdmin):
    """The last comparison, schema by schema."""

    list_display = ["schema_name", "tenant", "count", "what", "age", "seen_at"]
    search_fields = ["schema_name"]
    ordering = ["-count", "schema_name"]
    list_before_template = "console/drift_before.html"
    actions_list = ["compare_now"]
    fields = ["schema_name", ("since", "seen_at"), "count", "differences"]
    readonly_fields = ["differences"]

    def has_compare_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whether one may have schemas compared, not only see what came of it."""
        user: Any = request.user
        return self.has_view_permission(request) and user.has_perm("console.compare_schemas")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks for a comparison."""
        view = self.admin_site.admin_view(self.compare)
        return [path("compare/", view, name="console_compare"), *super().get_urls()]

    @action(description="Compare now", url_path="open-compare", icon="difference",
            permissions=["compare"])  # fmt: skip
    def compare_now(self, request: HttpRequest) -> HttpResponse:
        """Go to the page that asks for a comparison."""
        return redirect("admin:console_compare")

    def compare(self, request: HttpRequest) -> HttpResponse:
        """Ask whether all schemas are to be compared with the models, and have it done."""
        if not self.has_compare_permission(request):
            raise PermissionDenied
        return confirm(
            self, request, kind=Job.Kind.COMPARE, command=jobs.COMPARE,
            title="Compare the database with the models?",
            text="The shared schema and every tenant's are read and compared with what the models "
            "declare. Nothing is changed.",
            button="Compare", back=reverse("admin:console_schemadrift_changelist"),
        )  # fmt: skip

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show when it was compared above the list."""
        jobs.settle()
        last = jobs.last_comparison()
        going = Job.objects.filter(kind=Job.Kind.COMPARE, state__in=Job.UNFINISHED).first()
        shown = {
            "last": last,
            "compared": ago(last.finished_at) if last and last.finished_at else "",
            "drifted": SchemaDrift.objects.count(),
            "schemas": Tenant.objects.exclude(schema_name="public").count() + 1,
            "going": reverse("admin:console_job_change", args=[going.pk]) if going else "",
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Look the tenants' names up once."""
        self.names = dict(Tenant.objects.values_list("schema_name", "name"))
        return list(self.list_display)

    @display(description="tenant")
    def tenant(self, drift: SchemaDrift) -> str:
        """Whose schema it is."""
        if drift.schema_name == "public":
            return "all tenants share it"
        return self.names.get(drift.schema_name, "none any more")

    @display(description="what")
    def what(self, drift: SchemaDrift) -> str:
        """The first differences."""
        first = [
            f"{named(one, schema=False)}: {differs(one)}" for one in drift.objects_differing[:1]
        ]
        more = drift.count - len(first)
        return "; ".join(first) + (f"; {more:,} more" if more > 0 else "")

    @display(description="since", ordering="since")
    def age(self, drift: SchemaDrift) -> str:
        """How long it has been seen to differ."""
        return ago(drift.since)

    @display(description="differences")
    def differences(self, drift: SchemaDrift) -> SafeString:
        """All of them that were kept."""
        return format_html_join(
            "", "<p>{}: <strong>{}</strong></p>",
            ((named(one), differs(one)) for one in drift.objects_differing),
        )  # fmt: skip
