"""The ledger, and what banks and providers say: disputes and settlements."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

from payments.models.charges import Operation, Provider
from payments.triggers import Balanced
from weedgo.store.models import Store
from weedgo.store.schema import CURRENCY, money_field, one_of, user_link
from weedgo.store.triggers import AppendOnly, NoTruncate, Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped


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


class DisputeStatus(models.TextChoices):
    """The column `status` of Dispute."""

    OPEN = "open"
    SUBMITTED = "submitted"
    WON = "won"
    LOST = "lost"
    ACCEPTED = "accepted"


class Dispute(TenantOwned, Timestamped):
    """A customer's bank wants money back."""

    Status = DisputeStatus

    operation = models.ForeignKey(
        Operation, on_delete=models.RESTRICT, null=True, blank=True, related_name="disputes",
        db_comment="None while a dispute came before the news of its sale.",
    )  # fmt: skip
    provider = models.ForeignKey(Provider, on_delete=models.RESTRICT, db_index=False)
    provider_reference = models.CharField(max_length=80)
    stage = models.CharField(max_length=20, db_default="chargeback")
    reason = models.CharField(max_length=40)
    amount_minor = money_field()
    currency = models.CharField(max_length=3, db_default=CURRENCY)
    status = models.CharField(max_length=20, choices=Status.choices, db_default=Status.OPEN.value)
    evidence_due_at = models.DateTimeField(null=True, blank=True)
    evidence = models.JSONField(db_default={}, blank=True)
    recovered_minor = money_field(db_default=0)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "payment_disputes"
        db_table_comment = "A customer's bank wants money back."
        ordering = ["-opened_at"]
        constraints = [
            one_of("payment_disputes", "status", DisputeStatus),
            CheckConstraint(
                condition=Q(amount_minor__gt=0) & Q(recovered_minor__range=(0, F("amount_minor"))),
                name="payment_disputes_recovered_check",
            ),
            CheckConstraint(
                condition=Q(status__in=["open", "submitted"]) | Q(closed_at__isnull=False),
                name="payment_disputes_closed_check",
            ),
            models.UniqueConstraint(
                "provider", "provider_reference", "stage", name="payment_disputes_reference_key"
            ),
        ]
        indexes = [
            Index("evidence_due_at", name="payment_disputes_due_idx", condition=Q(status="open")),
            Index("status", F("opened_at").desc(), name="payment_disputes_status_idx"),
        ]
        triggers = [
            Transitions(
                {
                    "open": ["submitted", "won", "lost", "accepted"],
                    # Some are won months after they were lost.
                    "submitted": ["won", "lost"],
                    "lost": ["won"],
                }
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider_reference} ({self.stage})"


class SettlementStatus(models.TextChoices):
    """The column `status` of Settlement."""

    IMPORTED = "imported"
    MATCHED = "matched"
    EXCEPTION = "exception"
    CLOSED = "closed"


class Settlement(TenantOwned, Timestamped):
    """What a provider says it paid out."""

    Status = SettlementStatus

    provider = models.ForeignKey(Provider, on_delete=models.RESTRICT, db_index=False)
    store = models.ForeignKey(
        Store, on_delete=models.RESTRICT, null=True, blank=True, db_index=False
    )
    payout_reference = models.CharField(max_length=64)
    payout_date = models.DateField()
    gross_minor = money_field()
    fee_minor = money_field(db_default=0)
    net_minor = money_field("In cents; negative where the provider takes back more than it pays.")
    currency = models.CharField(max_length=3, db_default=CURRENCY)
    status = models.CharField(
        max_length=20, choices=Status.choices, db_default=Status.IMPORTED.value
    )
    file_sha256 = models.CharField(
        max_length=64, unique=True, null=True, blank=True, db_comment="A file is imported once."
    )
    bank_reference = models.CharField(max_length=64, blank=True, db_default="")
    bank_amount_minor = money_field("In cents; what came to the bank.", null=True, blank=True)

    class Meta:
        db_table = "payment_settlements"
        db_table_comment = "What a provider says it paid out."
        ordering = ["-payout_date"]
        constraints = [
            one_of("payment_settlements", "status", SettlementStatus),
            CheckConstraint(
                condition=Q(net_minor=F("gross_minor") - F("fee_minor")),
                name="payment_settlements_net_check",
            ),
            CheckConstraint(
                condition=~Q(status="closed") | Q(bank_amount_minor=F("net_minor")),
                name="payment_settlements_bank_check",
            ),
            models.UniqueConstraint(
                "provider", "payout_reference", name="payment_settlements_payout_key"
            ),
        ]
        indexes = [
            Index(F("payout_date").desc(), "provider", name="payment_settlements_date_idx"),
            Index("payout_date", name="payment_settlements_open_idx",
                  condition=~Q(status="closed")),
        ]  # fmt: skip
        triggers = [
            Transitions(
                {
                    "imported": ["matched", "exception"],
                    "exception": ["matched"],
                    "matched": ["exception", "closed"],
                }
            )
        ]

    def __str__(self) -> str:
        return self.payout_reference


class SettlementLineMatch(models.TextChoices):
    """The column `match` of SettlementLine."""

    UNMATCHED = "unmatched"
    MATCHED = "matched"
    EXCEPTION = "exception"


class SettlementLine(TenantOwned):
    """One operation in a provider's payout."""

    Match = SettlementLineMatch

    settlement = models.ForeignKey(
        Settlement, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    operation = models.ForeignKey(
        Operation,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    provider_reference = models.CharField(max_length=80)
    gross_minor = money_field()
    fee_minor = money_field(db_default=0)
    net_minor = money_field()
    match_status = models.CharField(
        max_length=20, choices=Match.choices, db_default=Match.UNMATCHED.value
    )
    owner = user_link(db_column="owner_id", db_index=False)
    note = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "payment_settlement_lines"
        db_table_comment = (
            "One operation in a provider's payout; what does not match is an exception."
        )
        constraints = [
            one_of("payment_settlement_lines", "match_status", SettlementLineMatch),
            CheckConstraint(
                condition=Q(net_minor=F("gross_minor") - F("fee_minor")),
                name="payment_settlement_lines_net_check",
            ),
            CheckConstraint(
                condition=~Q(match_status="matched") | Q(operation__isnull=False),
                name="payment_settlement_lines_operation_check",
            ),
            models.UniqueConstraint(
                fields=["operation"], condition=Q(match_status="matched"),
                name="payment_settlement_lines_one_match",
            ),
        ]  # fmt: skip
        indexes = [
            Index("settlement", "id", name="payment_settlement_lines_order"),
            Index("id", name="payment_settlement_lines_open", condition=~Q(match_status="matched")),
            Index("provider_reference", name="payment_settlement_lines_ref"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_reference}: {self.net_minor}"
