"""Payments in a tenant's admin: to search and to read; money moves by the services."""

from payments.admin import books, charges, discrepancies, disputes, providers

__all__ = ["books", "charges", "discrepancies", "disputes", "providers"]
