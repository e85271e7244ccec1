"""Believable rows of payments, for tests and for developers at the shell."""

from __future__ import annotations

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from payments import models


class ProviderFactory(DjangoModelFactory):
    """The sandbox, which knows a key again."""

    class Meta:
        model = models.Provider

    code = factory.Sequence(lambda n: f"sandbox{n}")
    name = factory.Sequence(lambda n: f"Sandbox {n}")
    kind = "sandbox"
    adapter = "sandbox"
    methods = ["card", "interac"]
    deduplicates = True


class CashFactory(ProviderFactory):
    """The drawer."""

    code = factory.Sequence(lambda n: f"cash{n}")
    name = "Cash"
    kind = "cash"
    adapter = "cash"
    methods = ["cash"]
    deduplicates = False


class SettlementFactory(DjangoModelFactory):
    """A payout of a hundred dollars less the fee."""

    class Meta:
        model = models.Settlement

    provider = factory.SubFactory(ProviderFactory)
    payout_reference = factory.Sequence(lambda n: f"po_{n:06}")
    payout_date = factory.LazyFunction(lambda: timezone.now().date())
    gross_minor = 10000
    fee_minor = 290
    net_minor = 9710


class DisputeFactory(DjangoModelFactory):
    """A chargeback whose sale is not known yet."""

    class Meta:
        model = models.Dispute

    provider = factory.SubFactory(ProviderFactory)
    provider_reference = factory.Sequence(lambda n: f"dp_{n:06}")
    reason = "fraudulent"
    amount_minor = 2995
    evidence_due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
