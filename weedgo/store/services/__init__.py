"""What changes the store's rows."""

from weedgo.store.services.conversations import close, hand_over, say, start_conversation
from weedgo.store.services.deliveries import advance_delivery, assign_driver, schedule_delivery
from weedgo.store.services.people import keep_for_later, record_login
from weedgo.store.services.promotions import apply_code, apply_promotion
from weedgo.store.services.sending import schedule_broadcast, send_broadcast

__all__ = [
    "advance_delivery", "apply_code", "apply_promotion", "assign_driver", "close", "hand_over",
    "keep_for_later", "record_login", "say", "schedule_broadcast", "schedule_delivery",
    "send_broadcast", "start_conversation",
]  # fmt: skip
