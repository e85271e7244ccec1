"""Payments, operations, ledger, disputes, settlements and provider health."""

from payments.models.books import (
    Dispute,
    LedgerAccount,
    LedgerEntry,
    LedgerLine,
    Settlement,
    SettlementLine,
)
from payments.models.charges import (
    Circuit,
    HealthMetric,
    Method,
    Operation,
    Provider,
    Transaction,
    WebhookEvent,
)

__all__ = [
    "Circuit", "Dispute", "HealthMetric", "LedgerAccount", "LedgerEntry", "LedgerLine", "Method",
    "Operation", "Provider", "Settlement", "SettlementLine", "Transaction", "WebhookEvent",
]  # fmt: skip
