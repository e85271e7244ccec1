"""The tenant's tables that no other app owns."""

from weedgo.store.models.catalogue import Brand, Category, PriceChange, Product, Review, Store
from weedgo.store.models.deliveries import Delivery, DeliveryEvent, DeliveryZone, Driver
from weedgo.store.models.messages import (
    Broadcast,
    BroadcastRecipient,
    Channel,
    Conversation,
    Message,
    MessageTemplate,
    Notification,
)
from weedgo.store.models.orders import Cart, CartItem, Order, OrderItem, OrderStatusChange, TaxRate
from weedgo.store.models.people import (
    Customer,
    LoginEvent,
    RecentLogins,
    Role,
    UserRole,
    Wishlist,
)
from weedgo.store.models.promotions import DiscountCode, Promotion, PromotionProduct, PromotionUse

__all__ = [
    "Brand", "Broadcast", "BroadcastRecipient", "Cart", "CartItem", "Category", "Channel",
    "Conversation", "Customer", "Delivery", "DeliveryEvent", "DeliveryZone", "DiscountCode",
    "Driver", "LoginEvent", "Message", "MessageTemplate", "Notification", "Order", "OrderItem",
    "OrderStatusChange", "PriceChange", "Product", "Promotion", "PromotionProduct",
    "PromotionUse", "RecentLogins", "Review", "Role", "Store", "TaxRate", "UserRole", "Wishlist",
]  # fmt: skip
