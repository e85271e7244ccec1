"""Fixtures of the integration tests."""

from tests.integration.tenancy.platform import operator, retailer

__all__ = ["operator", "retailer"]
