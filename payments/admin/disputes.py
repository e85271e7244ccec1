"""Disputes by the day on which evidence is due, and sending it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from payments import disputes, models
from payments.admin.colours import STATUS
from payments.errors import PaymentError
from payments.providers import NotSentError, UnknownOutcomeError
from weedgo.store.admin_base import ReadOnlyAdmin, label, money
from weedgo.tenancy.filters import DayRangeFilter

# Evidence that is due within so many days is shown as urgent.
URGENT_DAYS = 3


class EvidenceForm(forms.Form):
    """What speaks for the shop, by the names that providers use."""

    product_description = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget)
    customer_communication = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget)
    receipt = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget)
    uncategorized_text = forms.CharField(
        label="Anything else", required=False, widget=UnfoldAdminTextareaWidget
    )


@admin.register(models.Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Disputes, by when evidence is due."""

    list_display = ["provider_reference", "reason", "amount", "due", "shown_status", "stage"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("evidence_due_at", DayRangeFilter),
        ("provider", RelatedDropdownFilter),
    ]
    search_fields = ["provider_reference", "reason", "operation__order__order_number"]
    ordering = ["evidence_due_at"]
    actions_detail = ["send_evidence", "accept"]
    amount = money("amount_minor", "amount")
    shown_status = label("status", STATUS)

    @display(
        description="evidence due", ordering="evidence_due_at",
        label={"late": "danger", "urgent": "danger", "later": "info", "": "info"},
    )  # fmt: skip
    def due(self, row: models.Dispute) -> tuple[str, str]:
        """How long there is left."""
        if row.status != models.Dispute.Status.OPEN or row.evidence_due_at is None:
            return "", "none"
        now = timezone.now()
        if row.evidence_due_at < now:
            return "late", f"{timesince(row.evidence_due_at, now, depth=1)} ago"
        urgent = (row.evidence_due_at - now).days < URGENT_DAYS
        return "urgent" if urgent else "later", f"in {timeuntil(row.evidence_due_at, now, depth=1)}"

    @action(description="Send evidence", url_path="evidence", icon="gavel", permissions=["answer"])
    def send_evidence(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for what speaks for the shop, and send it."""
        dispute = models.Dispute.objects.get(pk=object_id)
        form = EvidenceForm(request.POST or None)
        if (
            request.method == "POST"
            and form.is_valid()
            and self._told(request, lambda: disputes.submit_evidence(dispute, form.cleaned_data))
        ):
            messages.success(request, "The evidence was sent.")
            return redirect("admin:payments_dispute_changelist")
        context = self.admin_site.each_context(request) | {
            "title": f"Evidence for dispute {dispute}", "form": form, "opts": self.opts,
            "dispute": dispute,
        }  # fmt: skip
        return render(request, "payments/admin/evidence.html", context)

    @action(description="Accept", url_path="accept", icon="undo", permissions=["answer"])
    def accept(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask whether the customer's bank may have the money, and let it."""
        dispute = models.Dispute.objects.get(pk=object_id)
        if request.method == "POST":
            if self._told(request, lambda: disputes.accept_dispute(dispute)):
                messages.success(request, "The dispute is accepted.")
            return redirect("admin:payments_dispute_changelist")
        context = self.admin_site.each_context(request) | {
            "title": f"Accept dispute {dispute}?", "opts": self.opts, "dispute": dispute,
        }  # fmt: skip
        return render(request, "payments/admin/accept.html", context)

    def has_answer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may change disputes may answer one."""
        return request.user.has_perm("payments.change_dispute")

    def _told(self, request: HttpRequest, act: Any) -> bool:
        """Do it; say why not where it cannot be done."""
        try:
            act()
        except (PaymentError, NotSentError, UnknownOutcomeError) as error:
            messages.error(request, f"Not done: {error}")
            return False
        return True
