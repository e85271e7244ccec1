"""Who buys, who works in the shops, and who logged in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q
from django.db.models.functions import Lower, Now

import audit
from weedgo.store.models.catalogue import Product, Store
from weedgo.store.schema import money_field, one_of, user_link
from weedgo.tenancy.base import TenantOwned, Timestamped


class CustomerStatus(models.TextChoices):
    """The column `status` of Customer."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    ERASED = "erased"


class CustomerContact(models.TextChoices):
    """The column `contact` of Customer."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    NONE = "none"


@audit.track(masked=["email", "phone", "date_of_birth"])
class Customer(TenantOwned, Timestamped):
    """Somebody who buys; may or may not have a user account."""

    Status = CustomerStatus
    Contact = CustomerContact

    user = user_link(db_index=False)
    home_store = models.ForeignKey(
        Store, on_delete=models.SET_NULL, null=True, blank=True, db_index=False
    )
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    email = models.EmailField(max_length=254, blank=True, db_default="")
    phone = models.CharField(max_length=32, blank=True, db_default="")
    date_of_birth = models.DateField(null=True, blank=True)
    preferred_contact = models.CharField(
        max_length=10, choices=Contact.choices, db_default=Contact.NONE.value,
        db_comment="The channel that the customer agreed to; without consent none.",
    )  # fmt: skip
    tags = ArrayField(models.CharField(max_length=60), db_default=[], blank=True)
    last_order_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, db_default=Status.ACTIVE.value)

    class Meta:
        db_table = "customers"
        db_table_comment = "Somebody who buys; may or may not have a user account."
        ordering = ["last_name", "first_name"]
        constraints = [
            one_of("customers", "status", CustomerStatus),
            one_of("customers", "preferred_contact", CustomerContact),
            CheckConstraint(
                condition=Q(date_of_birth__gte="1900-01-01"), name="customers_birth_check"
            ),
            models.UniqueConstraint("user", name="customers_user_key"),
        ]
        indexes = [
            Index(Lower("email"), name="customers_email_lower_idx"),
            Index("phone", name="customers_phone_idx", condition=~Q(phone="")),
            Index("last_name", "first_name", name="customers_name_idx"),
            Index("home_store", "preferred_contact", name="customers_contact_idx",
                  condition=Q(status="active")),
            GinIndex("tags", name="customers_tags_gin"),
            Index(F("last_order_at").desc(nulls_last=True), name="customers_last_order_idx"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


@audit.track()
class Role(TenantOwned, Timestamped):
    """A named set of permissions in the tenant's shops."""

    name = models.CharField(max_length=60, unique=True)
    description = models.TextField(blank=True, db_default="")
    rank = models.SmallIntegerField(
        db_default=100, db_comment="Lower may manage higher; system roles start at zero."
    )
    permissions = ArrayField(models.CharField(max_length=80), db_default=[], blank=True)
    is_system = models.BooleanField(db_default=False)

    class Meta:
        db_table = "roles"
        db_table_comment = "Named sets of permissions in the tenant's shops."
        ordering = ["rank", "name"]

    def __str__(self) -> str:
        return self.name


@audit.track()
class UserRole(TenantOwned):
    """A role that a user holds, in one shop or in all."""

    user = user_link(null=False, db_index=False)
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="holders", db_index=False)
    scope_store = models.ForeignKey(
        Store, on_delete=models.CASCADE, null=True, blank=True, db_index=False,
        db_comment="The one shop where it holds; all of them where there is none.",
    )  # fmt: skip
    granted_by = user_link(db_column="granted_by", db_index=False)
    granted_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "user_roles"
        db_table_comment = "Which roles a user holds."
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "scope_store"], nulls_distinct=False, name="user_roles_key"
            ),
            CheckConstraint(
                condition=Q(expires_at__gt=F("granted_at")), name="user_roles_expires_check"
            ),
        ]
        indexes = [
            Index("role", "user", name="user_roles_role_idx"),
            Index("expires_at", name="user_roles_expiring_idx",
                  condition=Q(expires_at__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"user {self.user_id}: role {self.role_id}"


class Wishlist(TenantOwned):
    """A product that somebody keeps for later."""

    user = user_link(null=False, db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, db_index=False)
    store = models.ForeignKey(
        Store, on_delete=models.SET_NULL, null=True, blank=True, db_index=False
    )
    note = models.CharField(max_length=240, blank=True, db_default="")
    sku = models.CharField(max_length=64)
    priority = models.SmallIntegerField(db_default=0)
    notify_on_restock = models.BooleanField(db_default=False)
    price_when_added_minor = money_field(null=True, blank=True)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "wishlists"
        db_table_comment = "Products that customers keep for later."
        ordering = ["-added_at"]
        constraints = [models.UniqueConstraint("user", "product", name="unique_wishlist_item")]
        indexes = [
            Index("product", name="idx_wishlists_product"),
            Index("user", F("added_at").desc(), name="idx_wishlists_user_added"),
            Index("sku", name="idx_wishlists_sku", condition=Q(notify_on_restock=True)),
        ]

    def __str__(self) -> str:
        return f"{self.sku} for user {self.user_id}"


class LoginEventOutcome(models.TextChoices):
    """The column `outcome` of LoginEvent."""

    SUCCESS = "success"
    FAILURE = "failure"
    LOCKED = "locked"
    LOGOUT = "logout"


class LoginEventMethod(models.TextChoices):
    """The column `method` of LoginEvent."""

    PASSWORD = "password"  # noqa: S105 - a way to log in, not a secret
    OTP = "otp"
    OAUTH = "oauth"
    MAGIC_LINK = "magic_link"
    API_KEY = "api_key"


class LoginEvent(TenantOwned):
    """An attempt to log in, whether it worked or not."""

    Outcome = LoginEventOutcome
    Method = LoginEventMethod

    user = user_link(db_index=False)
    email = models.EmailField(max_length=254)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    failure_reason = models.CharField(max_length=60, blank=True, db_default="")
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.TextField(blank=True, db_default="")
    country = models.CharField(max_length=2, blank=True, db_default="")
    method = models.CharField(
        max_length=20, choices=Method.choices, db_default=Method.PASSWORD.value
    )
    risk_score = models.SmallIntegerField(
        null=True, blank=True, db_comment="0 is ordinary, 100 is certainly somebody else."
    )
    occurred_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "login_events"
        db_table_comment = "Every attempt to log in, whether it worked or not."
        ordering = ["-occurred_at"]
        constraints = [
            one_of("login_events", "outcome", LoginEventOutcome),
            one_of("login_events", "method", LoginEventMethod),
        ]
        indexes = [
            Index(F("occurred_at").desc(), name="login_events_occurred_at_idx"),
            Index("user", F("occurred_at").desc(), name="login_events_user_idx"),
            Index("ip_address", F("occurred_at").desc(), name="login_events_failed_ip_idx",
                  condition=Q(outcome="failure")),
            Index(Lower("email"), F("occurred_at").desc(), name="login_events_email_idx"),
            BrinIndex("occurred_at", name="login_events_occurred_brin", pages_per_range=32),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.email}: {self.outcome}"


class RecentLogins(models.Model):
    """Log-ins of one user over the last thirty days; a view."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="+",
    )
    email = models.EmailField()
    logins = models.BigIntegerField()
    failures = models.BigIntegerField()
    last_seen_at = models.DateTimeField()
    networks = ArrayField(models.CharField(max_length=50))

    class Meta:
        managed = False
        db_table = "recent_login_activity"
        ordering = ["-last_seen_at"]
        verbose_name_plural = "recent logins"

    def __str__(self) -> str:
        return self.email
