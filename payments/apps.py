"""The app of money: charges, refunds, disputes, settlements and the ledger."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Payments of orders and what became of them; in each tenant's schema."""

    name = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Call columns what people call them."""
        from weedgo.store.naming import name_fields

        name_fields(self)
