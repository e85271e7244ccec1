"""What the store's services do, and what they refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from weedgo.store import factories, selectors, services
from weedgo.store.errors import PromotionError, StoreError
from weedgo.store.models import (
    BroadcastRecipient,
    Order,
    OrderStatusChange,
    PriceChange,
    Product,
    Wishlist,
)
from weedgo.store.services.orders import retotal

WINDOW = (timezone.now() + timedelta(hours=1), timezone.now() + timedelta(hours=2))


def execute(query, *arguments):
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)


def order_of(*prices, **options):
    factories.TaxRateFactory()
    order = factories.OrderFactory(**options)
    for price in prices:
        product = factories.ProductFactory(retail_price_minor=price)
        factories.OrderItemFactory(order=order, product=product)
    retotal(order, timezone.now().date())
    return order


# --- catalogue --------------------------------------------------------------------------------


def test_search_ranks_by_words_and_popularity(shop):
    factories.ProductFactory(name="Pink Kush", long_description="tastes of lemon haze")
    liked = factories.ProductFactory(name="Lemon Haze liked", popularity=500)
    plain = factories.ProductFactory(name="Lemon Haze plain")
    hidden = factories.ProductFactory(name="Lemon Haze hidden", is_active=False)
    found = list(selectors.search_products('"lemon haze" -berry'))
    assert found[:2] == [liked, plain]
    assert hidden not in found
    assert len(found) == 3


def test_prices_are_recorded_by_whatever_way_they_change(shop):
    product = factories.ProductFactory(retail_price_minor=1000)
    Product.objects.filter(pk=product.pk).update(retail_price_minor=1200)
    execute("UPDATE products SET retail_price_minor = 1300, popularity = 4")
    execute("UPDATE products SET popularity = 5")
    history = PriceChange.objects.order_by("id").values_list("old_price_minor", "new_price_minor")
    assert list(history) == [(None, 1000), (1000, 1200), (1200, 1300)]
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceChange.objects.all().delete()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sku": "lower"}, {"retail_price_minor": -1}, {"each_gtin": "00012345678904"},
        {"each_gtin": "12345670"}, {"thc_min": 30}, {"compare_at_price_minor": 1},
        {"plant_type": "fern"},
    ],
)  # fmt: skip
def test_impossible_products_are_refused(shop, wrong):
    with pytest.raises(DatabaseError):
        factories.ProductFactory(**wrong)


def test_a_wish_is_kept_once(shop):
    user, product = factories.UserFactory(), factories.ProductFactory()
    services.keep_for_later(user, product)
    services.keep_for_later(user, product, notify=True, note="for Friday")
    wish = Wishlist.objects.get()
    assert (wish.notify_on_restock, wish.note, wish.sku) == (True, "for Friday", product.sku)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.WishlistFactory(user=user, product=product)


def test_log_ins_of_the_last_thirty_days(shop):
    user = factories.UserFactory()
    old = factories.LoginEventFactory(user=user)
    type(old).objects.update(occurred_at=timezone.now() - timedelta(days=31))
    for outcome in ("failure", "success"):
        services.record_login(user.email, outcome, user=user, ip_address="203.0.113.9")
    (row,) = selectors.login_activity()
    assert (row.logins, row.failures, row.email) == (1, 1, user.email)
    assert row.networks == ["203.0.113.0/24"]


# --- orders and promotions --------------------------------------------------------------------


def test_an_orders_way_is_recorded_and_kept_to(shop):
    order = factories.OrderFactory()
    Order.objects.update(status="confirmed")
    execute("UPDATE orders SET status = 'cancelled', cancelled_reason = 'customer'")
    refused = pytest.raises(IntegrityError, match="cancelled is not followed by pending")
    with refused, transaction.atomic():
        Order.objects.update(status="pending")
    ways = OrderStatusChange.objects.order_by("id").values_list("from_status", "to_status")
    assert list(ways) == [(None, "pending"), ("pending", "confirmed"), ("confirmed", "cancelled")]
    assert selectors.history_of(order).count() == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.update(total_minor=1)


def test_a_discount_is_spread_to_the_cent(shop):
    order = order_of(999, 1, 2000)
    promotion = factories.PromotionFactory(discount_type="amount", discount_value=1000)
    use = services.apply_promotion(order, promotion)
    assert services.apply_promotion(order, promotion) == use
    order.refresh_from_db()
    assert (order.subtotal_minor, order.discount_total_minor, order.total_minor) == (
        3000,
        1000,
        2260,
    )
    shares = order.items.order_by("pk").values_list("discount_minor", flat=True)
    assert (sum(shares), list(shares)) == (1000, [333, 0, 667])
    promotion.refresh_from_db()
    assert promotion.times_used == 1


def test_promotions_hold_for_what_they_say(shop):
    order = order_of(1000, 2000)
    covered = order.items.order_by("pk").first()
    fixed = factories.PromotionFactory(
        discount_type="fixed_price", discount_value=700, stackable=True
    )
    fixed.products.create(product=covered.product)
    assert services.apply_promotion(order, fixed).discount_minor == 300
    now = timezone.now()
    today = now.isoweekday() % 7
    for wrong, why in (
        ({"status": "paused"}, "is paused"),
        ({"starts_at": now + timedelta(days=1)}, "not on now"),
        ({"days_of_week": [(today + 3) % 7]}, "not on today"),
        ({"minimum_subtotal_minor": 3001}, "larger order"),
        ({"store": factories.StoreFactory()}, "another shop"),
        ({"stackable": False}, "does not go with another"),
        ({"stackable": True, "maximum_uses": 0}, "as often as it can be"),
    ):
        with pytest.raises(PromotionError, match=why):
            services.apply_promotion(order, factories.PromotionFactory(**wrong))


# --- deliveries -------------------------------------------------------------------------------


def test_nothing_is_handed_over_without_a_look_at_the_age(shop):
    order = order_of(1000, fulfilment="delivery", status="confirmed")
    driver = factories.DriverFactory(store=order.store)
    delivery = services.schedule_delivery(order, WINDOW, {"street": "1 King St"})
    assert services.schedule_delivery(order, WINDOW, {"street": "2 King St"}).pk == delivery.pk
    services.assign_driver(delivery, driver)
    services.advance_delivery(delivery, "picked_up")
    with pytest.raises(StoreError, match="age was checked"):
        services.advance_delivery(delivery, "delivered")
    with pytest.raises(StoreError, match="does not follow"):
        services.advance_delivery(delivery, "assigned")
    delivery = services.advance_delivery(delivery, "delivered", age_checked=True)
    order.refresh_from_db()
    assert (delivery.status, order.status) == ("delivered", "completed")
    events = selectors.events_of(delivery).values_list("event_type", flat=True)
    assert sorted(events) == ["assigned", "delivered", "picked_up"]
    assert list(selectors.deliveries_between(*WINDOW)) == [delivery]
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("UPDATE deliveries SET age_checked_at = NULL")


def test_deliveries_that_cannot_be(shop):
    pickup = order_of(1000, status="confirmed")
    with pytest.raises(StoreError, match="not delivered"):
        services.schedule_delivery(pickup, WINDOW, {})
    order = order_of(1000, fulfilment="delivery", status="confirmed")
    with pytest.raises(StoreError, match="ends after"):
        services.schedule_delivery(order, WINDOW[::-1], {})
    delivery = services.schedule_delivery(order, WINDOW, {})
    for driver in (
        factories.DriverFactory(),
        factories.DriverFactory(store=order.store, status="suspended"),
    ):
        with pytest.raises(StoreError):
            services.assign_driver(delivery, driver)


# --- messages ---------------------------------------------------------------------------------


def test_a_broadcast_reaches_those_who_agreed_once(shop):
    broadcast = factories.BroadcastFactory(segment_filter={"tags": ["gold"]})
    ada = factories.CustomerFactory(first_name="Ada", tags=["gold", "new"])
    factories.CustomerFactory(tags=["gold"], preferred_contact="none")
    factories.CustomerFactory(tags=["silver"])
    unreachable = factories.CustomerFactory(tags=["gold"], email="")
    assert services.send_broadcast(broadcast) == 1
    assert (broadcast.status, len(mail.outbox)) == ("sent", 1)
    assert mail.outbox[0].to == [ada.email]
    assert mail.outbox[0].body.startswith("Hello Ada,")
    assert broadcast.store.name in mail.outbox[0].subject
    bounced = BroadcastRecipient.objects.get(customer=unreachable)
    assert (bounced.status, bounced.bounce_reason) == ("bounced", "no address")
    with pytest.raises(StoreError, match="is sent"):
        services.send_broadcast(broadcast)


def test_an_interrupted_broadcast_goes_on(shop):
    broadcast = factories.BroadcastFactory()
    factories.CustomerFactory.create_batch(3)

    class Broken:
        sent = []

        def send(self, customer, subject, body):
            if len(self.sent) == 1 and not getattr(self, "mended", False):
                raise RuntimeError("gateway died")
            self.sent.append(customer.pk)

    gateway = Broken()
    with pytest.raises(RuntimeError):
        services.send_broadcast(broadcast, {"email": gateway})
    gateway.mended = True
    assert services.send_broadcast(broadcast, {"email": gateway}) == 2
    assert len(set(gateway.sent)) == len(gateway.sent) == 3


def test_broadcasts_that_cannot_be_sent(shop):
    with pytest.raises(StoreError, match="by sms"):
        services.send_broadcast(factories.BroadcastFactory(channel="sms"))
    with pytest.raises(StoreError, match="filtered by moon"):
        services.send_broadcast(factories.BroadcastFactory(segment_filter={"moon": 1}))
    draft = factories.BroadcastFactory()
    services.schedule_broadcast(draft, timezone.now())
    assert list(selectors.due_broadcasts(timezone.now())) == [draft]


def test_a_conversation_keeps_what_was_said_in_order(shop):
    conversation = factories.ConversationFactory()
    services.say(conversation, "user", "Something calming for the evening?")
    services.say(conversation, "assistant", "Pink Kush is an indica.", tokens=(20, 8))
    conversation.refresh_from_db()
    assert (conversation.message_count, conversation.total_tokens) == (2, 28)
    assert [m.position for m in conversation.messages.all()] == [1, 2]
    assert selectors.search_messages("calm").get().role == "user"
    services.hand_over(conversation)
    services.say(conversation, "assistant", "This is Sam, how can I help?")
    services.close(conversation, "wanted an indica")
    with pytest.raises(StoreError, match="closed"):
        services.say(conversation, "user", "Hello?")
    with pytest.raises(StoreError):
        services.hand_over(conversation)
