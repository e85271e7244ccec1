"""A platform with two shops, and in them something of everything that the admin shows."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections
from django.utils import timezone

import audit
from audit import aggregates, alerts, seals
from audit.models import AuditAggregate
from inventory import services as inventory
from inventory.factories import GtinAliasFactory, LocationFactory, in_days
from inventory.models import Stock
from inventory.services import Asn, AsnLine, Line, Reference
from payments import discrepancies
from payments import models as payments
from payments.factories import DisputeFactory, SettlementFactory
from payments.money import Money
from ratelimit.keys import hash_of
from ratelimit.models import RateLimitRule
from tests.factories.ratelimit import RateLimitBucketFactory, RateLimitViolationFactory
from tests.factories.tenancy import DomainFactory, TenantFactory
from weedgo.console import jobs
from weedgo.console.models import Job
from weedgo.databases import url_of
from weedgo.management.sample import platform, shop
from weedgo.staged import migrate
from weedgo.staged.model import Options, Stage
from weedgo.store import factories as store
from weedgo.store.models import Order, Product
from weedgo.store.services.deliveries import assign_driver, schedule_delivery
from weedgo.tenancy.models import Tenant, User

PASSWORD = "pass"
SHOP = platform.SHOPS[0]
OTHER = platform.SHOPS[1]
HAS = """
CREATE SCHEMA legacy_shop;
CREATE TABLE legacy_shop.users (id bigint PRIMARY KEY, email text NOT NULL, role varchar(20));
INSERT INTO legacy_shop.users
    SELECT i, 'user' || i || '@example.org', 'staff' FROM generate_series(1, 2000) i;
CREATE TABLE legacy_shop.orders
    (id bigint PRIMARY KEY, user_id bigint, total integer, batch_lot text);
INSERT INTO legacy_shop.orders SELECT i, i % 2000 + 1, i, NULL FROM generate_series(1, 20000) i;
"""
WANTS = """
CREATE SCHEMA legacy_shop;
CREATE TYPE legacy_shop.delivery_state AS ENUM ('planned', 'on the way', 'delivered');
CREATE SEQUENCE legacy_shop.invoice_numbers;
CREATE TABLE legacy_shop.users (id bigint PRIMARY KEY, email text NOT NULL, role varchar(20),
    tenant_id bigint, last_seen timestamptz DEFAULT now());
CREATE TABLE legacy_shop.orders (id bigint PRIMARY KEY, user_id bigint, total integer,
    batch_lot text NOT NULL, tenant_id bigint);
CREATE TABLE legacy_shop.deliveries (id bigint PRIMARY KEY, order_id bigint NOT NULL,
    state legacy_shop.delivery_state NOT NULL DEFAULT 'planned');
CREATE FUNCTION legacy_shop.touch() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN new.last_seen := now(); RETURN new; END $$;
CREATE TRIGGER users_touch BEFORE UPDATE ON legacy_shop.users
    FOR EACH ROW EXECUTE FUNCTION legacy_shop.touch();
CREATE VIEW legacy_shop.recent_logins AS SELECT id, email FROM legacy_shop.users
    WHERE last_seen > now() - interval '30 days';
CREATE INDEX orders_tenant_idx ON legacy_shop.orders (tenant_id);
CREATE INDEX orders_lot_idx ON legacy_shop.orders (batch_lot);
CREATE UNIQUE INDEX users_email_key ON legacy_shop.users (lower(email));
ALTER TABLE legacy_shop.orders ADD CONSTRAINT orders_user_fkey
    FOREIGN KEY (user_id) REFERENCES legacy_shop.users;
ALTER TABLE legacy_shop.deliveries ADD CONSTRAINT deliveries_order_fkey
    FOREIGN KEY (order_id) REFERENCES legacy_shop.orders;
COMMENT ON TABLE legacy_shop.deliveries IS 'What is on its way';
"""


def tenants() -> tuple[Tenant, Tenant]:
    """The shop, whose schema is made by its migrations, and one that is only registered."""
    platform.prepare(PASSWORD)
    made = Tenant(schema_name=SHOP.schema, name=SHOP.name)
    made.save(verbosity=0)
    DomainFactory(tenant=made, domain=SHOP.domain)
    other = TenantFactory(schema_name=OTHER.schema, name=OTHER.name, auto_create_schema=False)
    DomainFactory(tenant=other, domain=OTHER.domain)
    # Another module may have left one in this process's database.
    if not User.objects.filter(username="keeper").exists():
        User.objects.create_superuser("keeper", password=PASSWORD)
    return made, other


def platform_data() -> None:
    """What the platform's admin shows; in `public`."""
    rng = random.Random(1)
    for one in (SHOP, OTHER):
        platform.record_events(one, 1, 150)
    audit.record(
        "price.changed", category="data", tenant=SHOP.schema, severity="notice",
        actor_type="user", actor_label="maya", actor_id="7", target_table="products",
        target_pk="SKU-00042", ip="203.0.113.9", method="PATCH", route="/products/<id>/",
        status=200, duration_ms=38, request_id=uuid.UUID(int=7),
        changes={"retail_price_minor": [2995, 3295], "name": ["Blue Dream 3.5 g", "Blue Dream 7 g"],
                 "tags": [["indica"], ["indica", "staff pick"]]},
    )  # fmt: skip
    denied = {"event_type": "login.denied", "outcome": "denied", "tenant": SHOP.schema}
    audit.record_many({**denied, "actor_label": "oliver", "ip": "203.0.113.66"} for _ in range(12))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE agi_audit_logs")
    seals.seal()
    aggregates.roll_up()
    alerts.evaluate()
    _past_hours(rng)
    _refused(rng)
    _compared()


def _past_hours(rng: random.Random) -> None:
    """Sums of the day before, as the worker would have made them."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for ago in range(1, 48):
        for event, share in (("order.placed", 1.0), ("login.succeeded", 2.4), ("request", 5.0)):
            count = int(rng.uniform(20, 60) * share * (1.6 if 10 <= (24 - ago) % 24 <= 20 else 0.5))
            histogram = [0, 0, count // 4, count // 2, count // 8, count // 16]
            AuditAggregate.objects.create(
                bucket_start=hour - timedelta(hours=ago), grain="hour", tenant=SHOP.schema,
                event_type=event, dim="", dim_value="", count=count, errors=rng.randrange(0, 5),
                sum_ms=count * 40, max_ms=rng.randrange(200, 2000), histogram=histogram,
            )  # fmt: skip


def _refused(rng: random.Random) -> None:
    rules = list(RateLimitRule.objects.order_by("pk"))
    now = timezone.now().replace(second=0, microsecond=0)
    for number in range(80):
        rule = rng.choice(rules)
        hits = rng.randrange(1, 40)
        path = rng.choice(["/admin/login/", "/search/"])
        RateLimitViolationFactory(
            rule=rule, minute=now - timedelta(minutes=rng.randrange(0, 22 * 60)), hits=hits,
            shadow_hits=hits if rule.mode == "shadow" else 0,
            tenant=rng.choice([SHOP.schema, OTHER.schema]), sample_key=f"ip:203.0.113.{number % 9}",
            key_hash=hash_of(f"ip:203.0.113.{number % 9}/{number}"),
            sample_ip=f"203.0.113.{number % 9}", sample_path=path,
        )  # fmt: skip
    for key in ("ip:203.0.113.7", "user:12"):
        RateLimitBucketFactory(rule=rules[0], key_hash=hash_of(key), tokens=3)


def _compared() -> None:
    """A comparison that found a tenant to differ, as `run_jobs` keeps it."""
    objects = [
        {"kind": kind, "schema": OTHER.schema, "name": name, "parent": parent, "target": "",
         "where": where, "attributes": attributes}
        for kind, name, parent, where, attributes in (
            ("index", "orders_placed_idx", "orders", "source", []),
            ("column", "loyalty_points", "customers", "target", []),
            ("column", "reorder_point", "products", "both",
             [{"name": "default", "source": "0", "target": None}]),
        )
    ]  # fmt: skip
    job = Job.objects.create(
        kind="compare", command=jobs.COMPARE, state="running", requested_by=User.objects.first(),
        started_at=timezone.now() - timedelta(seconds=4),
    )  # fmt: skip
    document = {"version": 1, "status": "different", "exit": 1, "message": "", "equal": 1874,
                "objects": objects, "unmodelled": []}  # fmt: skip
    jobs.finish(job, 1, document)


def migrated(server: Any, database: Any, folder: Path) -> str:
    """Two runs over the tests' database: one by stages that ends well, one that is refused a part.

    Returns:
        The id of the second.
    """
    source, target = database(server), url_of("default")
    with psycopg.connect(source) as conn:
        conn.execute(WANTS)
    with psycopg.connect(target, autocommit=True) as conn:
        conn.execute(HAS)
    early = tuple(stage for stage in Stage if stage <= Stage.SEQUENCES)
    only = Options(schemas=("legacy_shop",), stages=early)
    migrate(source, target, only, output=folder / "first", backup=False)
    report = migrate(
        source, target, Options(schemas=("legacy_shop",)), output=folder / "second", backup=False
    )
    return report.run


def forget_migrations() -> None:
    """Leave nothing of them for other tests."""
    with psycopg.connect(url_of("default"), autocommit=True) as conn:
        conn.execute("DROP SCHEMA IF EXISTS legacy_shop CASCADE")
        conn.execute("DROP SCHEMA IF EXISTS weedgo_migration CASCADE")


def shop_data() -> None:
    """What a shop's admin shows; with its schema active."""
    shop.fill(SHOP.schema, 1, 40)
    _stock()
    _money()
    _rest()


def _stock() -> None:
    shelf = inventory_place()
    alias = GtinAliasFactory(product=Product.objects.order_by("pk").first())
    unknown = AsnLine("10628634000019", 1, "LOT-X", expires_on=in_days(90), unit_cost_minor=900)
    known = AsnLine(alias.gtin, 2, "PK-2411", expires_on=in_days(200), unit_cost_minor=1850)
    receipt = inventory.receive(Asn("ASN-1042", [known, unknown]), shelf)
    row = Stock.objects.get(pk=receipt.shipment.lines.get(batch_lot="PK-2411").inventory_id)
    order = Order.objects.order_by("pk").first()
    key = uuid.uuid4()
    inventory.reserve(key, shelf, [Line(row.sku, 3)])
    inventory.commit(key, Reference("order", order.order_number))
    inventory.reserve(uuid.uuid4(), shelf, [Line(row.sku, 2)])
    inventory.destroy(row, 1, "mould", "composted", "CERT-17")
    back = LocationFactory(store=shelf.store, code="BACK", name="Back room")
    inventory.transfer(shelf, back, [(row, 4)])
    inventory.start_count(back)
    other = Stock.objects.filter(location=shelf).exclude(pk=row.pk).first()
    inventory.recall(other.sku, other.batch_lot, notice="RA-80123", instructions="Send it back.")


def inventory_place() -> Any:
    """The first shelf."""
    from inventory.models import Location

    return Location.objects.order_by("pk").first()


def _money() -> None:
    provider = payments.Provider.objects.get(code="sandbox")
    now = timezone.now()
    for days, reason in ((-1, "fraudulent"), (2, "not received"), (9, "duplicate")):
        DisputeFactory(provider=provider, reason=reason, evidence_due_at=now + timedelta(days=days))
    SettlementFactory(provider=provider)
    discrepancies.open_one(
        "late_success", "operation:1", Money(3384), "paid after it was cancelled"
    )
    discrepancies.open_one("payout_sum", "payout:1", Money(290), "the payout is 2.90 short")
    payments.Discrepancy.objects.filter(kind="payout_sum").update(opened_at=now - timedelta(days=9))
    rng = random.Random(2)
    for minutes in range(0, 20 * 60, 20):
        calls = rng.randrange(5, 40)
        payments.HealthMetric.objects.get_or_create(
            provider=provider, method="card", bucket_start=now.replace(second=0, microsecond=0)
            - timedelta(minutes=minutes + 10), defaults={
                "call_count": calls, "technical_errors": rng.choice([0, 0, 0, 1]),
                "declines": rng.randrange(0, 3), "unknowns": rng.choice([0, 0, 0, 1]),
                "total_latency_ms": calls * 180,
                "latency_histogram": [0, 0, 0, calls, *([0] * 8)]},
        )  # fmt: skip
    payments.BankLine.objects.create(
        booked_on=now.date(), reference="PAYOUT 77", amount_minor=9710, external_id="stmt-1"
    )
    payments.WebhookEvent.objects.create(
        provider=provider, event_id="evt_1", event_type="paid", payload={}
    )


def _rest() -> None:
    place = inventory_place().store
    order = Order.objects.filter(status="confirmed").order_by("pk").first() or store.OrderFactory(
        store=place, status="confirmed"
    )
    driver = store.DriverFactory(store=order.store, user=User.objects.get(username="keeper"))
    now = timezone.now()
    Order.objects.filter(pk=order.pk).update(fulfilment="delivery")
    window = (now + timedelta(hours=2), now + timedelta(hours=4))
    delivery = schedule_delivery(order, window, {"street": "7 Queen Street West"})
    assign_driver(delivery, driver)
    store.BroadcastFactory(store=place)
    product = Product.objects.order_by("pk").first()
    product.retail_price_minor += 300
    product.save()


def forget_shop() -> None:
    """Drop the shop's schema, and all rows of the platform."""
    from django.core.management import call_command

    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SHOP.schema} CASCADE")
    call_command("flush", verbosity=0, interactive=False)
    connections.close_all()
