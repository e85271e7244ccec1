"""What can go wrong when an order is placed."""


class CheckoutError(Exception):
    """An order cannot be placed; the message is one line."""


class KeyReusedError(CheckoutError):
    """The same checkout key came with other lines."""
