"""Payments, operations, ledger, disputes, settlements and provider health."""

from payments.models.charges import Operation, Transaction
from payments.models.disputes import Dispute
from payments.models.events import WebhookEvent
from payments.models.ledger import LedgerAccount, LedgerEntry, LedgerLine
from payments.models.providers import Circuit, HealthMetric, Method, Provider
from payments.models.settlements import BankLine, Discrepancy, Settlement, SettlementLine

__all__ = [
    "BankLine", "Circuit", "Discrepancy", "Dispute", "HealthMetric", "LedgerAccount", "LedgerEntry",
    "LedgerLine", "Method", "Operation", "Provider", "Settlement", "SettlementLine", "Transaction",
    "WebhookEvent",
]  # fmt: skip
