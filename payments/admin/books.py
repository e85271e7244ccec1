"""The ledger, payouts and the bank."""

from __future__ import annotations

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from payments import ledger, models
from payments.admin.colours import STATUS
from weedgo.store.admin_base import ReadOnlyAdmin, ReadOnlyInline, label, money
from weedgo.tenancy.filters import DayRangeFilter


@admin.register(models.LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    """Accounts and what their lines come to."""

    list_display = ["code", "name", "kind", "balance"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["code", "name"]

    @display(description="balance")
    def balance(self, account: models.LedgerAccount) -> str:
        """In the shop's currency."""
        return str(ledger.balance(account.code, "CAD"))


class LedgerLineInline(ReadOnlyInline):
    """An entry's lines."""

    model = models.LedgerLine
    fields = ["account", "amount_minor", "currency"]


@admin.register(models.LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """What happened to money."""

    list_display = ["posted_at", "description", "key"]
    list_filter = [("posted_at", DayRangeFilter)]
    search_fields = ["key", "description"]
    inlines = [LedgerLineInline]


class SettlementLineInline(ReadOnlyInline):
    """What a payout consists of."""

    model = models.SettlementLine
    fields = ["provider_reference", "gross_minor", "fee_minor", "net_minor", "match_status"]


@admin.register(models.Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    """Payouts."""

    list_display = ["payout_date", "provider", "payout_reference", "gross", "fee", "net",
                    "shown_status"]  # fmt: skip
    list_filter = [
        ("payout_date", DayRangeFilter),
        ("status", ChoicesDropdownFilter),
        ("provider", RelatedDropdownFilter),
    ]
    list_select_related = ["provider"]
    search_fields = ["payout_reference", "bank_reference"]
    inlines = [SettlementLineInline]
    gross = money("gross_minor", "gross")
    fee = money("fee_minor", "fee")
    net = money("net_minor", "net")
    shown_status = label("status", STATUS)


@admin.register(models.BankLine)
class BankLineAdmin(ReadOnlyAdmin):
    """Lines of the bank's statement, and the payout that each is."""

    list_display = ["booked_on", "reference", "amount", "settlement"]
    list_filter = [("booked_on", DayRangeFilter)]
    list_select_related = ["settlement"]
    search_fields = ["reference", "external_id"]
    amount = money("amount_minor", "amount")
