"""Tenants, the domains that lead to them, and the users of the platform."""

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from weedgo.tenancy.passwords import PasswordField, PasswordMixin
from weedgo.tenancy.triggers import KeepName, RefuseFormerName


class State(models.TextChoices):
    """Where a tenant stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class Tenant(TenantMixin):
    """A retailer, whose data is in a schema of its own.

    The row whose schema is `public` is the platform itself.
    """

    name = models.CharField(max_length=200)
    state = models.CharField(
        max_length=16,
        choices=State.choices,
        default=State.ACTIVE,
        db_default=State.ACTIVE.value,
        help_text="The site of a tenant that is not active is closed; its data is kept.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        triggers = [KeepName(), RefuseFormerName()]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a name that another tenant had; the database does so too."""
        had = FormerName.objects.using(self._state.db).filter(schema_name=self.schema_name)
        if had.exclude(tenant_id=self.pk).exists():
            raise ValidationError(
                {
                    "schema_name": f"there has been a tenant {self.schema_name}, and the audit log "
                    "holds what it did under that name; choose another name"
                }
            )


class FormerName(models.Model):
    """A name that a tenant's schema had before it was renamed, or until it was deleted.

    The audit log and other shared tables know a tenant by it for ever, so no other may have it.
    """

    schema_name = models.CharField(primary_key=True, max_length=63)
    tenant_id = models.BigIntegerField(help_text="The tenant may be gone.")
    since = models.DateTimeField()

    class Meta:
        db_table = "tenancy_former_name"
        ordering = ["schema_name"]

    def __str__(self) -> str:
        return self.schema_name


class Domain(DomainMixin):
    """A host name that leads to a tenant."""

    class Meta:
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain


class User(PasswordMixin, AbstractUser):
    """Somebody who logs in; one set of users for the platform and all tenants.

    A project that has users of its own keeps them: AUTH_USER_MODEL says whose they are.
    """

    password = PasswordField("password", max_length=128)

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
