"""Rules, buckets and violations for tests."""

from __future__ import annotations

import factory
from django.utils import timezone

from ratelimit.keys import hash_of
from ratelimit.models import RateLimitBucket, RateLimitRule, RateLimitViolation


class RateLimitRuleFactory(factory.django.DjangoModelFactory):
    """Five tokens that do not come back, so that tests need no clock."""

    class Meta:
        model = RateLimitRule
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda number: f"orders{number}")
    capacity = 5
    refill_per_sec = 0


class RateLimitBucketFactory(factory.django.DjangoModelFactory):
    """A bucket of one token."""

    class Meta:
        model = RateLimitBucket

    rule = factory.SubFactory(RateLimitRuleFactory)
    key_hash = factory.Sequence(lambda number: hash_of(f"user:{number}"))
    tokens = 1.0


class RateLimitViolationFactory(factory.django.DjangoModelFactory):
    """Three refusals of this minute."""

    class Meta:
        model = RateLimitViolation

    rule = factory.SubFactory(RateLimitRuleFactory)
    key_hash = factory.Sequence(lambda number: hash_of(f"user:{number}"))
    minute = factory.LazyFunction(lambda: timezone.now().replace(second=0, microsecond=0))
    tenant = "queen"
    hits = 3
    sample_path = "/orders/"
    sample_ip = "192.0.2.7"
    sample_agent = "curl/8.5"
