"""What can go wrong with money, said so that a caller can act on it."""


class PaymentError(Exception):
    """Something about a payment cannot be done; the message is one line."""


class InsideTransactionError(PaymentError):
    """A provider would be called, and what is known of it lost by a rollback."""


class RequestReusedError(PaymentError):
    """The same request key came with another request."""


class NoProviderError(PaymentError):
    """No active provider takes that method and currency."""


class RefundTooLargeError(PaymentError):
    """More would go back than came in."""
