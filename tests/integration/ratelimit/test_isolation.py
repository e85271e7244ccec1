"""A tenant's role sees its own buckets and violations only, and changes nothing."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from ratelimit.keys import hash_of
from tests.factories.ratelimit import (
    RateLimitBucketFactory,
    RateLimitRuleFactory,
    RateLimitViolationFactory,
)
from tests.factories.tenancy import TenantFactory

pytestmark = pytest.mark.django_db

TABLES = ("agi_rate_limit_buckets", "agi_rate_limit_buckets_logged", "agi_rate_limit_violations")


@pytest.fixture
def as_queen():
    """The tenant Queen's own role is active, beside rows of two tenants and of nobody."""
    rule = RateLimitRuleFactory()
    for tenant in ("queen", "king", None):
        RateLimitBucketFactory(rule=rule, tenant=tenant, key_hash=hash_of("jane", tenant or ""))
        RateLimitViolationFactory(rule=rule, tenant=tenant)
    with connection.cursor() as cursor:
        tenants = [
            TenantFactory(schema_name=name, auto_create_schema=False) for name in ("queen", "king")
        ]
        for tenant in tenants:
            cursor.execute(f"CREATE SCHEMA {tenant.schema_name}")
        cursor.execute("SELECT public.weedgo_isolate(NULL)")
        cursor.execute("SELECT public.weedgo_role_of(%s)", [tenants[0].pk])
        [role] = cursor.fetchone()
    # psycopg's own cursors: Django's would make active again what is active.
    raw = connection.connection
    raw.execute(
        "SELECT set_config('search_path', 'queen, public', true),"
        " set_config('weedgo.tenant', %s, true), set_config('role', %s, true)",
        [str(tenants[0].pk), role],
    )
    yield raw
    raw.execute("RESET ROLE")


def refused(raw: psycopg.Connection, statement: str) -> bool:
    try:
        with raw.transaction():
            raw.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_a_tenant_sees_its_own_rows_and_changes_none(as_queen):
    for table in TABLES:
        found = as_queen.execute(f"SELECT DISTINCT tenant FROM public.{table}").fetchall()
        assert found in ([("queen",)], [])
        assert refused(as_queen, f"DELETE FROM public.{table}"), table
    count = "SELECT count(*) FROM public.agi_rate_limit_violations"
    assert as_queen.execute(count).fetchone() == (1,)


def test_another_tenants_setting_opens_nothing(as_queen):
    as_queen.execute("SELECT set_config('weedgo.tenant', (%s)::text, true)", [10**6])
    for table in TABLES:
        assert as_queen.execute(f"SELECT count(*) FROM public.{table}").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.agi_rate_limit_rules",
        "UPDATE public.agi_rate_limit_rules SET enabled = false",
        "SELECT public.rate_limit_take('orders', 'jane')",
        "SELECT public.agi_rate_limit_active_rules()",
        "SELECT public.agi_rate_limit_record('[]')",
        "SELECT public.agi_rate_limit_drop_old(1)",
        "SELECT public.agi_rate_limit_clean(0, 10)",
        "SELECT public.agi_rate_limit_take_all('{}', '{}', '{}', '{}')",
        "SELECT * FROM public.agi_rate_limit_violations_default",
    ],
)
def test_rules_and_functions_are_the_platforms(as_queen, statement):
    assert refused(as_queen, statement)
