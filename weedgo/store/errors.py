"""What can go wrong in the store, said so that a caller can act on it."""


class StoreError(Exception):
    """Something in the store cannot be done; the message is one line."""


class PromotionError(StoreError):
    """A promotion or a code does not hold for an order."""
