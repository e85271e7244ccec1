"""What does not agree about money: who sees to it, for how long it has been open, how it ended."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from payments import discrepancies, models
from payments.errors import PaymentError
from weedgo.store.admin_base import ShopAdmin, money
from weedgo.tenancy.filters import DayRangeFilter


class OpenFilter(admin.SimpleListFilter):
    """Open ones are shown unless somebody asks for others."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return what can be chosen beside the open ones."""
        return [("resolved", "resolved"), ("all", "all")]

    def choices(self, changelist: Any) -> Any:
        """Yield the choices; none chosen is open."""
        first, *others = super().choices(changelist)
        yield first | {"display": "open"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen state."""
        if self.value() == "all":
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() != "resolved")


class ResolutionForm(forms.ModelForm):
    """Who sees to it, and how it ended."""

    resolution = forms.CharField(
        max_length=300, required=False, widget=UnfoldAdminTextareaWidget,
        help_text="What was found and done; this resolves it.",
    )  # fmt: skip

    class Meta:
        model = models.Discrepancy
        fields = ["owner", "resolution"]


@admin.register(models.Discrepancy)
class DiscrepancyAdmin(ShopAdmin):
    """Exceptions, the oldest first."""

    form = ResolutionForm
    list_display = ["shown_kind", "detail", "amount", "currency", "age", "owner"]
    list_filter = [OpenFilter, ("kind", ChoicesDropdownFilter), ("opened_at", DayRangeFilter)]
    list_select_related = ["owner"]
    search_fields = ["key", "detail"]
    ordering = ["opened_at", "id"]
    actions = ["take"]
    readonly_fields = ["kind", "key", "detail", "amount", "currency", "opened_at", "settlement",
                       "operation", "bank_line", "resolved_at", "resolved_by"]  # fmt: skip
    fields = [
        ("kind", "key"), "detail", ("amount", "currency"), "opened_at", "settlement", "operation",
        "bank_line", "owner", "resolution", ("resolved_at", "resolved_by"),
    ]  # fmt: skip
    autocomplete_fields = ["owner"]
    amount = money("amount_minor", "amount")

    @display(description="what", ordering="kind", label="warning")
    def shown_kind(self, row: models.Discrepancy) -> str:
        """The kind in words."""
        return str(row.get_kind_display())

    @display(description="open for", ordering="opened_at")
    def age(self, row: models.Discrepancy) -> str:
        """How long it has been open, or was."""
        return timesince(row.opened_at, row.resolved_at or timezone.now())

    @action(description="See to these myself")
    def take(self, request: HttpRequest, queryset: QuerySet[models.Discrepancy]) -> None:
        """Make who is logged in their owner."""
        for row in queryset:
            discrepancies.assign(row, request.user.pk)
        messages.success(request, f"{queryset.count()} are yours.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: matching opens them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: they are resolved."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Until it is resolved."""
        is_open = obj is None or obj.resolved_at is None
        return is_open and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Give it to its owner, and resolve it where a resolution was written."""
        discrepancies.assign(obj, obj.owner_id)
        if not form.cleaned_data["resolution"]:
            return
        try:
            discrepancies.resolve(obj, form.cleaned_data["resolution"], request.user.pk)
        except PaymentError as error:
            messages.error(request, str(error))
