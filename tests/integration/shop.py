"""One tenant for all tests of the tenants' apps, in each process: making one takes seconds."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from payments.scrubbing import scan
from tests import cluster
from weedgo.tenancy.models import Tenant

SCHEMA = "corner_shop"


@functools.cache
def tenant() -> Tenant:
    """The tenant, made on first use by its migrations."""
    made = Tenant(schema_name=SCHEMA, name="Corner Shop")
    made.save(verbosity=0)
    if cluster.has_djangos():
        cluster.distribute(SCHEMA)
    forget_entries()
    return made


def forget_entries() -> None:
    """Leave the audit log as tests expect to find it, without a word of the tenant."""
    with connection.cursor() as cursor:
        for line in ("SET session_replication_role = replica", "TRUNCATE agi_audit_logs",
                     "RESET session_replication_role"):  # fmt: skip
            cursor.execute(line)


def no_card_numbers() -> None:
    """After all tests nothing that they left in the shop looks like a card's number."""
    if tenant.cache_info().currsize:
        found = scan(connection, SCHEMA)
        assert not found, found


@pytest.fixture(scope="session")
def database_of_tests(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Django's; pytest-django makes it only if some test asks for a fixture of its own."""
    name = connection.settings_dict["NAME"]
    if name == connection.settings_dict["TEST"]["NAME"]:
        yield
        with django_db_blocker.unblock():
            no_card_numbers()
        return
    with django_db_blocker.unblock():
        configured = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        no_card_numbers()
        teardown_databases(configured, verbosity=0)


@pytest.fixture
def made(database_of_tests, django_db_blocker) -> Tenant:
    with django_db_blocker.unblock():
        known = tenant()
        if not Tenant.objects.filter(pk=known.pk).exists():
            # Tests with real transactions empty the tables of `public`; the schema stays.
            known.auto_create_schema = False
            known.save(force_insert=True)
            if cluster.has_djangos():
                cluster.tell_nodes()
            forget_entries()
        return known


@pytest.fixture
def shop(made, db) -> Iterator[Tenant]:
    """The tenant is active; what the test writes is rolled back."""
    connection.set_tenant(made)
    yield made
    connection.set_schema_to_public()


@pytest.fixture
def open_shop(made, django_db_blocker) -> Iterator[Tenant]:
    """The tenant is active and what the test writes stays: rows have to be the test's own.

    For what happens between transactions. Other connections of the test have to be closed by it.
    """
    with django_db_blocker.unblock():
        connection.set_tenant(made)
        yield made
        connection.set_schema_to_public()
