from __future__ import annotations

import pytest

from payments.factories import ProviderFactory
from payments.models import Provider
from tests.integration.payments.sandbox import wire
from tests.integration.shop import database_of_tests, made, open_shop, shop

__all__ = ["database_of_tests", "made", "open_shop", "shop"]


@pytest.fixture
def provider(shop, tmp_path):
    return ProviderFactory(config={"path": str(tmp_path / "sandbox")})


@pytest.fixture
def sandbox(provider):
    return wire(provider)


@pytest.fixture
def lasting(open_shop, tmp_path):
    """The only active provider, where rows of other tests stay."""
    Provider.objects.update(is_active=False)
    return ProviderFactory(config={"path": str(tmp_path / "sandbox")})
