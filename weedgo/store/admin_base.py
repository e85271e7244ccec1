"""What the admins of the tenants' apps are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, cast

from django.db import connection, models
from django.http import HttpRequest
from django_tenants.utils import get_public_schema_name
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from weedgo.store.actors import acting
from weedgo.store.naming import MINOR, named


def _in_a_shop() -> bool:
    return bool(connection.schema_name != get_public_schema_name())  # type: ignore[attr-defined]


def _defaults(model: type[models.Model]) -> list[tuple[Any, Any]]:
    """Return the fields for which the database has a constant, and a copy of it."""
    return [
        (field, copy(field.db_default))
        for field in model._meta.concrete_fields
        if field.has_db_default() and not hasattr(field.db_default, "resolve_expression")
    ]


class ShowsMoney:
    """Shows amounts in cents as dollars where they cannot be edited."""

    model: type[models.Model]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.model._meta.concrete_fields:
            if field.name.endswith(MINOR):
                setattr(self, f"{field.name}_shown", _dollars(field.name))

    def shown(self, names: Iterable[Any]) -> list[Any]:
        """Return the fields with those of amounts replaced, in groups too."""
        return [
            self.shown(name)
            if isinstance(name, list | tuple)
            else f"{name}_shown"
            if isinstance(name, str) and hasattr(self, f"{name}_shown")
            else name
            for name in names
        ]


class ShopAdmin(ShowsMoney, ModelAdmin):
    """An admin that exists only where a tenant is active: `public` has no such table."""

    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    delete_confirmation_template = "store/delete_confirmation.html"
    delete_selected_confirmation_template = "store/delete_selected_confirmation.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Only in a tenant's schema."""
        return _in_a_shop() and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only in a tenant's schema."""
        return _in_a_shop() and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only in a tenant's schema."""
        return _in_a_shop() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only in a tenant's schema."""
        return _in_a_shop() and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only in a tenant's schema."""
        return _in_a_shop() and super().has_delete_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Show amounts as dollars on a page that is only read."""
        names = super().get_fields(request, obj)
        only_read = obj is not None and not self.has_change_permission(request, obj)
        return self.shown(names) if only_read else list(names)

    def save_model(
        self,
        request: HttpRequest,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 - as Django says
    ) -> None:
        """Save it in the name of who is logged in."""
        acting(request.user.pk)
        super().save_model(request, obj, form, change)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start with what the database would fill in."""
        return {
            field.name: value for field, value in _defaults(self.model) if field.editable
        } | super().get_changeform_initial_data(request)

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - as Django says
        **kwargs: Any,
    ) -> Any:
        """Show what the database would fill in where it cannot be edited, too."""
        form = super().get_form(request, obj, change, **kwargs)

        class WithDefaults(form):  # type: ignore[misc,valid-type]
            """The form of a row that begins as the database would make it."""

            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                if self.instance._state.adding:  # noqa: SLF001 - Django gives it no other name
                    for field, value in _defaults(type(self.instance)):
                        setattr(self.instance, field.attname, value)

        return WithDefaults

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take an address without a scheme for one of https."""
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class ReadOnlyAdmin(ShopAdmin):
    """Rows that services and triggers write; the admin shows them."""

    # No count over a ledger that only grows.
    paginator = InfinitePaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadOnlyInline(ShowsMoney, TabularInline):
    """Rows that belong to another and are shown with it."""

    extra = 0
    max_num = 0
    can_delete = False
    tab = True

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Amounts as dollars."""
        return self.shown(self.fields or ())

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All that is shown."""
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


def _dollars(field: str) -> Callable[[Any], str]:
    @display(description=named(field).removesuffix(" (cents)"))
    def shown(row: Any) -> str:
        minor = getattr(row, field)
        return "" if minor is None else f"{minor / 100:,.2f} {getattr(row, 'currency', '')}".strip()

    return cast("Callable[[Any], str]", shown)


def money(field: str, description: str) -> Callable[[Any, Any], str]:
    """Return a column that shows cents as dollars."""

    @display(description=description, ordering=field)
    def column(_: Any, row: Any) -> str:
        minor = getattr(row, field)
        return "" if minor is None else f"{minor / 100:,.2f}"

    return column


def label(field: str, colours: dict[str, str], description: str = "") -> Callable[[Any, Any], Any]:
    """Return a column that shows a choice as a coloured label.

    Args:
        field: the column's field.
        colours: success, info, warning or danger by choice; others are grey.
        description: the heading.
    """

    @display(description=description or field.replace("_", " "), ordering=field, label=colours)
    def column(_: Any, row: Any) -> Any:
        value = getattr(row, field)
        return value, str(value).replace("_", " ")

    return column
