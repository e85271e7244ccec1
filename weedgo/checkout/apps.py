"""The app that places orders."""

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    """Joins store, inventory and payments; it has no tables of its own."""

    name = "weedgo.checkout"
    label = "checkout"
