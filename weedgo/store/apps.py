"""The app of what a shop sells, to whom, and what it says to them."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Products, orders, deliveries, promotions and messages; in each tenant's schema."""

    name = "weedgo.store"
    label = "store"
    verbose_name = "Store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Call columns what people call them."""
        from weedgo.store.naming import name_fields

        name_fields(self)
