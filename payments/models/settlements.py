"""What providers say they paid out, what came to the bank, and what does not agree."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Now

import audit
from payments.models.charges import Operation
from payments.models.disputes import Dispute
from payments.models.providers import Provider
from payments.scrubbing import no_card
from weedgo.store.models import Store
from weedgo.store.schema import CURRENCY, money_field, one_of, user_link
from weedgo.store.triggers import Transitions
from weedgo.tenancy.base import TenantOwned, Timestamped


class SettlementStatus(models.TextChoices):
    """The column `status` of Settlement."""

    IMPORTED = "imported"
    MATCHED = "matched"
    EXCEPTION = "exception"
    CLOSED = "closed"


@audit.track()
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
    bank_reference = models.CharField(max_length=140, blank=True, db_default="")
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


class SettlementLineKind(models.TextChoices):
    """The column `kind` of SettlementLine."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


class SettlementLineMatch(models.TextChoices):
    """The column `match_status` of SettlementLine."""

    UNMATCHED = "unmatched"
    MATCHED = "matched"
    EXCEPTION = "exception"


class SettlementLine(TenantOwned):
    """One movement of money in a provider's payout."""

    Kind = SettlementLineKind
    Match = SettlementLineMatch

    settlement = models.ForeignKey(
        Settlement, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices, db_default=Kind.CHARGE.value)
    operation = models.ForeignKey(
        Operation, on_delete=models.RESTRICT, null=True, blank=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    dispute = models.ForeignKey(
        Dispute, on_delete=models.RESTRICT, null=True, blank=True, related_name="+", db_index=False
    )
    provider_reference = models.CharField(max_length=80)
    provider_key = models.UUIDField(
        null=True, blank=True, db_comment="Ours, where the provider says it back."
    )
    gross_minor = money_field()
    fee_minor = money_field(db_default=0)
    net_minor = money_field()
    original_minor = money_field(
        "In cents of the original currency; what the customer paid.", null=True, blank=True
    )
    original_currency = models.CharField(max_length=3, blank=True, db_default="")
    match_status = models.CharField(
        max_length=20, choices=Match.choices, db_default=Match.UNMATCHED.value
    )

    class Meta:
        db_table = "payment_settlement_lines"
        db_table_comment = "The movements of money in a provider's payout."
        constraints = [
            one_of("payment_settlement_lines", "kind", SettlementLineKind),
            one_of("payment_settlement_lines", "match_status", SettlementLineMatch),
            CheckConstraint(
                condition=Q(net_minor=F("gross_minor") - F("fee_minor")),
                name="payment_settlement_lines_net_check",
            ),
            CheckConstraint(
                condition=~Q(match_status="matched") | Q(operation__isnull=False)
                | Q(dispute__isnull=False) | Q(kind="fee"),
                name="payment_settlement_lines_operation_check",
            ),
            CheckConstraint(
                condition=Q(original_minor__isnull=True) | ~Q(original_currency=""),
                name="payment_settlement_lines_original_check",
            ),
            models.UniqueConstraint(
                fields=["operation"], condition=Q(match_status="matched"),
                name="payment_settlement_lines_one_match",
            ),
            models.UniqueConstraint(
                fields=["dispute", "kind"], condition=Q(match_status="matched"),
                name="payment_settlement_lines_one_dispute",
            ),
        ]  # fmt: skip
        indexes = [
            Index("settlement", "id", name="payment_settlement_lines_order"),
            Index("id", name="payment_settlement_lines_open", condition=~Q(match_status="matched")),
            Index("provider_reference", name="payment_settlement_lines_ref"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_reference}: {self.net_minor}"


class BankLine(TenantOwned, Timestamped):
    """One line of a bank's statement that a provider's payout may be."""

    settlement = models.OneToOneField(
        Settlement, on_delete=models.RESTRICT, null=True, blank=True, related_name="bank_line"
    )
    external_id = models.CharField(
        max_length=80, unique=True, db_comment="The bank's own: a line is imported once."
    )
    booked_on = models.DateField()
    amount_minor = money_field("In cents; negative where the bank paid.")
    currency = models.CharField(max_length=3, db_default=CURRENCY)
    reference = models.CharField(max_length=140, blank=True, db_default="")

    class Meta:
        db_table = "payment_bank_lines"
        db_table_comment = "Lines of the bank's statement."
        ordering = ["-booked_on", "-id"]
        constraints = [no_card("reference", "payment_bank_lines_no_card_check")]
        indexes = [
            Index("booked_on", name="payment_bank_lines_open_idx",
                  condition=Q(settlement__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.booked_on} {self.reference}"


class DiscrepancyKind(models.TextChoices):
    """The column `kind` of Discrepancy."""

    UNKNOWN_REFERENCE = "unknown_reference"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    NOT_SUCCEEDED = "not_succeeded"
    SETTLED_TWICE = "settled_twice"
    NOT_SETTLED = "not_settled"
    ADJUSTMENT = "adjustment"
    PAYOUT_SUM = "payout_sum"
    BANK_AMOUNT = "bank_amount"
    BANK_UNKNOWN = "bank_unknown"
    LATE_SUCCESS = "late_success"
    NO_OUTCOME = "no_outcome"


class Discrepancy(TenantOwned):
    """Something about money that a person has to see to: it has an owner and an age."""

    Kind = DiscrepancyKind

    key = models.CharField(max_length=80, db_comment="What it is about; open once only.")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    settlement = models.ForeignKey(
        Settlement, on_delete=models.RESTRICT, null=True, blank=True, related_name="discrepancies"
    )
    line = models.ForeignKey(
        SettlementLine, on_delete=models.RESTRICT, null=True, blank=True, db_index=False
    )
    operation = models.ForeignKey(
        Operation, on_delete=models.RESTRICT, null=True, blank=True, db_index=False
    )
    bank_line = models.ForeignKey(
        BankLine, on_delete=models.RESTRICT, null=True, blank=True, db_index=False
    )
    amount_minor = money_field("In cents; how much is in question.", db_default=0)
    currency = models.CharField(max_length=3, db_default=CURRENCY)
    detail = models.CharField(max_length=300, blank=True, db_default="")
    owner = user_link(db_column="owner_id", db_index=False)
    opened_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = user_link(db_column="resolved_by", db_index=False)
    resolution = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        db_table = "payment_exceptions"
        db_table_comment = "What does not agree about money, with its owner and age."
        verbose_name = "exception"
        ordering = ["opened_at", "id"]
        constraints = [
            one_of("payment_exceptions", "kind", DiscrepancyKind),
            CheckConstraint(
                condition=Q(resolved_at__isnull=True) | ~Q(resolution=""),
                name="payment_exceptions_resolution_check",
            ),
            no_card("detail", "payment_exceptions_no_card_check"),
            models.UniqueConstraint(
                fields=["key", "kind"], condition=Q(resolved_at__isnull=True),
                name="payment_exceptions_open_key",
            ),
        ]  # fmt: skip
        indexes = [
            Index("opened_at", name="payment_exceptions_open_idx",
                  condition=Q(resolved_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.key}"
