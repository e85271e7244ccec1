"""Which models belong to whom, and what their triggers render; without a database."""

from __future__ import annotations

import pgtrigger
import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from weedgo.tenancy.base import CurrentTenant, TenantOwned, Timestamped
from weedgo.tenancy.operations import SchemaSQL
from weedgo.tenancy.triggers import PinnedTrigger, register_inherited

ONLY_TENANTS = set(settings.TENANT_APPS) - set(settings.SHARED_APPS)


def of_tenants(model: type[models.Model]) -> bool:
    return apps.get_app_config(model._meta.app_label).name in ONLY_TENANTS


def names(model: type[models.Model]) -> list[str]:
    return [trigger.name for trigger in getattr(model._meta, "triggers", ())]


def test_no_shared_model_refers_to_a_tenants():
    pairs = {
        f"{model._meta.label} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if not of_tenants(model)
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model
        if of_tenants(field.related_model)
    }
    assert pairs == set()


def test_every_model_that_belongs_to_a_tenant_is_guarded():
    for model in apps.get_models():
        local = {field.column for field in model._meta.local_fields}
        if "tenant_id" in local and issubclass(model, TenantOwned) and not model._meta.proxy:
            assert "guard_tenant" in names(model), model
        if "updated_at" in local and issubclass(model, Timestamped) and not model._meta.proxy:
            assert "touch" in names(model), model


@isolate_apps("weedgo.tenancy")
def test_triggers_come_from_abstract_models_whatever_meta_there_is():
    class Crate(TenantOwned, Timestamped):
        class Meta:
            app_label = "tenancy"
            triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    class Pallet(Crate):
        class Meta:
            app_label = "tenancy"

    class Lent(Crate):
        class Meta:
            app_label = "tenancy"
            proxy = True

    try:
        register_inherited([Crate, Pallet, Lent])
        assert names(Crate) == ["keep", "guard_tenant", "touch"]
        # Their columns are in Crate's table.
        assert names(Pallet) == []
        assert names(Lent) == []
    finally:
        for trigger in TenantOwned.base_triggers + Timestamped.base_triggers:
            trigger.unregister(Crate)


def test_a_trigger_with_a_function_of_its_own_is_pinned_and_asks_no_setting():
    from audit.models import AuditLog

    trigger = PinnedTrigger(
        name="own", when=pgtrigger.Before, operation=pgtrigger.Update, func="RETURN NEW;"
    )
    compiled = trigger.compile(AuditLog)
    assert "SET search_path = pg_catalog, pg_temp" in compiled.install_sql
    assert "SECURITY DEFINER" in compiled.install_sql
    assert "should_ignore" not in compiled.install_sql
    text, imports = MigrationWriter.serialize(compiled)
    scope: dict = {}
    exec("\n".join(imports), scope)
    again = eval(text, scope)
    assert again == compiled
    assert again.install_sql == compiled.install_sql


@pytest.mark.parametrize("value", [CurrentTenant(), SchemaSQL("SELECT 1", "SELECT 2")])
def test_what_migrations_hold_is_written_and_read(value):
    if isinstance(value, SchemaSQL):
        name, _, arguments = value.deconstruct()
        assert name == "SchemaSQL"
        assert arguments == {"sql": "SELECT 1", "reverse_sql": "SELECT 2"}
    else:
        text, _ = MigrationWriter.serialize(value)
        assert text == "weedgo.tenancy.base.CurrentTenant()"
