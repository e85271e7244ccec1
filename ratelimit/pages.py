"""Pages of the admin beside its lists: trying a request, and what was refused, as pictures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.views.generic import FormView
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from ratelimit.explaining import Explained, Explanation, explain
from ratelimit.http import route_of
from ratelimit.keys import Request, network_of
from ratelimit.rules import BrokenRuleError
from weedgo.tenancy.models import Tenant

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
# Not in the template: its literals are taken for safe, and their quotes would end the attribute.
CHART_OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "scales": {
            "x": {"stacked": True},
            "y": {"stacked": True, "beginAtZero": True, "ticks": {"precision": 0}},
        },
        "plugins": {"legend": {"display": True}},
    }
)
HEADERS = ["rule", "what comes of it", "whose bucket", "takes", "left"]


def _text(label: str, placeholder: str, **options: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"placeholder": placeholder})
    return forms.CharField(label=label, widget=widget, required=False, **options)


class TryForm(forms.Form):
    """A request to try."""

    method = forms.ChoiceField(
        choices=[(name, name) for name in METHODS], initial="GET", widget=UnfoldAdminSelectWidget
    )
    path = _text("Path", "/login/", max_length=2000)
    tenant = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    ip = _text("IP address", "203.0.113.9", max_length=45)
    user = _text("User's id", "nobody", max_length=64)
    key = _text("API key", "none", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tenants = Tenant.objects.exclude(schema_name="public").order_by("name")
        field = self.fields["tenant"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "The platform"), *((t.schema_name, t.name) for t in tenants)]

    def clean_path(self) -> str:
        """A path, without what follows it."""
        path: str = self.cleaned_data["path"].partition("?")[0] or "/"
        if not path.startswith("/"):
            raise forms.ValidationError(f"A path begins with a slash: /{path}")
        return path

    def clean_ip(self) -> str:
        """An address."""
        ip: str = self.cleaned_data["ip"].strip()
        if ip and network_of(ip) is None:
            raise forms.ValidationError("This is no IP address.")
        return ip

    def request(self) -> Request:
        """Return what was asked for."""
        said = self.cleaned_data
        return Request(
            said["method"], said["path"], said["tenant"], said["ip"] or None,
            said["user"].strip, said["key"], lambda: route_of(said["path"]),
        )  # fmt: skip


class TryView(UnfoldModelAdminViewMixin, FormView):
    """What would match this request? Nothing is taken."""

    title = "Try a request"
    permission_required = ("ratelimit.view_ratelimitrule",)
    template_name = "ratelimit/try.html"
    form_class = TryForm

    def has_permission(self) -> bool:
        """Only on the platform's site."""
        return bool(self.model_admin.has_view_permission(self.request)) and super().has_permission()

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form is in the address, so that a page can be sent to a colleague."""
        asked = self.request.GET if "path" in self.request.GET else None
        return super().get_form_kwargs() | {"data": asked}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form, and what it found."""
        form = context.setdefault("form", self.get_form())
        if form.is_bound and form.is_valid():
            try:
                found = explain(form.request())
                context |= {"found": found, "table": table_of(found)}
            except BrokenRuleError as error:
                form.add_error(None, str(error))
        return super().get_context_data(**context)


def table_of(found: Explanation) -> dict[str, Any]:
    """Return the table of rules, those that match first."""
    matching = [one for one in found.rules if one.decision]
    others = [one for one in found.rules if not one.decision]
    return {"headers": HEADERS, "rows": [_row(one) for one in (*matching, *others)]}


def _row(one: Explained) -> list[str]:
    decision = one.decision
    if decision is None:
        return [one.rule.name, f"Not for it: {one.why_not}", "", "", ""]
    said = "Passes" if decision.within else "Too few tokens"
    if decision.mode == "shadow":
        said += " (only counted)"
    left = f"{decision.remaining:g} of {one.rule.capacity:g}"
    return [one.rule.name, said, one.key, f"{one.cost:g}", left]


def bars(rows: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return what is drawn of the largest sums: a name, a number and how long its bar is."""
    found = list(rows)
    most = max((number for _, number in found), default=0) or 1
    return [
        {"title": title, "number": number, "value": round(100 * number / most, 1)}
        for title, number in found
    ]


def chart(hours: Sequence[dict[str, Any]]) -> str:
    """Return the data of the chart over time: what was refused, and what was only counted."""
    refused = [row["hits"] - row["shadow_hits"] for row in hours]
    return json.dumps(
        {
            "labels": [row["label"] for row in hours],
            "datasets": [
                {"label": "Refused", "data": refused, "backgroundColor": "#dc2626"},
                {
                    "label": "Only counted",
                    "data": [row["shadow_hits"] for row in hours],
                    "backgroundColor": "#d97706",
                },
            ],
        }
    )
