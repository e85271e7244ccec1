"""What is read of customers, roles and log-ins. Each query has an index that serves it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, QuerySet
from django.db.models.functions import Lower

from weedgo.store.models import (
    Customer,
    LoginEvent,
    Product,
    RecentLogins,
    Role,
    Store,
    UserRole,
    Wishlist,
)


def customer_by_email(email: str) -> QuerySet[Customer]:
    """A customer by e-mail, however it is typed."""
    return Customer.objects.annotate(lower=Lower("email")).filter(lower=email.lower())


def customers_by_phone(phone: str) -> QuerySet[Customer]:
    """Customers with that number."""
    return Customer.objects.filter(phone=phone).exclude(phone="")


def customers_named(last_name: str) -> QuerySet[Customer]:
    """Customers by name."""
    return Customer.objects.filter(last_name=last_name).order_by("last_name", "first_name")


def customers_tagged(*tags: str) -> QuerySet[Customer]:
    """Customers who bear all of the tags."""
    return Customer.objects.filter(tags__contains=list(tags))


def contacts_of(store: Store, channel: str) -> QuerySet[Customer]:
    """A shop's customers who agreed to a channel."""
    return Customer.objects.filter(home_store=store, preferred_contact=channel, status="active")


def latest_customers() -> QuerySet[Customer]:
    """Customers, the last to order first."""
    return Customer.objects.order_by(F("last_order_at").desc(nulls_last=True))


def holders_of(role: Role) -> QuerySet[UserRole]:
    """Who holds a role."""
    return UserRole.objects.filter(role=role).order_by("role", "user")


def roles_expiring(before: datetime) -> QuerySet[UserRole]:
    """Roles that end soon."""
    return UserRole.objects.filter(expires_at__isnull=False, expires_at__lt=before).order_by(
        "expires_at"
    )


def wishlist_of(user_id: int) -> QuerySet[Wishlist]:
    """What somebody keeps for later, the latest first."""
    return Wishlist.objects.filter(user_id=user_id).order_by("-added_at")


def waiting_for(sku: str) -> QuerySet[Wishlist]:
    """Who wants to know when a SKU is in stock."""
    return Wishlist.objects.filter(sku=sku, notify_on_restock=True)


def wishes_for(product: Product) -> QuerySet[Wishlist]:
    """Who keeps a product for later."""
    return Wishlist.objects.filter(product=product)


def recent_log_ins() -> QuerySet[LoginEvent]:
    """All attempts to log in, the latest first."""
    return LoginEvent.objects.order_by("-occurred_at")


def log_ins_of(user_id: int) -> QuerySet[LoginEvent]:
    """Somebody's attempts to log in, the latest first."""
    return LoginEvent.objects.filter(user_id=user_id).order_by("-occurred_at")


def log_ins_as(email: str) -> QuerySet[LoginEvent]:
    """Attempts to log in with an address, the latest first."""
    lower = LoginEvent.objects.annotate(lower=Lower("email")).filter(lower=email.lower())
    return lower.order_by("-occurred_at")


def failures_from(ip_address: str) -> QuerySet[LoginEvent]:
    """Log-ins that failed from an address, the latest first."""
    failed = LoginEvent.objects.filter(ip_address=ip_address, outcome="failure")
    return failed.order_by("-occurred_at")


def login_activity() -> QuerySet[RecentLogins]:
    """Log-ins of each user over the last thirty days."""
    return RecentLogins.objects.all()
