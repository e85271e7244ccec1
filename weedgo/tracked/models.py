"""The platform's own tables that are tracked; their apps lie below this and do not know it."""

from __future__ import annotations

from django.contrib.auth.models import Group

from audit.triggers import captures
from weedgo.tenancy.models import Domain, Tenant, User


class TrackedUser(User):
    """Users; their passwords are masked."""

    class Meta:
        proxy = True
        default_permissions = ()
        # When somebody logged in last is an event of its own.
        triggers = captures(masked=["password"], ignored=["last_login"])


class TrackedUserGroup(User.groups.through):  # type: ignore[name-defined,misc]
    """Who is in which group."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = captures()


class TrackedUserPermission(User.user_permissions.through):  # type: ignore[name-defined,misc]
    """What a user may do."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = captures()


class TrackedGroup(Group):
    """Groups of users."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = captures()


class TrackedGroupPermission(Group.permissions.through):  # type: ignore[name-defined,misc]
    """What a group may do."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = captures()


class TrackedTenant(Tenant):
    """Tenants."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = captures()


class TrackedDomain(Domain):
    """Domains of tenants."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = captures()
