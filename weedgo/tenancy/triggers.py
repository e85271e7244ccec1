"""Triggers that no session can switch off.

pgtrigger's own template asks the setting `pgtrigger.ignore`, which anybody may set, and pins no
search_path. The classes here keep its migrations, names and `pgtrigger ls`, and render something
else. What they render is kept in migrations: a template never changes, a better one is a new class.
"""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler

ATTACH = """
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE FUNCTION {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
"""
PINNED_FUNCTION = """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS trigger
                LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp
            AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$;
            REVOKE ALL ON FUNCTION {pgid}() FROM PUBLIC;
"""


class SharedTriggerSql(compiler.UpsertTriggerSql):
    """A trigger that runs a function that stands already."""

    def get_template(self) -> str:
        """Return the statements with places for the trigger's parts."""
        return ATTACH


class PinnedTriggerSql(compiler.UpsertTriggerSql):
    """A trigger with a function of its own, run by the owner on a pinned search_path."""

    def get_template(self) -> str:
        """Return the statements with places for the trigger's parts."""
        return PINNED_FUNCTION + ATTACH


class PinnedTrigger(pgtrigger.Trigger):
    """A trigger whose function runs as its owner and sees only qualified names.

    The function's body must name tables as `public.…`, or by TG_TABLE_SCHEMA in dynamic SQL.
    """

    sql_class: type[compiler.UpsertTriggerSql] = PinnedTriggerSql

    def compile(self, model: type[models.Model]) -> compiler.Trigger:
        """Return the trigger as migrations keep it."""
        stock = super().compile(model)
        return compiler.Trigger(name=self.name, sql=self.sql_class(**stock.sql.kwargs))


class SharedTrigger(PinnedTrigger):
    """A trigger that runs a function made by a migration, one for all tables.

    A function for each table would be some thousands in a database of many tenants.

    Attributes:
        function: its qualified name.
    """

    function: str = ""
    sql_class = SharedTriggerSql
    func = "-- stands already"

    def render_execute(self, model: type[models.Model]) -> str:
        """Return the call."""
        return f"{self.function}()"


class GuardTenant(SharedTrigger):
    """Refuses rows of another tenant than the one who owns the table's schema."""

    name = "guard_tenant"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update
    function = "public.weedgo_guard_tenant"


class Touch(SharedTrigger):
    """Keeps `updated_at`."""

    name = "touch"
    when = pgtrigger.Before
    operation = pgtrigger.Update
    function = "public.weedgo_touch"


class KeepName(SharedTrigger):
    """Keeps the name that a tenant's schema had."""

    name = "keep_name"
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("schema_name") | pgtrigger.Delete
    function = "public.weedgo_keep_name"


class RefuseFormerName(SharedTrigger):
    """Refuses a tenant the name that another had."""

    name = "refuse_former_name"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("schema_name")
    function = "public.weedgo_refuse_former_name"


def register_inherited(all_models: list[type[models.Model]]) -> None:
    """Give each model the triggers of the abstract models that it is made of.

    Django inherits Meta from one base only, and not at all where a model has a Meta of its own; a
    guard must not depend on that.
    """
    for model in all_models:
        for trigger in _inherited(model):
            trigger.register(model)


def _inherited(model: type[models.Model]) -> list[Any]:
    if model._meta.proxy or not model._meta.managed:
        return []
    # A concrete parent has a table with triggers of its own.
    above = {base for parent in model._meta.parents for base in parent.__mro__}
    return [
        trigger
        for base in model.__mro__
        if base not in above
        for trigger in vars(base).get("base_triggers", ())
    ]
