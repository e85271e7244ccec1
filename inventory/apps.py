"""The app of stock, lots and what moved them."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Stock of packaged cannabis by place, SKU and lot; in each tenant's schema."""

    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Call columns what people call them."""
        from weedgo.store.naming import name_fields

        name_fields(self)
