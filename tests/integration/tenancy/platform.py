"""Browsers of the platform's and of a tenant's superuser, as fixtures of several tests."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from tests.factories.tenancy import DomainFactory, OperatorFactory, TenantFactory


@pytest.fixture
def operator(db: None) -> Client:
    """A superuser on the platform's host, `localhost`."""
    public = TenantFactory(schema_name="public", name="Platform", auto_create_schema=False)
    DomainFactory(tenant=public, domain="localhost")
    client = Client(headers={"host": "localhost"})
    client.force_login(OperatorFactory())
    return client


@pytest.fixture
def retailer(operator: Client) -> Client:
    """The same person on a tenant's host, `queen.localhost`."""
    queen = TenantFactory(schema_name="queen", name="Queen Cannabis", auto_create_schema=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA queen")
    DomainFactory(tenant=queen)
    client = Client(headers={"host": "queen.localhost"})
    client.cookies = operator.cookies
    return client
