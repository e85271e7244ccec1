"""Abstract models that the apps' models are made of."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.deconstruct import deconstructible

from weedgo.tenancy.triggers import GuardTenant, Touch


@deconstructible(path="weedgo.tenancy.base.CurrentTenant")
class CurrentTenant(models.Func):
    """The id of the active tenant, as the database knows it."""

    function = "public.weedgo_current_tenant"
    arity = 0
    output_field = models.BigIntegerField()


class TenantOwned(models.Model):
    """A row that belongs to a tenant, and says so wherever it is moved.

    The database fills in `tenant_id` and refuses any other; Python never sets it. It is no foreign
    key, so that a tenant's schema can live on another node than `public`. It has no index either:
    within a schema it is the same in all rows.
    """

    base_triggers: ClassVar[tuple[pgtrigger.Trigger, ...]] = (GuardTenant(),)

    tenant_id = models.BigIntegerField(db_default=CurrentTenant(), editable=False)

    class Meta:
        abstract = True


class Timestamped(models.Model):
    """A row that knows when it was made and last changed, whoever changes it by whatever way."""

    base_triggers: ClassVar[tuple[pgtrigger.Trigger, ...]] = (Touch(),)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
