"""What the models of the tenants' apps are declared with: fields, checks, trigger bodies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Cast

CURRENCY = "CAD"


class FixedCharField(models.CharField):
    """Text of exactly so many characters: `char(n)`."""

    def db_type(self, connection: Any) -> str:
        """Return the column's type."""
        return f"char({self.max_length})"


class Gtin14IsValid(models.Func):
    """Whether a text is 14 digits of which the last is GS1's check digit; NULL for NULL."""

    function = "gtin14_is_valid"
    arity = 1
    output_field = models.BooleanField()


def gtin_field(**options: Any) -> FixedCharField:
    """Return the field of a trade item number, in 14 digits whatever is printed on the box."""
    return FixedCharField(max_length=14, null=True, blank=True, **options)


def gtin_check(table: str, field: str) -> CheckConstraint:
    """Return the check of a GTIN's check digit."""
    # The GTIN goes in as text: char(n) compares without its blanks.
    text = Cast(field, models.TextField())
    return CheckConstraint(condition=Q(Gtin14IsValid(text)), name=f"{table}_{field}_check")


def one_of(table: str, field: str, choices: type[models.Choices]) -> CheckConstraint:
    """Return the check that a column holds one of the choices."""
    condition = Q(**{f"{field}__in": list(choices.values)})
    return CheckConstraint(condition=condition, name=f"{table}_{field}_check")


def status_field(choices: type[models.TextChoices], default: models.TextChoices) -> Any:
    """Return the field of where something stands."""
    return models.CharField(max_length=16, choices=choices.choices, db_default=default.value)


def money_field(comment: str = "In cents.", **options: Any) -> Any:
    """Return the field of an amount in minor units."""
    return models.BigIntegerField(db_comment=comment, **options)


def user_link(**options: Any) -> Any:
    """Return the link to one of the platform's users.

    The database does not check it. A foreign key into `public` would be checked by every tenant
    whenever a user is deleted, would lock `public` whenever a tenant is made, and would keep a
    tenant's schema from living on another node. Users are deactivated, never deleted; Django's
    own deletion must not look into the tenants' schemas either, hence DO_NOTHING.
    """
    options.setdefault("null", True)
    options.setdefault("blank", options["null"])
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        **options,
    )
