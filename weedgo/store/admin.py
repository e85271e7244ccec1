"""The store in a tenant's admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action

from weedgo.store import models, selectors, services
from weedgo.store.admin_base import ReadOnlyAdmin, ReadOnlyInline, ShopAdmin, label, money
from weedgo.store.errors import StoreError
from weedgo.tenancy.filters import DayRangeFilter

STATUS = {
    "active": "success", "available": "success", "closed": "success", "completed": "success",
    "confirmed": "info", "delivered": "success", "open": "info", "paid": "success",
    "pending": "warning", "preparing": "info", "published": "success", "ready": "info",
    "refunded": "warning", "scheduled": "info", "sending": "info", "sent": "success",
    "success": "success", "assigned": "info", "picked_up": "info", "en_route": "info",
    "unpaid": "warning", "failed": "danger", "failure": "danger", "locked": "danger",
    "cancelled": "danger", "suspended": "danger", "blocked": "danger", "rejected": "danger",
    "handed_over": "warning",
}  # fmt: skip


# --- catalogue --------------------------------------------------------------------------------


@admin.register(models.Store)
class StoreAdmin(ShopAdmin):
    """Shops."""

    list_display = ["name", "code", "city", "crol_number", "license_expires_on", "shown_status"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["name", "code", "crol_number", "city"]
    shown_status = label("status", STATUS)


@admin.register(models.Brand)
class BrandAdmin(ShopAdmin):
    """Brands."""

    list_display = ["name", "licence_number", "country_code"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(models.Category)
class CategoryAdmin(ShopAdmin):
    """The tree of categories."""

    list_display = ["path", "name", "sort_order", "excise_class"]
    search_fields = ["name", "path"]
    autocomplete_fields = ["parent"]


class PriceInline(ReadOnlyInline):
    """What it cost."""

    model = models.PriceChange
    fields = ["changed_at", "old_price_minor", "new_price_minor", "cost_at_change_minor"]


@admin.register(models.Product)
class ProductAdmin(ShopAdmin):
    """Products; the search is the shop's own."""

    list_display = ["sku", "name", "brand", "category", "price", "popularity", "is_active"]
    list_filter = [
        ("category", RelatedDropdownFilter),
        ("brand", RelatedDropdownFilter),
        ("plant_type", ChoicesDropdownFilter),
    ]
    list_select_related = ["brand", "category"]
    search_fields = ["sku", "name"]
    autocomplete_fields = ["brand", "category"]
    readonly_fields = ["search_vector", "rating_average", "rating_count", "popularity"]
    exclude = ["search_vector"]
    inlines = [PriceInline]
    price = money("retail_price_minor", "price")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By SKU or, if that is none, by words."""
        if not search_term:
            return queryset, False
        by_sku = selectors.product_by_any_case(search_term).values("pk")
        if by_sku.exists():
            return queryset.filter(pk__in=by_sku), False
        found = selectors.search_products(search_term).order_by().values("pk")
        return queryset.filter(pk__in=found), False


@admin.register(models.PriceChange)
class PriceChangeAdmin(ReadOnlyAdmin):
    """What products cost."""

    list_display = ["changed_at", "sku", "old_price", "new_price", "changed_by"]
    list_filter = [("changed_at", DayRangeFilter)]
    search_fields = ["=sku"]
    old_price = money("old_price_minor", "before")
    new_price = money("new_price_minor", "after")


@admin.register(models.Review)
class ReviewAdmin(ShopAdmin):
    """Reviews to moderate."""

    list_display = ["created_at", "product", "rating", "title", "shown_status"]
    list_filter = [("status", ChoicesDropdownFilter), "rating"]
    list_select_related = ["product"]
    search_fields = ["product__name", "title", "body"]
    readonly_fields = ["product", "store", "user", "rating", "title", "body", "verified_purchase"]
    shown_status = label("status", STATUS)


# --- people -----------------------------------------------------------------------------------


@admin.register(models.Customer)
class CustomerAdmin(ShopAdmin):
    """Customers."""

    list_display = ["last_name", "first_name", "email", "preferred_contact", "last_order_at"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("preferred_contact", ChoicesDropdownFilter),
        ("last_order_at", DayRangeFilter),
    ]
    search_fields = ["last_name", "first_name", "email", "phone"]
    autocomplete_fields = ["home_store"]
    readonly_fields = ["user", "last_order_at"]


@admin.register(models.Role)
class RoleAdmin(ShopAdmin):
    """Roles."""

    list_display = ["name", "rank", "is_system"]
    search_fields = ["name"]


@admin.register(models.LoginEvent)
class LoginEventAdmin(ReadOnlyAdmin):
    """Attempts to log in."""

    list_display = ["occurred_at", "email", "shown_outcome", "method", "ip_address"]
    list_filter = [
        ("occurred_at", DayRangeFilter),
        ("outcome", ChoicesDropdownFilter),
        ("method", ChoicesDropdownFilter),
    ]
    search_fields = ["email", "ip_address"]
    shown_outcome = label("outcome", STATUS)


@admin.register(models.RecentLogins)
class RecentLoginsAdmin(ReadOnlyAdmin):
    """Who logged in over the last thirty days."""

    list_display = ["email", "logins", "failures", "last_seen_at", "networks"]
    search_fields = ["email"]


@admin.register(models.Wishlist)
class WishlistAdmin(ReadOnlyAdmin):
    """What customers keep for later."""

    list_display = ["added_at", "user", "product", "notify_on_restock"]
    list_filter = ["notify_on_restock"]
    list_select_related = ["user", "product"]
    search_fields = ["sku", "product__name"]


# --- orders -----------------------------------------------------------------------------------


class OrderItemInline(ReadOnlyInline):
    """An order's lines."""

    model = models.OrderItem
    fields = ["sku", "product_name", "quantity", "unit_price_minor", "discount_minor",
              "line_total_minor", "batch_lot"]  # fmt: skip


class StatusChangeInline(ReadOnlyInline):
    """How an order came to where it is."""

    model = models.OrderStatusChange
    fields = ["changed_at", "from_status", "to_status", "reason_code", "changed_by"]


@admin.register(models.Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders; they are placed and changed by services."""

    list_display = ["order_number", "placed_at", "store", "customer", "total", "shown_status",
                    "shown_payment"]  # fmt: skip
    list_filter = [
        ("placed_at", DayRangeFilter),
        ("status", ChoicesDropdownFilter),
        ("payment_status", ChoicesDropdownFilter),
        ("fulfilment", ChoicesDropdownFilter),
        ("store", RelatedDropdownFilter),
    ]
    list_select_related = ["store", "customer"]
    search_fields = ["order_number", "external_reference", "customer__last_name"]
    inlines = [OrderItemInline, StatusChangeInline]
    total = money("total_minor", "total")
    shown_status = label("status", STATUS, "status")
    shown_payment = label("payment_status", STATUS, "payment")


@admin.register(models.TaxRate)
class TaxRateAdmin(ShopAdmin):
    """Taxes by region and time."""

    list_display = ["region", "name", "combined_rate", "effective_from", "effective_to"]
    list_filter = ["region"]
    readonly_fields = ["combined_rate"]


@admin.register(models.Driver)
class DriverAdmin(ShopAdmin):
    """Drivers."""

    list_display = ["user", "store", "vehicle_type", "licence_expires_on", "shown_status"]
    list_filter = [("status", ChoicesDropdownFilter), ("store", RelatedDropdownFilter)]
    list_select_related = ["user", "store"]
    search_fields = ["cannsell_certificate"]
    raw_id_fields = ["user"]
    autocomplete_fields = ["store"]
    shown_status = label("status", STATUS)


class DeliveryEventInline(ReadOnlyInline):
    """What happened on the way."""

    model = models.DeliveryEvent
    fields = ["occurred_at", "event_type", "latitude", "longitude", "details"]


@admin.register(models.Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Deliveries; they are scheduled and advanced by services."""

    list_display = ["order", "store", "driver", "window_start", "window_end", "shown_status"]
    list_filter = [
        ("window_start", DayRangeFilter),
        ("status", ChoicesDropdownFilter),
        ("store", RelatedDropdownFilter),
    ]
    list_select_related = ["order", "store", "driver"]
    search_fields = ["order__order_number"]
    inlines = [DeliveryEventInline]
    shown_status = label("status", STATUS)


@admin.register(models.DeliveryZone)
class DeliveryZoneAdmin(ShopAdmin):
    """Where shops deliver."""

    list_display = ["name", "store", "base_fee", "is_active"]
    list_filter = [("store", RelatedDropdownFilter)]
    search_fields = ["name"]
    base_fee = money("base_fee_minor", "fee")


# --- promotions and messages ------------------------------------------------------------------


class PromotionProductInline(admin.TabularInline):
    """What a promotion covers."""

    model = models.PromotionProduct
    autocomplete_fields = ["product"]
    extra = 0


@admin.register(models.Promotion)
class PromotionAdmin(ShopAdmin):
    """Promotions."""

    list_display = ["name", "discount_type", "starts_at", "ends_at", "times_used", "shown_status"]
    list_filter = [("status", ChoicesDropdownFilter), ("starts_at", DayRangeFilter)]
    search_fields = ["name"]
    readonly_fields = ["times_used", "created_by"]
    autocomplete_fields = ["store"]
    inlines = [PromotionProductInline]
    shown_status = label("status", STATUS)


@admin.register(models.DiscountCode)
class DiscountCodeAdmin(ShopAdmin):
    """Codes."""

    list_display = ["code", "promotion", "valid_until", "redeemed_count", "is_active"]
    list_filter = ["is_active", ("valid_until", DayRangeFilter)]
    list_select_related = ["promotion"]
    search_fields = ["code"]
    readonly_fields = ["redeemed_count"]
    autocomplete_fields = ["promotion"]


@admin.register(models.MessageTemplate)
class MessageTemplateAdmin(ShopAdmin):
    """Texts."""

    list_display = ["code", "channel", "language", "subject", "is_active"]
    list_filter = [("channel", ChoicesDropdownFilter), "language"]
    search_fields = ["code", "subject", "body"]


@admin.register(models.Broadcast)
class BroadcastAdmin(ShopAdmin):
    """Broadcasts; what was sent is not changed."""

    list_display = ["name", "store", "channel", "scheduled_at", "sent_at", "shown_status"]
    list_filter = [("status", ChoicesDropdownFilter), ("channel", ChoicesDropdownFilter)]
    list_select_related = ["store"]
    search_fields = ["name"]
    autocomplete_fields = ["store", "template"]
    readonly_fields = ["status", "sent_at", "created_by"]
    actions_detail = ["send_now"]
    shown_status = label("status", STATUS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Drafts and scheduled ones only."""
        # Unfold asks for its actions by the row's id; the service refuses what was sent.
        open_still = getattr(obj, "status", "draft") in ("draft", "scheduled")
        return open_still and super().has_change_permission(request, obj)

    @action(description="Send now", permissions=["change"])
    def send_now(self, request: HttpRequest, object_id: int) -> Any:
        """Send it to all who agreed."""
        from django.shortcuts import redirect
        from django.urls import reverse

        broadcast = models.Broadcast.objects.get(pk=object_id)
        try:
            sent = services.send_broadcast(broadcast)
            messages.success(request, f"{sent} messages were sent.")
        except StoreError as error:
            messages.error(request, str(error))
        return redirect(reverse("admin:store_broadcast_change", args=[object_id]))


class MessageInline(ReadOnlyInline):
    """What was said."""

    model = models.Message
    fields = ["position", "role", "content", "created_at"]


@admin.register(models.Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """The budtender's conversations."""

    list_display = ["started_at", "store", "customer", "channel", "message_count", "shown_status"]
    list_filter = [
        ("started_at", DayRangeFilter),
        ("status", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
    ]
    list_select_related = ["store", "customer"]
    search_fields = ["customer__last_name", "summary"]
    inlines = [MessageInline]
    shown_status = label("status", STATUS)
