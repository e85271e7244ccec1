"""Rows of the audit log for tests. Entries pass by the service, as all others do."""

from __future__ import annotations

import factory
from django.utils import timezone

import audit
from audit.models import AuditAggregate, AuditAlert, AuditLog


class AuditLogFactory(factory.django.DjangoModelFactory):
    """An entry; the database says when."""

    class Meta:
        model = AuditLog

    event_type = factory.Iterator(["order.placed", "login.succeeded", "price.changed"])
    category = "business"
    actor_type = "user"
    actor_id = factory.Sequence(str)
    actor_label = factory.Sequence(lambda number: f"clerk{number}")
    route = "/orders/"
    method = "POST"
    status = 201

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.get(pk=audit.record(kwargs.pop("event_type"), **kwargs))


class AuditAggregateFactory(factory.django.DjangoModelFactory):
    """An hour of one type of event."""

    class Meta:
        model = AuditAggregate

    bucket_start = factory.LazyFunction(
        lambda: timezone.now().replace(minute=0, second=0, microsecond=0)
    )
    event_type = factory.Sequence(lambda number: f"order.step{number}")
    count = 120
    errors = 3
    sum_ms = 4800
    max_ms = 950


class AuditAlertFactory(factory.django.DjangoModelFactory):
    """An open alert."""

    class Meta:
        model = AuditAlert

    rule_key = "login.failures"
    dedup_key = factory.Sequence(lambda number: f"login.failures:user{number}")
    occurrences = 4
