"""Which provider is asked: who answers well comes before who does not, then what it costs."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Now

from payments import health
from payments.errors import NoProviderError, ProvidersDownError
from payments.models import Circuit, Method, Provider


def candidates(method: Method, currency: str) -> list[Provider]:
    """Return who takes a method and currency, in the order in which they are asked.

    Those who are ailing come last, but not one whose turn for a probe has come: only a call can
    show that it is back. Then goes the priority that the operator gave, then the fee.

    Raises:
        NoProviderError: nobody does.
    """
    able = Provider.objects.filter(
        is_active=True, methods__contains=[method], supported_currencies__contains=[currency]
    )
    providers = list(able.order_by("priority", "fee_basis_points", "code"))
    if not providers:
        raise NoProviderError(f"no active provider takes {method} in {currency}")
    if len(providers) > 1:
        ailing = {one.provider for one in health.window(method=method) if one.is_ailing}
        ailing -= set(
            Circuit.objects.filter(method=method, retry_at__lte=Now())
            .exclude(state="closed")
            .values_list("provider_id", flat=True)
        )
        providers.sort(key=lambda provider: provider.pk in ailing)
    return providers


def pick_provider(method: Method, currency: str) -> Provider:
    """Return who would be asked first now.

    Raises:
        NoProviderError: nobody takes that method and currency.
        ProvidersDownError: those who do are left alone for a while.
    """
    able = candidates(method, currency)
    resting = set(
        Provider.objects.filter(
            Q(circuits__retry_at__gt=Now()) & ~Q(circuits__state="closed"), circuits__method=method
        ).values_list("pk", flat=True)
    )
    for provider in able:
        if provider.pk not in resting:
            return provider
    raise ProvidersDownError(f"all who take {method} in {currency} are failing")
