"""What can go wrong with money, said so that a caller can act on it."""


class PaymentError(Exception):
    """Something about a payment cannot be done; the message is one line."""


class InsideTransactionError(PaymentError):
    """A provider would be called, and what is known of it lost by a rollback."""


class RequestReusedError(PaymentError):
    """The same request key came with another request."""


class NoProviderError(PaymentError):
    """No active provider takes that method and currency."""


class ProvidersDownError(NoProviderError):
    """Those who take that method and currency are all left alone for a while; nothing was asked."""


class NotSupportedError(PaymentError):
    """The method of payment does not know that operation."""


class RefundTooLargeError(PaymentError):
    """More would go back than came in."""


class CaptureTooLargeError(PaymentError):
    """More would be captured than was authorized."""


class ForgedWebhookError(PaymentError):
    """An event is not signed by its provider, or was signed too long ago."""


class SettlementFileError(PaymentError):
    """A file of a provider or a bank cannot be read; the message names line and column."""
