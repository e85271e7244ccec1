"""The admin of tenants, domains and users: the platform's own, closed to tenants."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from weedgo import project
from weedgo.tenancy.models import Domain, Tenant, User


class PlatformAdmin(ModelAdmin):
    """An admin that exists only where the active schema is `public`.

    Shared tables hold all tenants' rows, and a tenant's superuser has every permission.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return project.on_platform() and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return project.on_platform() and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return project.on_platform() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return project.on_platform() and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return project.on_platform() and super().has_delete_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # Whatever asks no permission finds no rows.
        rows = super().get_queryset(request)
        return rows if project.on_platform() else rows.none()


class ReadOnlyPlatformAdmin(PlatformAdmin):
    """Rows that only services and triggers write; the admin shows them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TenantAdmin(PlatformAdmin):
    """Tenants; their schemas are made and dropped by commands, not from a form."""

    list_display = ["name", "schema_name", "shown_state", "created_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    search_fields = ["name", "schema_name"]
    search_help_text = "Name or schema"
    readonly_fields = ["schema_name", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(
        description="state", ordering="state",
        label={"Active": "success", "Suspended": "warning", "Retired": "default"},
    )  # fmt: skip
    def shown_state(self, tenant: Tenant) -> str:
        return tenant.get_state_display()


class DomainAdmin(PlatformAdmin):
    """The host names of tenants."""

    list_display = ["domain", "tenant", "is_primary"]
    list_filter = ["is_primary"]
    list_select_related = ["tenant"]
    search_fields = ["domain", "tenant__name"]
    autocomplete_fields = ["tenant"]


class UserAdmin(DjangoUserAdmin, PlatformAdmin):
    """The platform's users."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


class GroupAdmin(DjangoGroupAdmin, PlatformAdmin):
    """Groups of users."""


if project.tenanted():
    admin.site.register(Tenant, TenantAdmin)
    admin.site.register(Domain, DomainAdmin)
# A project may have users of its own, and pages for them.
if not User._meta.swapped:
    admin.site.register(User, UserAdmin)
    admin.site.unregister(Group)
    admin.site.register(Group, GroupAdmin)
