"""The double-entry ledger."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

from payments.models.charges import Operation
from payments.triggers import Balanced
from weedgo.store.schema import CURRENCY, money_field, one_of
from weedgo.store.triggers import AppendOnly, NoTruncate
from weedgo.tenancy.base import TenantOwned


class LedgerAccountKind(models.TextChoices):
    """The column `kind` of LedgerAccount."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class LedgerAccount(TenantOwned):
    """An account of the double-entry ledger."""

    Kind = LedgerAccountKind

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)

    class Meta:
        db_table = "ledger_account"
        db_table_comment = (
            "Accounts of the ledger; a balance is the sum of its lines, kept nowhere."
        )
        ordering = ["code"]
        constraints = [one_of("ledger_account", "kind", LedgerAccountKind)]

    def __str__(self) -> str:
        return self.code


class LedgerEntry(TenantOwned):
    """Something that happened to money; its lines sum to zero in each currency."""

    key = models.CharField(
        max_length=80, unique=True, db_comment="What happened: the same thing is entered once."
    )
    operation = models.ForeignKey(
        Operation, on_delete=models.RESTRICT, null=True, blank=True, related_name="entries"
    )
    description = models.CharField(max_length=200)
    posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_entry"
        db_table_comment = "What happened to money; lines sum to zero in each currency."
        ordering = ["-posted_at", "-id"]
        verbose_name_plural = "ledger entries"
        indexes = [Index(F("posted_at").desc(), name="ledger_entry_posted_idx")]
        triggers = [AppendOnly(), NoTruncate(), Balanced("id")]

    def __str__(self) -> str:
        return self.description


class LedgerLine(TenantOwned):
    """An amount into (positive, debit) or out of (negative, credit) an account."""

    entry = models.ForeignKey(
        LedgerEntry, on_delete=models.RESTRICT, related_name="lines", db_index=False
    )
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.RESTRICT, related_name="lines", db_index=False
    )
    amount_minor = money_field("In cents; debit positive, credit negative.")
    currency = models.CharField(max_length=3, db_default=CURRENCY)

    class Meta:
        db_table = "ledger_line"
        db_table_comment = "Amounts into and out of accounts."
        constraints = [
            CheckConstraint(condition=~Q(amount_minor=0), name="ledger_line_amount_check"),
        ]
        indexes = [
            Index("entry", name="ledger_line_entry_idx"),
            Index("account", "currency", name="ledger_line_account_idx", include=["amount_minor"]),
        ]
        triggers = [AppendOnly(), NoTruncate(), Balanced("entry_id")]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency} to account {self.account_id}"
