"""What operators look after in the admin; tenants never see it."""

from django.contrib import admin

from weedgo.console.admin.drift import SchemaDriftAdmin
from weedgo.console.admin.jobs import JobAdmin
from weedgo.console.admin.runs import RunAdmin

# Unfold comes first among the apps, so that its own home would win over a template of that name.
admin.site.index_template = "console/index.html"

__all__ = ["JobAdmin", "RunAdmin", "SchemaDriftAdmin"]
