"""Tenants, domains and users for tests."""

from __future__ import annotations

import factory

from weedgo.tenancy.models import Domain, Tenant, User


class TenantFactory(factory.django.DjangoModelFactory):
    """A retailer with a schema of its own, migrated; `auto_create_schema=False` leaves that out."""

    class Meta:
        model = Tenant
        django_get_or_create = ["schema_name"]

    schema_name = factory.Sequence(lambda number: f"shop{number}")
    name = factory.LazyAttribute(lambda tenant: f"{tenant.schema_name.title()} Cannabis")

    @classmethod
    def _create(cls, model_class, *args, auto_create_schema=True, **kwargs):
        if auto_create_schema:
            return super()._create(model_class, *args, **kwargs)
        tenant = model_class(*args, **kwargs)
        tenant.auto_create_schema = False
        tenant.save()
        return tenant


class DomainFactory(factory.django.DjangoModelFactory):
    """A host name, a tenant's first."""

    class Meta:
        model = Domain
        django_get_or_create = ["domain"]

    tenant = factory.SubFactory(TenantFactory)
    domain = factory.LazyAttribute(lambda domain: f"{domain.tenant.schema_name}.localhost")
    is_primary = True


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who can log in with the password `pass`."""

    class Meta:
        model = User
        django_get_or_create = ["username"]
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"user{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = factory.django.Password("pass")


class OperatorFactory(UserFactory):
    """A superuser of the platform."""

    username = factory.Sequence(lambda number: f"operator{number}")
    is_staff = True
    is_superuser = True
