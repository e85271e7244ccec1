"""What all demo tenants share: the platform's domain, who logs in, rules of rate limits, events."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django_tenants.utils import get_public_schema_name, get_tenant_domain_model, get_tenant_model

from audit.services import record_many

OPERATOR = "admin"
DOMAIN = "localhost"
# Believable as limits of a shop: who, how many at once, how many more a minute, for what.
RULES: tuple[tuple[str, str, int, int, dict[str, Any]], ...] = (
    (
        "login",
        "ip",
        10,
        6,
        {
            "route_glob": "/admin/login/",
            "methods": ["POST"],
            "durable": True,
            "fail_policy": "closed",
        },
    ),
    ("checkout", "user", 5, 10, {}),
    ("search", "ip", 60, 120, {"route_glob": "*/search/*"}),
    ("api", "key", 300, 600, {"route_glob": "/api/*", "cost_map": {"POST": 5}}),
    ("pages", "ip", 120, 600, {"route_glob": "*", "mode": "shadow", "priority": 200}),
)


@dataclass(frozen=True)
class Shop:
    """A demo tenant."""

    schema: str
    name: str

    @property
    def domain(self) -> str:
        """Where it is on a developer's machine."""
        return f"{self.schema.replace('_', '-')}.localhost"


SHOPS = (
    Shop("green_leaf", "Green Leaf"),
    Shop("high_park", "High Park Cannabis"),
    Shop("harbour_buds", "Harbour Buds"),
    Shop("maple_bloom", "Maple Bloom"),
    Shop("northern_light", "Northern Light"),
    Shop("rideau_reserve", "Rideau Reserve"),
)


@transaction.atomic
def prepare(password: str) -> bool:
    """Make the platform's domain, its operator and its rules, where they are not there.

    Args:
        password: of the operator, if it is made now.

    Returns:
        Whether the operator was made.
    """
    # The command's help lists shops also where the apps are not installed.
    from ratelimit.models import RateLimitRule

    connection.set_schema_to_public()  # type: ignore[attr-defined]
    platform, _ = get_tenant_model().objects.get_or_create(
        schema_name=get_public_schema_name(), defaults={"name": "Platform"}
    )
    get_tenant_domain_model().objects.get_or_create(
        domain=DOMAIN, defaults={"tenant": platform, "is_primary": True}
    )
    for name, scope, capacity, per_minute, more in RULES:
        RateLimitRule.objects.get_or_create(
            name=name,
            defaults={
                "scope": scope,
                "capacity": capacity,
                "refill_per_sec": round(per_minute / 60, 6),
                **more,
            },
        )
    users = get_user_model().objects
    if users.filter(username=OPERATOR).exists():
        return False
    users.create_superuser(OPERATOR, f"{OPERATOR}@example.org", password)
    return True


def record_events(shop: Shop, seed: int, count: int) -> None:
    """Record events of a day in a shop, as its requests would; they are kept for good."""
    rng = random.Random(f"{seed}:{shop.schema}:events")  # noqa: S311 - no secret
    events: list[Any] = []
    for _ in range(count):
        kind, category, severity, outcome, method, route, status = rng.choice(_EVENTS)
        events.append(
            {
                "event_type": kind,
                "tenant": shop.schema,
                "category": category,
                "severity": severity,
                "outcome": outcome,
                "actor_type": "user",
                "actor_id": str(rng.randrange(1, 40)),
                "actor_label": rng.choice(_PEOPLE),
                "ip": f"203.0.113.{rng.randrange(1, 255)}",
                "method": method,
                "route": route,
                "status": status,
                "duration_ms": int(rng.lognormvariate(3.5, 0.8)),
            }
        )
    record_many(events)


_PEOPLE = ("maya", "oliver", "amelie", "noah", "priya", "lucas", "hannah", "wei")
_EVENTS = (
    ("login.succeeded", "access", "info", "success", "POST", "/login/", 302),
    ("login.denied", "access", "warning", "denied", "POST", "/login/", 401),
    ("order.placed", "business", "info", "success", "POST", "/checkout/", 201),
    ("order.placed", "business", "info", "success", "POST", "/checkout/", 201),
    ("order.cancelled", "business", "info", "success", "POST", "/orders/{id}/cancel/", 200),
    ("price.changed", "data", "notice", "success", "POST", "/admin/store/product/{id}/", 302),
    ("stock.adjusted", "data", "notice", "success", "POST", "/admin/inventory/stock/{id}/", 302),
    ("payment.declined", "business", "warning", "failure", "POST", "/checkout/", 402),
)
