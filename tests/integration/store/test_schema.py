"""What the tenants' tables promise whoever writes to them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from weedgo.tenancy.base import TenantOwned

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "concepts" / "tenant-tables.md"
APPS = ("store", "inventory", "payments")


def tables():
    return [
        model
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        if model._meta.managed
    ]


def fetch(query, *arguments):
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchall()


def test_every_table_is_a_tenants_and_told(shop):
    assert len(tables()) >= 34
    for model in tables():
        assert issubclass(model, TenantOwned), model
        assert model._meta.db_table_comment, model
    guarded = fetch(
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace"
        " AND t.tgname LIKE 'pgtrigger_guard_tenant_%%'"
    )
    assert {row[0] for row in guarded} == {model._meta.db_table for model in tables()}


def test_the_legacy_tenant_tables_are_all_accounted_for(shop):
    """Those that have tenant_id in the legacy database alone: a model each, or a reason."""
    there, here = (_with_tenant(name) for name in ("legacy.sql", "current.sql"))
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE))
    assert len(there - here) == 34
    assert set(told) == there - here
    named = {model._meta.db_table: f"`{model._meta.label}`" for model in tables()}
    for table, what in told.items():
        assert named.get(table, what) == what


def _with_tenant(name):
    text = (ROOT / "weedgo" / "legacy" / name).read_text()
    found = re.findall(r"CREATE TABLE (\w+) \((.*?)\n\)", text, re.DOTALL)
    return {table for table, body in found if re.search(r"^\s+tenant_id ", body, re.MULTILINE)}


def test_all_triggers_are_installed(shop):
    shown = io.StringIO()
    call_command("pgtrigger", "ls", *(f"--schema={shop.schema_name}",), stdout=shown)
    assert "OUTDATED" not in shown.getvalue()
    states = fetch(
        "SELECT count(*) FILTER (WHERE tgenabled IN ('O', 'A')), count(*) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND NOT tgisinternal"
    )
    assert states[0][0] == states[0][1] >= len(tables())


def test_functions_pin_their_search_path_or_are_bound_when_made(shop):
    loose = fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
        " AND prosqlbody IS NULL"
        " AND NOT coalesce(proconfig::text LIKE '%%search_path=pg_catalog%%', false)"
    )
    assert loose == []
    public = fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
        " AND has_function_privilege('public', oid, 'EXECUTE')"
    )
    assert public == []


def test_no_foreign_key_leads_into_or_out_of_the_tenant(shop):
    abroad = fetch(
        "SELECT conrelid::regclass, confrelid::regclass FROM pg_constraint k"
        " JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid"
        " WHERE contype = 'f' AND a.relnamespace <> b.relnamespace"
        " AND current_schema()::regnamespace IN (a.relnamespace, b.relnamespace)"
    )
    assert abroad == []


@pytest.mark.parametrize(
    "gtin", ["00012345678905", "10012345678902", "00614141999996", "09521234543213"]
)
def test_gtin_check_digits(shop, gtin):
    assert fetch("SELECT gtin14_is_valid(%s), gtin_is_valid(ltrim(%s, '0'))", gtin, gtin)[0][0]
    wrong = gtin[:-1] + str((int(gtin[-1]) + 1) % 10)
    assert fetch("SELECT gtin14_is_valid(%s)", wrong) == [(False,)]


def test_our_gtin_check_agrees_with_stdnum(shop):
    import random

    from stdnum import ean

    chosen = random.Random(5)
    lengths = [chosen.choice((7, 8, 12, 13, 14)) for _ in range(3000)]
    codes = ["".join(chosen.choices("0123456789", k=length)) for length in lengths]
    codes += [code[:-1] + ean.calc_check_digit(code[:-1]) for code in codes]
    found = fetch("SELECT c, gtin_is_valid(c) FROM unnest(%s::text[]) AS c", codes)
    assert all(ean.is_valid(code) == valid for code, valid in found)
    assert sum(valid for _, valid in found) > 2000
